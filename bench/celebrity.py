"""An author with very many followers, of whom some are online on several processes: what one publication asks of the parts.

Beside it stands, in the same run, an author whom only a few follow. What is counted are messages that Valkey is given and rows
that PostgreSQL writes: neither may grow with the followers.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import uvloop
from redis.asyncio import Redis

from bench import people
from bench.cpu import of_process
from bench.figures import Result
from bench.idle import ACCOUNT, SESSION, served
from bench.orders import Orders, given_orders
from bench.storm import FOLLOWER, FOLLOWING, LASTING, TOKEN_SECONDS
from bench.system import real_stores
from pubsub import channels
from pubsub.broker import Broker
from pubsub.opening import open_broker
from server.keys import derive
from server.kit.ids import new_id
from server.kit.tokens import Tokens
from server.settings import Settings
from storage.postgres import Pool, close_pool, open_pool

NODES = 2
ONLINE_OF = 50
"""One of so many followers is online."""
FEW = 100
"""Followers of the other author, all online."""
ROUNDS = 5
EACH = 20
"""Publications of each author in a round, one when the one before was heard by all."""
COPIED_AT_ONCE = 100_000
SETTLE_SECONDS = 2.0
"""PostgreSQL's processes tell what they wrote within a second of being idle (its manual, 27.2)."""
HEARD_SECONDS = 30.0
WRITTEN = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one publication: messages to the broker, rows written, milliseconds of the nodes' processors."""

    messages: float
    rows: float
    cpu: float


@dataclass(slots=True)
class Author:
    """Somebody who publishes, the sockets of the followers on each node, and what that cost and how late it came (ms)."""

    id: UUID
    swarms: Sequence[Orders]
    online: int
    costs: list[Cost] = field(default_factory=list)
    late: list[float] = field(default_factory=list)


def run(folder: Path, followers: int) -> list[Result]:
    """The benchmark."""
    return uvloop.run(_run(folder, followers))


