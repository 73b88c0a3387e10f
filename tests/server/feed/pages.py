"""What a node shows to somebody who reads."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from server.feed.memory import FEED_MEMORY
from tests.server.live.stage import Node, Somebody
from tests.waiting import LIMIT_SECONDS, until


async def read(http: aiohttp.ClientSession, node: Node, who: Somebody | None, path: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {who.token}"} if who else {}
    async with http.get(f"{node.url}/api/v1{path}", headers=headers, raise_for_status=True) as response:
        body: dict[str, Any] = await response.json()
        return body


async def feed(http: aiohttp.ClientSession, node: Node, who: Somebody, query: str = "") -> dict[str, Any]:
    return await read(http, node, who, f"/feed/following{query}")


async def call(http: aiohttp.ClientSession, method: str, node: Node, who: Somebody, path: str, **options: Any) -> int:
    headers = {"Authorization": f"Bearer {who.token}"}
    async with http.request(method, f"{node.url}/api/v1{path}", headers=headers, **options) as response:
        await response.read()
        return response.status


def ids(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["items"]]


async def shown(http: aiohttp.ClientSession, node: Node, who: Somebody, so: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the newest item of the feed is so."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while not so((await feed(http, node, who))["items"][0]):
            pass


def texts(item: dict[str, Any]) -> list[str]:
    return [comment["text"] for comment in item["top_comments"]]


async def ready(node: Node) -> None:
    await until(lambda: node.app[FEED_MEMORY].position() is not None, "the memory")
