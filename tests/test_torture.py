"""Workers and their children are killed again and again while clips are made: each is ready in the end, and published once.

`REELWIRE_TORTURE=20 ./reelwire test tests/test_torture.py` kills twenty times.
"""

import asyncio
import json
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web

from server import schedule
from server.kit.request import POOL, SETTINGS, STORE
from server.kit.tasks import running
from server.settings import Settings
from server.transcoding import lost, strays
from server.videos import removals
from server.videos.actions import JOB
from soak.system import System, strike, tree
from soak.system import running as whole_system
from stack import environment
from storage import job_steps, walks
from storage.postgres import connection
from tests.clips import unique
from tests.follower import Follower
from tests.killing import STEP_SECONDS, Someone
from tests.waiting import until

KILLS = int(os.environ.get("REELWIRE_TORTURE", "4"))
SEED = 20261126
AT_ONCE = 3
LONGEST_PAUSE_SECONDS = 1.5
EVERYTHING = -60.0
"""The age of objects that are judged: all, whatever the clocks say."""


@asynccontextmanager
async def _inside(folder: Path) -> AsyncIterator[web.Application]:
    """What the scheduler has in hand, on the stores of the running system."""
    settings = Settings.from_environment(json.loads(environment.file_of(folder).read_text()))
    runner = web.AppRunner(schedule.application(settings, loop=False))
    await runner.setup()
    try:
        assert isinstance(runner.app, web.Application)
        yield runner.app
    finally:
        await runner.cleanup()


async def _impatient(app: web.Application, dead: int | None = None) -> int:
    """As if time had passed: pauses and the leases of a worker that is dead are over. How many jobs are left."""
    async with connection(app[POOL]) as conn:
        await conn.execute("UPDATE job SET run_at = now() WHERE state = 'queued' AND run_at > now()")
        await conn.execute("UPDATE job SET leased_until = now() WHERE state = 'leased' AND leased_by LIKE $1", f"%:{dead}")
        left: int = await conn.fetchval("SELECT count(*) FROM job WHERE state IN ('queued', 'leased')")
    return left


async def _something_runs(app: web.Application, system: System) -> int:
    """Wait for a worker with a job in hand; its process."""
    async with asyncio.timeout(STEP_SECONDS):
        while True:
            await _impatient(app)
            for pid in system.pids("worker"):
                async with connection(app[POOL]) as conn:
                    if await conn.fetchval(
                        "SELECT true FROM job WHERE state = 'leased' AND leased_by LIKE $1 LIMIT 1", f"%:{pid}"
                    ):
                        return pid
            await asyncio.sleep(0.05)


async def _kill_something(app: web.Application, system: System, chance: random.Random) -> None:
    worker = await _something_runs(app, system)
    await asyncio.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
    children = list(tree(worker))
    victim = chance.choice([worker, *children[:1], *children[-1:]])
    strike(victim, signal.SIGKILL)
    if victim == worker:
        await until(lambda: worker not in system.pids("worker"), "the worker's end")
        await _impatient(app, dead=worker)


async def _all_over(app: web.Application) -> None:
    async with asyncio.timeout(2 * STEP_SECONDS):
        while await _impatient(app):
            await asyncio.sleep(0.1)


async def _sweep(app: web.Application) -> None:
    """The reconciler's whole walk along the objects, and the removals that follow."""
    for place in strays.PLACES:
        name, position = f"objects below {place.prefix}", None
        while position != "":
            await strays.walk_on(app, place, EVERYTHING)
            async with connection(app[POOL]) as conn:
                position = await walks.position(conn, name)
    async with connection(app[POOL]) as conn:
        await conn.execute("UPDATE object_removal SET due_at = now()")
    await removals.remove_due(app)


async def _stored(app: web.Application, bucket: str, prefix: str) -> set[str]:
    return {key async for key in app[STORE].list_prefix(bucket, prefix)}


async def _named(app: web.Application, video_ids: list[UUID]) -> set[str]:
    async with connection(app[POOL]) as conn:
        made = await job_steps.of_subjects(conn, JOB, video_ids)
    return {key for video_id, steps in made.items() for keys in lost.keys(video_id, steps).values() for key in keys}


@pytest.mark.timeout(120 + 60 * KILLS)
async def test_whoever_is_killed_each_clip_is_ready_and_published_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    timeout = aiohttp.ClientTimeout(total=20)
    async with (
        # A file that is killed this often is given up otherwise, for it may be what kills.
        whole_system(tmp_path, REELWIRE_JOB_ATTEMPTS="1000") as system,
        _inside(tmp_path) as app,
        aiohttp.ClientSession(system.url, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        author, fan = await Someone.signed_up(http, "author"), await Someone.signed_up(http, "fan")
        await fan.until(204, "PUT", f"/api/v1/me/following/{author.id}")
        follower, uploaded = Follower(system.url, fan.token), list[str]()
        async with running("follower", follower.run()):
            await follower.connected.wait()
            for _ in range(KILLS):
                while await _impatient(app) < AT_ONCE:
                    uploaded.append(await author.upload(unique(), asyncio.Event()))
                await _kill_something(app, system, chance)
            await _all_over(app)
            for video_id in uploaded:
                await author.ready(video_id)
            await until(lambda: set(uploaded) <= set(follower.seen), "the publications", STEP_SECONDS)
        assert sorted(follower.seen) == sorted(uploaded)
        async with connection(app[POOL]) as conn:
            assert await conn.fetchval("SELECT count(*) FROM publication") == len(uploaded)
            originals = {row["key"] for row in await conn.fetch("SELECT key FROM raw_object")}
        await _sweep(app)
        bucket, raw = app[SETTINGS].s3_bucket, app[SETTINGS].s3_raw_bucket
        assert await _stored(app, bucket, "videos/") == await _named(app, [UUID(video_id) for video_id in uploaded])
        assert await _stored(app, raw, "uploads/") == originals