async def _run(folder: Path, followers: int) -> list[Result]:
    async with real_stores(folder) as stores, AsyncExitStack() as stack:
        given = {**stores, **LASTING}
        nodes = [await stack.enter_async_context(served(folder, given, "lean", nth)) for nth in range(NODES)]
        pool = await open_pool(given["REELWIRE_DATABASE_URL"], NODES, "bench")
        stack.push_async_callback(close_pool, pool)
        authors = []
        for count, online in ((followers, max(FEW, followers // ONLINE_OF)), (FEW, FEW)):
            swarms = [await stack.enter_async_context(given_orders("bench.swarm")) for _ in nodes]
            author_id, tokens = await _followed(pool, given, count, online)
            for nth, (swarm, (_, host, port)) in enumerate(zip(swarms, nodes, strict=True)):
                await swarm.give({"open": _opened(host, port, tokens[nth::NODES])})
            authors.append(Author(author_id, swarms, online))
        broker = await stack.enter_async_context(open_broker(given["REELWIRE_VALKEY_URL"]))
        valkey = await stack.enter_async_context(Redis.from_url(given["REELWIRE_VALKEY_URL"]))
        parts = Parts(pool, valkey, broker, [process.pid for process, *_ in nodes])
        for nth in range(ROUNDS + 1):
            for author in authors:
                cost, late = await parts.publications(author)
                if nth:  # the first warms
                    author.costs.append(cost)
                    author.late += late
    return list(_results(followers, *authors))


@dataclass(frozen=True, slots=True)
class Parts:
    """What is published by, and looked at."""

    pool: Pool
    valkey: Redis
    broker: Broker
    pids: Sequence[int]

    async def publications(self, author: Author) -> tuple[Cost, list[float]]:
        """Publish EACH, each when everybody has the one before; what one of them costs, and when the probes had them."""
        videos = [await people.unpublished(self.pool, author.id, f"A clip @@{number}@@") for number in range(EACH)]
        for swarm in author.swarms:
            await swarm.give({"wake": True})
        late: list[float] = []
        before = await self._counted()
        for video_id in videos:
            orders = ({"gather": {"messages": 1, "seconds": HEARD_SECONDS}} for _ in author.swarms)
            gathering = asyncio.gather(*(swarm.give(order) for swarm, order in zip(author.swarms, orders, strict=True)))
            told = time.monotonic()
            await people.publish(self.pool, author.id, video_id)
            await self.broker.publish([(channels.OUTBOX, b"")])  # as the worker announces it
            answers = await gathering
            if not all(answer["complete"] for answer in answers):
                raise RuntimeError("not everybody had a publication")
            late += [(at - told) * 1000 for answer in answers for _, at in answer["came"]]
        spent = [(now - then) / EACH for now, then in zip(await self._counted(), before, strict=True)]
        return Cost(*spent), late

    async def _counted(self) -> tuple[float, float, float]:
        cpu = sum(of_process(pid) for pid in self.pids) * 1000
        await asyncio.sleep(SETTLE_SECONDS)
        # A connection tells what it wrote now and then; this is the one that published.
        await self.pool.execute("SELECT pg_stat_force_next_flush()")
        stats: Mapping[str, Any] = await self.valkey.info("commandstats")
        messages = sum(stats[name]["calls"] for name in ("cmdstat_publish", "cmdstat_spublish") if name in stats)
        return messages, await self.pool.fetchval(WRITTEN), cpu


async def _followed(pool: Pool, given: Mapping[str, str], count: int, online: int) -> tuple[UUID, list[str]]:
    """An author with so many followers, and a token for each of those who are online; the others are rows alone."""
    settings = Settings.from_environment(given)
    issue = Tokens(tuple(derive(secret) for secret in settings.secret_keys), TOKEN_SECONDS, TOKEN_SECONDS).access
    author_id, until = new_id(), datetime.now(UTC) + timedelta(days=1)
    people_online = [(new_id(), new_id()) for _ in range(online)]
    everybody = [author_id, *(who for who, _ in people_online)]
    async with pool.acquire() as conn:
        accounts = [(who, f"u{who.hex[-28:]}", who.hex, "") for who in everybody]
        await conn.copy_records_to_table("account", records=accounts, columns=ACCOUNT)
        sessions = [(who, login, "", until) for who, login in people_online]
        await conn.copy_records_to_table("session", records=sessions, columns=SESSION)
        followers = (everybody[1 + nth] if nth < online else new_id() for nth in range(count))
        while some := list(islice(followers, COPIED_AT_ONCE)):
            await conn.copy_records_to_table("following", records=[(who, author_id) for who in some], columns=FOLLOWING)
            await conn.copy_records_to_table("follower", records=[(author_id, who) for who in some], columns=FOLLOWER)
        await conn.execute("ANALYZE")
    return author_id, [issue(who, login) for who, login in people_online]


def _opened(host: str, port: int, tokens: Sequence[str]) -> Mapping[str, Any]:
    header = "Authorization: Bearer {}\r\n"
    at = {"host": host, "port": port, "path": "/api/v1/live", "header": header}
    return {**at, "hello": "", "until": '"welcome"', "each": list(tokens)}


def _results(followers: int, many: Author, few: Author) -> Iterator[Result]:
    names = f"to {followers:,}", f"to {FEW:,}"
    percentiles = {author.online: quantiles(author.late, n=100, method="inclusive") for author in (many, few)}
    spent = [median(cost.cpu for cost in author.costs) for author in (many, few)]
    notes = (
        f"{many.online:,} and {few.online:,} of the followers are online, on {NODES} processes; all heard every publication once",
        *(f"{online:,} sockets: half after {p[49]:.0f} ms, p99 {p[98]:.0f} ms" for online, p in percentiles.items()),
        f"{spent[0]:.0f} and {spent[1]:.1f} ms of the processes' CPU a publication, pulses and leases included",
    )
    about = "one publication"
    for unit, what in (("messages to the broker", "messages"), ("rows written", "rows")):
        ours, peer = ([getattr(cost, what) for cost in author.costs] for author in (many, few))
        yield Result(unit, *names, ours, peer, notes if what == "rows" else (), about if what == "messages" else "")
