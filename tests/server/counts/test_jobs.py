"""Folding counts each change once, whoever folds and whoever dies; what has drifted is mended."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from server.counts import jobs, queries, truth
from server.counts.wire import AccountTotals, Change, VideoTotals
from server.kit.request import POOL
from server.settings import Settings
from storage.postgres import Pool, Rows, close_pool, connection, open_pool
from tests.cut_off import CUT_OFF, cut_off_behind
from tests.people import Client, Person, sign_up
from tests.videos import published

pytestmark = pytest.mark.usefixtures("nobody_folds")

FOLDED = "SELECT coalesce((SELECT likes FROM video_count WHERE video_id = $1), 0)"
LEFT_OVER = "SELECT count(*) FROM video_count WHERE NOT EXISTS (SELECT FROM video WHERE id = video_id)"
WAITS = "SELECT count(*) FROM count_change WHERE subject_id = $1"


async def append(pool: Pool, video_id: UUID, likes: int) -> None:
    async with connection(pool) as conn:
        await queries.append(conn, [Change(video_id, "like", 1)] * likes)


async def likes(pool: Pool, video_id: UUID) -> tuple[int, int, int]:
    """As clients are told, those that are folded, and what waits."""
    async with connection(pool) as conn:
        told = (await queries.videos(conn, [video_id]))[video_id].likes
    return told, await pool.fetchval(FOLDED, video_id), await pool.fetchval(WAITS, video_id)


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
    assert await likes(pool, one) == (600, 600, 0)
    assert await likes(pool, two) == (300, 300, 0)
    await close_pool(other)


async def test_a_count_is_exact_whether_it_was_folded_or_not(client: Client, ann: Person, ben: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    seen = []
    for folds in (False, True):
        assert (await ben.put(f"/videos/{video_id}/like")).status == 204
        assert (await ben.post(f"/videos/{video_id}/comments", json={"text": "hi"})).status == 201
        await ben.follow(ann)
        if folds:
            await jobs.fold(pool)
        video, user = (await ben.get(f"/videos/{video_id}")).body, (await ben.get(f"/users/{ann.id}")).body
        seen.append((video["counts"]["likes"], video["counts"]["comments"], user["counts"]))
    counts = {"followers": 1, "following": 0, "videos": 1}
    assert seen == [(1, 1, counts), (1, 2, counts)]
    assert await pool.fetchval(WAITS, video_id) == 0


async def test_nobody_is_shown_less_than_nothing(client: Client, ann: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    async with connection(pool) as conn:
        await queries.append(conn, [Change(video_id, "like", -1)])
    for _ in range(2):
        assert (await likes(pool, video_id))[0] == 0
        await jobs.fold(pool)


async def test_whoever_is_killed_while_folding_has_counted_nothing(client: Client, ann: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    await append(pool, video_id, 50)
    fold = cut_off_behind(queries.fold, pool)
    with pytest.raises(CUT_OFF):
        async with client.app[POOL].acquire() as conn, conn.transaction():
            await fold(conn, video_id.bytes[15] % queries.SHARDS, 100)
    assert await likes(pool, video_id) == (50, 0, 50)
    await jobs.fold(pool)
    assert await likes(pool, video_id) == (50, 50, 0)


async def test_what_another_process_is_folding_is_waited_for_by_nobody(client: Client, ann: Person, pool: Pool) -> None:
    slow, quick = await published(client, ann), await published(client, ann)
    await append(pool, slow, 4)
    async with pool.acquire() as conn, conn.transaction():
        for shard in range(queries.SHARDS):
            await queries.fold(conn, shard, 100)
        await append(pool, quick, 4)
        await jobs.fold(client.app[POOL])
        assert await likes(pool, quick) == (4, 4, 0)
        assert await likes(pool, slow) == (4, 0, 4)  # as everybody else sees it
    assert await likes(pool, slow) == (4, 4, 0)


async def mended(client: Client) -> None:
    """A whole walk along everything."""
    await client.app[POOL].execute("DELETE FROM walk WHERE name = ANY($1)", [truth.VIDEOS.name, truth.ACCOUNTS.name])
    more = True
    while more:
        await jobs.mend(client.app)
        names = [truth.VIDEOS.name, truth.ACCOUNTS.name]
        more = await client.app[POOL].fetchval("SELECT bool_or(position <> '') FROM walk WHERE name = ANY($1)", names)


async def test_what_has_drifted_is_mended(
    client: Client, ann: Person, ben: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "WALKED_AT_ONCE", 500)
    monkeypatch.setattr(jobs, "ROWS_AT_ONCE", 100)
    video_id, left = await published(client, ann), await published(client, ann)
    await ben.put(f"/videos/{video_id}/like")
    await ben.post(f"/videos/{video_id}/comments", json={"text": "hi"})
    await ben.follow(ann)
    await jobs.fold(pool)
    await mended(client)
    caplog.clear()
    # As by a version that does not count, or by hand.
    await pool.execute("UPDATE video_count SET likes = -7, comments = 5 WHERE video_id = $1", video_id)
    await pool.execute("DELETE FROM account_count WHERE account_id = $1", ann.id)
    await pool.execute("INSERT INTO video_count SELECT gen_random_uuid(), 1, 1")
    await append(pool, left, 2)
    await mended(client)
    async with connection(pool) as conn:
        found = await queries.videos(conn, [video_id, left])
        assert found == {video_id: VideoTotals(1, 1), left: VideoTotals()}
        assert await queries.accounts(conn, [ann.id or left]) == {ann.id: AccountTotals(1, 0, 2)}
    assert f"like of {video_id} was wrong by -8" in caplog.text
    caplog.clear()
    await jobs.fold(pool)
    await mended(client)
    assert "was wrong" not in caplog.text
    assert not await pool.fetchval(LEFT_OVER)


async def test_one_that_has_too_many_rows_holds_up_no_other(
    client: Client, ann: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    huge, small = await published(client, ann), await published(client, ann)
    for video_id in (huge, small):
        await append(pool, video_id, 2)
    whole = truth.mend

    async def mend(conn: Rows, walk: truth.Walk, ids: list[UUID]) -> list[Change]:
        if huge in ids:
            raise asyncpg.QueryCanceledError("statement timeout")
        return await whole(conn, walk, ids)

    monkeypatch.setattr(truth, "mend", mend)
    await mended(client)
    assert (await likes(pool, huge))[0] == 2
    assert (await likes(pool, small))[0] == 0
    assert f"{huge} has too many rows" in caplog.text


async def test_mending_beside_writers_makes_nothing_wrong(client: Client, ann: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    people = await asyncio.gather(*(sign_up(client, f"p{nth}") for nth in range(10)))

    async def like(one: Person) -> None:
        for _ in range(3):
            assert (await one.put(f"/videos/{video_id}/like")).status == 204
            async with connection(pool) as conn:
                assert await truth.mend(conn, truth.VIDEOS, [video_id]) == []
            await jobs.fold(pool)
            assert (await one.delete(f"/videos/{video_id}/like")).status == 204

    await asyncio.gather(*map(like, people))
    assert (await likes(pool, video_id))[0] == 0
