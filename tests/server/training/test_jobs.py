"""A night: what was watched becomes lists, all at once, or the old ones stay."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from recommend.process import BrokeOffError
from server.kit.request import POOL, SETTINGS
from server.settings import Settings, variable
from server.training import jobs, lists
from server.training.jobs import Busy
from storage.postgres import connection
from tests.server.training.town import Town, served_before


async def _list_of(app: web.Application, account: UUID) -> lists.Suggested:
    async with connection(app[POOL]) as conn:
        found = await lists.list_of(conn, account)
    assert found is not None
    return found


async def _states(app: web.Application) -> list[str]:
    async with connection(app[POOL]) as conn:
        return [row["state"] for row in await conn.fetch("SELECT state FROM suggestion_model ORDER BY id")]


async def test_everybody_active_has_a_list_that_keeps_the_rules_and_says_why(app: web.Application, town: Town) -> None:
    ann, bob, cat = town.accounts[0], town.accounts[1], town.accounts[2]
    declined, gone, private, archived = (video for video in town.videos[60:84:6])
    foe = town.authors[town.videos[57]]
    async with connection(app[POOL]) as conn:
        await conn.execute("INSERT INTO not_interested (account_id, video_id) VALUES ($1, $2)", ann, declined)
        await conn.execute("DELETE FROM video WHERE id = $1", gone)
        await conn.execute("UPDATE video SET visibility = 'private' WHERE id = $1", private)
        await conn.execute("INSERT INTO video_tier (video_id, tier) VALUES ($1, 'archived')", archived)
        await conn.execute("INSERT INTO blocking (account_id, blocked_id) VALUES ($1, $2)", foe, ann)
        await conn.execute("INSERT INTO watch_choice (account_id, learns) VALUES ($1, false)", bob)
        await conn.execute(
            "INSERT INTO following (account_id, author_id) VALUES ($1, $2), ($2, $3)", ann, cat, town.authors[town.videos[70]]
        )
    outcome = await jobs.train(app)
    assert outcome.published
    assert outcome.trained.lists == len(town.accounts) - 1
    found = await _list_of(app, ann)
    out = {declined, gone, private, archived} | town.seen(ann)
    out |= {video for video in town.videos if town.authors[video] in (ann, foe)}
    assert set(found.video_ids) == set(town.videos) - out
    assert (found.model_id, found.until) == (outcome.model_id, found.until)
    authors = [town.authors[video] for video in found.video_ids]
    assert all(authors[place : place + 10].count(author) <= 2 for place, author in enumerate(authors[:20]))
    for video, why in zip(found.video_ids, found.whys, strict=True):
        _is_true(town, ann, video, why, friends={town.authors[town.videos[70]]})
    assert len({why.partition(":")[0] for why in found.whys}) > 2
    async with connection(app[POOL]) as conn:
        assert await lists.list_of(conn, bob) is None
        alike = await lists.similar_to(conn, town.videos[:9], 5)
        assert len(alike) == 9
        assert all(len(theirs) <= 5 and video not in theirs for video, theirs in alike.items())
    own = [town.kind(video) == town.kind(ann) for video in found.video_ids]
    assert sum(own[:10]) > 5


def _is_true(town: Town, account: UUID, video: UUID, why: str, friends: set[UUID]) -> None:
    code, _, detail = why.partition(":")
    liked = town.liked(account)
    match code:
        case "topic":
            assert detail == f"kind{town.kind(video)}"
            assert any(town.kind(one) == town.kind(video) for one in liked)
        case "author":
            assert town.authors[video] in {town.authors[one] for one in liked}
        case "follows":
            assert town.authors[video] in friends
        case _:
            assert code in ("taste", "popular")


async def test_what_is_worse_than_popularity_is_refused_and_told(app: web.Application) -> None:
    town = Town.made()
    town.live(contrary_hours=24.0)
    async with connection(app[POOL]) as conn:
        await town.fill(conn)
        before = await served_before(conn, town)
    await jobs.nightly(app)
    assert await _states(app) == ["published", "refused"]
    assert (await _list_of(app, town.accounts[0])).model_id == before
    await jobs.tell(app)
    assert REGISTRY.get_sample_value("reelwire_suggestions_refused") == 1
    await jobs.nightly(app)  # there is one of today
    assert await _states(app) == ["published", "refused"]
    async with connection(app[POOL]) as conn:
        gate = await conn.fetchval("SELECT figures -> 'trained' -> 'gate' FROM suggestion_model WHERE state = 'refused'")
    found = msgspec.json.decode(gate)
    assert found["model"] < found["popularity"]


async def test_whoever_is_killed_leaves_the_old_lists_and_the_next_run_is_whole(app: web.Application, town: Town) -> None:
    async with connection(app[POOL]) as conn:
        before = await served_before(conn, town)
    await _kill_the_child(app)
    assert await _states(app) == ["published", "failed"]
    await _kill_while_it_publishes(app[SETTINGS], town)
    assert await _states(app) == ["published", "failed", "training"]
    assert (await _list_of(app, town.accounts[0])).model_id == before
    async with connection(app[POOL]) as conn:
        await conn.execute("UPDATE lease SET until = '-infinity'")  # as time does it
    await jobs.nightly(app)
    assert await _states(app) == ["published", "failed", "failed", "published"]
    assert (await _list_of(app, town.accounts[0])).model_id != before
    async with connection(app[POOL]) as conn:  # what was killed is gone, and who has none of tonight has the one of before
        assert await conn.fetchval("SELECT count(*) FROM suggestion") == 2 * len(town.accounts)


async def _kill_the_child(app: web.Application) -> None:
    training = asyncio.create_task(jobs.train(app))
    try:
        child = await _child(app[SETTINGS])
        with pytest.raises(Busy):
            await jobs.train(app)
        os.kill(child, signal.SIGKILL)
        with pytest.raises(BrokeOffError, match="SIGKILL"):
            await training
    finally:
        training.cancel()
    assert not await asyncio.to_thread(os.listdir, app[SETTINGS].work_dir)


async def _child(settings: Settings) -> int:
    """The process that learns, found by the folder that its words name."""

    def look() -> int:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = path.read_bytes()
                if b"recommend.night:train" in words and settings.work_dir.encode() in words:
                    return int(path.parent.name)
        return 0

    async with asyncio.timeout(60):
        while not (found := await asyncio.to_thread(look)):
            await asyncio.sleep(0.02)
    return found


async def _kill_while_it_publishes(own: Settings, town: Town) -> None:
    """A command of its own, whose lists are written, and which waits for a lock on what comes behind them."""
    shared = (
        "database_url",
        "valkey_url",
        "s3_endpoint_url",
        "work_dir",
        "s3_access_key_id",
        "s3_secret_access_key",
        "environment",
    )
    environment = {variable(name): str(getattr(own, name)) for name in shared}
    environment[variable("secret_keys")] = own.secret_keys[0]
    script = "from recommend import process; from server.__main__ import main; process.NICE = 0; main(['suggest', 'train'])"
    conn = await asyncpg.connect(own.database_url)
    async with conn.transaction():
        await conn.execute("LOCK TABLE suggestion_similar IN ACCESS EXCLUSIVE MODE")
        trainer = await asyncio.create_subprocess_exec(sys.executable, "-c", script, env=environment)
        try:
            async with asyncio.timeout(120):
                while not await conn.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                    await asyncio.sleep(0.02)
        finally:
            trainer.kill()
            await trainer.wait()
        assert await conn.fetchval("SELECT count(*) FROM suggestion") == 2 * len(town.accounts)
    await conn.close()
