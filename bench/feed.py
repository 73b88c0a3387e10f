"""GET /feed/following, beside GET /healthz of the same process: what a feed costs above the floor of an answer."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from bench import people
from bench.cpu import spent_by
from bench.figures import Result
from bench.system import ORIGIN, serving
from storage.postgres import close_pool, open_pool

ROUNDS, REQUESTS, AT_ONCE = 5, 300, 8
AUTHORS, VIDEOS_EACH = 20, 10
PAGE = 10


def run(folder: Path) -> Result:
    """The benchmark."""
    return asyncio.run(_run(folder))


async def _run(folder: Path) -> Result:
    ours, floor = [], []
    async with serving(folder) as server, server.client() as http:
        reader = await _prepare(http, server.settings.database_url)
        for number in range(ROUNDS + 1):
            with spent_by(server.pid) as feed:
                await _ask(http, f"/api/v1/feed/following?limit={PAGE}", reader)
            with spent_by(server.pid) as health:
                await _ask(http, "/healthz", {})
            if number:  # the first one warms up
                ours.append(feed.seconds / REQUESTS * 1e6)
                floor.append(health.seconds / REQUESTS * 1e6)
    notes = (
        f"{PAGE} videos a page, {AUTHORS} authors followed with {VIDEOS_EACH} videos each, {AT_ONCE} requests at a time",
        "only the CPU of serve; PostgreSQL's comes on top of a feed",
    )
    return Result("µs of CPU a request", "GET /feed/following", "GET /healthz", ours, floor, notes)


async def _prepare(http: aiohttp.ClientSession, database_url: str) -> Mapping[str, str]:
    """Authors with videos and one who follows them all; the headers of his requests."""
    pool = await open_pool(database_url, 4, "bench")
    _, token = await people.sign_up(http, ORIGIN, "reader")
    authors = [(await people.sign_up(http, ORIGIN, "author"))[0] for _ in range(AUTHORS)]
    await people.follow(http, ORIGIN, token, authors)
    for author_id in authors * VIDEOS_EACH:
        await people.publish(pool, author_id, await people.unpublished(pool, author_id))
    await close_pool(pool)
    return {"Authorization": f"Bearer {token}"}


async def _ask(http: aiohttp.ClientSession, path: str, headers: Mapping[str, str]) -> None:
    """So many requests, so many at a time."""

    async def some() -> None:
        for _ in range(REQUESTS // AT_ONCE):
            async with http.get(f"{ORIGIN}{path}", headers=headers, raise_for_status=True) as response:
                await response.read()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())
