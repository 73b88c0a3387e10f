"""Folding counts each view once, whoever folds and whoever dies; the rest is tidied."""

import asyncio
from uuid import UUID

import pytest

from server.kit.ids import new_id
from server.kit.request import POOL
from server.plays import jobs, queries
from server.plays.actions import SHARDS
from server.settings import Settings
from storage.postgres import Pool, close_pool, connection, open_pool
from tests.cut_off import CUT_OFF, cut_off_behind
from tests.people import Client, Person, sign_up
from tests.server.plays.conftest import watched
from tests.videos import published

pytestmark = pytest.mark.usefixtures("nobody_folds")

COUNTED = "INSERT INTO play_counted (shard, id, video_id, day) VALUES ($1, $2, $3, (now() AT TIME ZONE 'UTC')::date)"
TOTAL = "SELECT coalesce((SELECT views FROM play_total WHERE video_id = $1), 0)"
DAYS = "SELECT coalesce(sum(views), 0) FROM play_day WHERE video_id = $1"


async def append(pool: Pool, video_id: UUID, views: int) -> None:
    await pool.executemany(COUNTED, [(nth % SHARDS, new_id(), video_id) for nth in range(views)])


async def counts(pool: Pool, video_id: UUID) -> tuple[int, int, int]:
    """All, those by day, and those that wait."""
    waiting = await pool.fetchval("SELECT count(*) FROM play_counted WHERE video_id = $1", video_id)
    return await pool.fetchval(TOTAL, video_id), await pool.fetchval(DAYS, video_id), waiting


async def test_two_processes_that_fold_at_once_count_exactly_once(
    client: Client, ann: Person, pool: Pool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "FOLDED_AT_ONCE", 7)
    other = await open_pool(settings.database_url, 10, "test")
    one, two = await published(client, ann), await published(client, ann)
    await append(pool, one, 500)
    await append(pool, two, 300)
    await asyncio.gather(*(jobs.fold(p) for p in (pool, other) * 4), append(pool, one, 100))
    await jobs.fold(other)
    assert await counts(pool, one) == (600, 600, 0)
    assert await counts(pool, two) == (300, 300, 0)
    await close_pool(other)


async def test_viewers_and_folders_at_the_same_time_lose_nothing(client: Client, ann: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    people = await asyncio.gather(*(sign_up(client, f"p{nth}") for nth in range(20)))

    async def look(one: Person) -> None:
        for _ in range(3):
            assert (await one.post(f"/videos/{video_id}/views", json=watched())).status == 202
            await jobs.fold(pool)

    await asyncio.gather(*map(look, people))
    assert await counts(pool, video_id) == (20, 20, 0)


@pytest.mark.parametrize("step", ["take_counted", "there", "add"])
async def test_whoever_is_killed_behind_a_step_has_counted_nothing(
    client: Client, ann: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    video_id = await published(client, ann)
    await append(pool, video_id, 50)
    victim = client.app[POOL]
    with monkeypatch.context() as dying:
        dying.setattr(queries, step, cut_off_behind(getattr(queries, step), pool))
        with pytest.raises(CUT_OFF):
            await jobs.fold(victim)
    assert await counts(pool, video_id) == (0, 0, 50)
    await jobs.fold(pool)
    await jobs.fold(victim)
    assert await counts(pool, video_id) == (50, 50, 0)


async def test_what_another_process_is_folding_is_waited_for_by_nobody(client: Client, ann: Person, pool: Pool) -> None:
    slow, quick = await published(client, ann), await published(client, ann)
    await append(pool, slow, 4)
    async with pool.acquire() as conn, conn.transaction():
        for shard in range(SHARDS):
            await queries.take_counted(conn, shard, 100)
        await append(pool, quick, 4)
        await jobs.fold(client.app[POOL])
        assert await counts(pool, quick) == (4, 4, 0)
    # It took them and added nothing, which is no way of ours: so they are gone.
    assert await counts(pool, slow) == (0, 0, 0)


async def test_views_of_a_deleted_video_hold_up_no_other(client: Client, ann: Person, pool: Pool) -> None:
    gone, stays = await published(client, ann), await published(client, ann)
    await append(pool, gone, 5)
    await jobs.fold(pool)
    await append(pool, gone, 5)
    await append(pool, stays, 5)
    assert (await ann.delete(f"/videos/{gone}")).status == 204
    await jobs.fold(pool)
    assert await counts(pool, gone) == (0, 0, 0)
    assert await counts(pool, stays) == (5, 5, 0)


async def test_days_that_are_over_go_and_the_total_stays(client: Client, ann: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    await append(pool, video_id, 2)
    await jobs.fold(pool)
    await pool.execute("UPDATE play_day SET day = day - $2::integer WHERE video_id = $1", video_id, jobs.DAYS_KEPT - 1)
    await jobs.tidy(client.app)
    assert await counts(pool, video_id) == (2, 2, 0)
    await pool.execute("UPDATE play_day SET day = day - 1 WHERE video_id = $1", video_id)
    await jobs.tidy(client.app)
    assert await counts(pool, video_id) == (2, 0, 0)


async def test_what_was_watched_of_deleted_videos_goes_in_slices(
    client: Client, ann: Person, ben: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "VIDEOS_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "ROWS_AT_ONCE", 1)
    ids = [await published(client, ann) for _ in range(5)]
    for video_id in ids:
        for one in (ann, ben):
            await one.post(f"/videos/{video_id}/views", json=watched())
    for video_id in (ids[0], ids[3]):
        assert (await ann.delete(f"/videos/{video_id}")).status == 204
    await pool.execute("DELETE FROM play WHERE video_id <> ALL($1)", ids)
    await pool.execute("DELETE FROM walk WHERE name = $1", jobs.WALK)
    for left in (8, 6, 6):
        await jobs.tidy(client.app)
        assert await pool.fetchval("SELECT count(*) FROM play WHERE video_id = ANY($1)", ids) == left
    async with connection(pool) as conn:
        assert await conn.fetchval("SELECT position FROM walk WHERE name = $1", jobs.WALK) == ""
