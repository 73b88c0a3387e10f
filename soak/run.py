"""One run: a system of its own, writers, clients and faults for a while; then quiet, and the proof."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp

from server.kit.tasks import running
from soak import clients, writers
from soak.checker import Verdict, check
from soak.clients import Client
from soak.faults import Faults
from soak.history import Heard, History, of
from soak.link import Link
from soak.people import PATIENCE_SECONDS, Person
from soak.restarts import Restarts
from soak.system import System, settings_of
from soak.system import running as system_running
from soak.writers import Author
from storage.postgres import AWAY, Pool, close_pool, open_pool

CONNECTIONS = 16
POLL_SECONDS = 0.5
LONG_SECONDS = 60.0
"""Runs from this length on have faults that take long."""
TOKEN_SECONDS = "120"
"""Tokens expire in a run of some minutes, and `reauthenticate` comes a minute ahead."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run consists of.

    Attributes:
        seconds: for how long things happen.
        seed: decides what happens; when it does the machine has a say in as well.
        restarts: so many restarts one after the other, instead of faults; with them the run has an end, and needs no `seconds`.
    """

    seconds: float
    seed: int
    authors: int = 6
    followers: int = 10
    restarts: int = 0


async def run(plan: Plan, folder: Path, log: Path) -> tuple[Verdict, History]:
    """Run it and prove it.

    Raises:
        RuntimeError: the system did not start, or did not come back in the end.
    """
    async with system_running(folder, REELWIRE_ACCESS_TOKEN_SECONDS=TOKEN_SECONDS) as system:
        pool = await open_pool(settings_of(folder).database_url, CONNECTIONS, "soak")
        try:
            with log.open("wb") as file:
                history = History(file)
                await _happen(plan, system, pool, history)
        finally:
            await close_pool(pool)
    return check(history.records), history


async def _happen(plan: Plan, system: System, pool: Pool, history: History) -> None:
    chance = random.Random(plan.seed)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(system.url, cookie_jar=aiohttp.DummyCookieJar()))
        authors, followers = (
            [Person(http, history) for _ in range(plan.authors)],
            [Person(http, history) for _ in range(plan.followers)],
        )
        for person in (*authors, *followers):
            await person.sign_up("soak")
        for person in followers:
            # Half of the authors for good: these are owed everything. The others come and go.
            for author in authors[: plan.authors // 2]:
                await person.surely("follow", author.id, "PUT", f"/me/following/{author.id}")
        online = [await _online(stack, system, person, history, chance) for person in followers]
        fickle = authors[plan.authors // 2 :]
        writing = [Author(person, pool, history, random.Random(chance.random())) for person in authors]
        happening = [author.run() for author in writing]
        happening += [writers.fickle(person, fickle, random.Random(chance.random())) for person in followers]
        if plan.restarts:
            happening.append(Restarts(system, history, plan.restarts).run())
        else:
            long = plan.seconds >= LONG_SECONDS
            happening.append(Faults(system, online, history, random.Random(chance.random()), long=long).run())
        await _beside(happening, None if plan.restarts else plan.seconds)
        await _quiet(online, pool, [UUID(person.id) for person in (*authors, *followers)], writing[0], history)


async def _beside(happening: Sequence[Coroutine[Any, Any, None]], seconds: float | None) -> None:
    """Let all of this happen for a while, or until one of them is done; where one of them fails there is no run."""
    async with AsyncExitStack() as stack:
        tasks = [await stack.enter_async_context(running("soak", one)) for one in happening]
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


async def _online(stack: AsyncExitStack, system: System, person: Person, history: History, chance: random.Random) -> Client:
    host, _, port = system.url.removeprefix("http://").partition(":")
    client = Client(person, Link(host, int(port)), history, random.Random(chance.random()))
    return await stack.enter_async_context(clients.online(client))


async def _quiet(online: list[Client], pool: Pool, ids: list[UUID], author: Author, history: History) -> None:
    """Nothing goes wrong any more: wait until everybody is back and has what there is. All of them follow this author."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await _waiting(pool, ids):  # noqa: ASYNC110 - another process tells nothing
            await asyncio.sleep(POLL_SECONDS)
        for client in online:
            client.link.cut()  # everybody begins once more, so that what is missing then is lost
            client.caught_up.clear()
        for client in online:
            await client.caught_up.wait()  # whoever is told to reload is not told of what came before
        last = await author.publish()  # it comes after everything else
        everybody = {client.account for client in online}
        while {one.client for one in of(history.records, Heard) if one.video == last} != everybody:  # noqa: ASYNC110 - notes
            await asyncio.sleep(POLL_SECONDS)
    await writers.truth(pool, ids, history)


async def _waiting(pool: Pool, ids: list[UUID]) -> bool:
    """Whether publications wait for their number, or PostgreSQL is away still."""
    try:
        return await writers.waiting(pool, ids) > 0
    except AWAY:
        return True
