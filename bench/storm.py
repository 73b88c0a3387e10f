"""A node is killed, and everybody who was on it comes back to the only other one: how long that takes, and what HTTP has of it.

Clients back off and honour hints as docs/live.md asks, half of them as apps do (a token in the upgrade) and half as pages (a new
ticket by HTTP for each attempt). Meanwhile their author publishes, and feeds are asked for at an even rate.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import aiohttp
import uvloop

from bench import people
from bench.figures import Result
from bench.idle import ACCOUNT, SESSION, served
from bench.orders import Orders, given_orders
from bench.system import real_stores
from server.keys import derive
from server.kit.ids import new_id
from server.kit.tokens import Tokens
from server.settings import Settings
from storage.postgres import Pool, close_pool, open_pool

TOKEN_SECONDS = 3_600
LASTING = {"REELWIRE_ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS)}
ASKED_A_SECOND = 50
"""Feeds; each is timed from when it was due."""
CALM_SECONDS = 10.0
"""So long HTTP is measured before the kill."""
PUBLISHED_EVERY_SECONDS = 0.5
WHOLE_SECONDS = 300.0
FEEDS = ("/api/v1/feed/latest", "/api/v1/feed/following")
PER_MILLE = 1000
FOLLOWING, FOLLOWER = ("account_id", "author_id"), ("author_id", "account_id")


def run(folder: Path, clients: int) -> Result:
    """The benchmark."""
    return uvloop.run(_run(folder, clients))


async def _run(folder: Path, clients: int) -> Result:
    async with (
        real_stores(folder) as stores,
        served(folder, given := {**stores, **LASTING}, "lean", 0, pool=10) as (killed, *first),
        served(folder, given, "lean", 1, pool=10) as (_, *second),
        given_orders("bench.returning") as orders,
    ):
        settings = Settings.from_environment(given)
        pool = await open_pool(settings.database_url, 2, "bench")
        try:
            author_id, tokens = await _followers(pool, settings, clients)
            storm = Storm(pool, author_id, f"http://{second[0]}:{second[1]}", tokens[0])
            async with asyncio.timeout(WHOLE_SECONDS):
                await orders.give({"go": {"to": first, "tokens": tokens}})
                await storm.publish(2)
                await orders.give({"heard": storm.published})
                calm = await storm.asked_until(asyncio.sleep(CALM_SECONDS))
                await orders.give({"to": second})
                await killed.kill()
                rough = await storm.asked_until(storm.publish_until(orders, clients))
        finally:
            await close_pool(pool)
    return _result(clients, calm, rough, storm)


class Storm:
    """What goes on while everybody comes back."""

    def __init__(self, pool: Pool, author_id: UUID, origin: str, token: str) -> None:
        self._pool = pool
        self._author_id = author_id
        self._origin = origin
        self._headers: tuple[dict[str, str], ...] = ({}, {"Authorization": f"Bearer {token}"})
        self.published: list[str] = []
        self.unanswered = 0
        self.report: dict[str, Any] = {}

    async def publish(self, count: int) -> None:
        for _ in range(count):
            video_id = await people.unpublished(self._pool, self._author_id)
            await people.publish(self._pool, self._author_id, video_id)
            self.published.append(str(video_id))

    async def publish_until(self, orders: Orders, clients: int) -> None:
        """Publish until everybody is back, and once more."""
        back = asyncio.create_task(orders.give({"heard": self.published}), name="all back")
        try:
            while not back.done():
                await self.publish(1)
                await asyncio.wait([back], timeout=PUBLISHED_EVERY_SECONDS)
            self.report = await back
        finally:
            back.cancel()
        await self.publish(1)
        self.report |= await orders.give({"heard": self.published}) | {"seconds": self.report["seconds"]}
        if (self.report["recovered"], self.report["in_order"]) != (clients, clients):
            raise RuntimeError(f"not everybody has everything: {self.report['recovered']}, {self.report['in_order']}")

    async def asked_until(self, end: Any) -> list[float]:
        """Seconds that each answer took, until the end has come."""
        seconds: list[float] = []
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as group:
            ending = group.create_task(end, name="what is measured")
            due = time.monotonic()
            while not ending.done():
                group.create_task(self._ask(http, len(seconds) % len(FEEDS), due, seconds), name="a feed")
                due += 1 / ASKED_A_SECOND
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        return seconds

    async def _ask(self, http: aiohttp.ClientSession, which: int, due: float, seconds: list[float]) -> None:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with http.get(self._origin + FEEDS[which], headers=self._headers[which]) as answer:
                await answer.read()
                if answer.status == HTTPStatus.OK:
                    seconds.append(time.monotonic() - due)
                    return
        self.unanswered += 1


async def _followers(pool: Pool, settings: Settings, count: int) -> tuple[UUID, list[str]]:
    """An author, and a token of each of so many followers."""
    issue = Tokens(tuple(derive(secret) for secret in settings.secret_keys), TOKEN_SECONDS, TOKEN_SECONDS).access
    author, *followers = [(new_id(), new_id()) for _ in range(count + 1)]
    until = datetime.now(UTC) + timedelta(days=1)
    everybody = [author, *followers]
    tables: dict[str, tuple[Sequence[tuple[Any, ...]], Sequence[str]]] = {
        "account": ([(who, f"u{who.hex[:28]}", who.hex, "") for who, _ in everybody], ACCOUNT),
        "session": ([(who, login, "", until) for who, login in everybody], SESSION),
        "following": ([(who, author[0]) for who, _ in followers], FOLLOWING),
        "follower": ([(author[0], who) for who, _ in followers], FOLLOWER),
    }
    async with pool.acquire() as conn:
        for table, (records, columns) in tables.items():
            await conn.copy_records_to_table(table, records=records, columns=columns)
    return author[0], [issue(who, login) for who, login in followers]


def _result(clients: int, calm: Sequence[float], rough: Sequence[float], storm: Storm) -> Result:
    report, taken = storm.report, storm.report["seconds"]
    refused = report["refused"]
    others = sum(refused.values()) - refused.get("503", 0) - refused.get("1012", 0)
    half, last = taken[len(taken) // 2], taken[-1]
    upgrades = f"{refused.get('503', 0):,} upgrades were refused with 503, {refused.get('1012', 0):,} with 1012"
    notes = (
        f"{clients:,} clients, half apps and half pages, from a killed process to the only other one;",
        f"half of them had caught up after {half:.1f} s, all after {last:.1f} s, each with recovered:true;",
        f"{upgrades}, and {others:,} attempts failed otherwise;",
        f"{len(storm.published)} publications, all heard by all, in order, {report['repeats']:,} repeats;",
        f"{len(rough):,} feeds answered meanwhile, {storm.unanswered} not; the slowest took {max(rough):.2f} s",
    )
    p99 = [quantiles(times, n=100)[98] * PER_MILLE for times in (rough, calm)]
    return Result("ms, p99 of feeds", "while all come back", "before", [p99[0]], [p99[1]], notes, "reconnect storm")
