"""The relay numbers without gaps, in order, one process at a time, whoever freezes or dies."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from server.kit.ids import new_id
from server.live import log, queries
from server.live.jobs import forget_publications
from server.settings import Settings
from storage.postgres import AWAY, Pool, close_pool, connection, open_pool
from tests.waiting import until

INSERT = "INSERT INTO publication (author_id, video_id, published_at) VALUES ($1, $2, clock_timestamp())"
EXPIRE = "UPDATE event_log SET leased_until = '-infinity'"
NUMBERED = "SELECT video_id FROM publication WHERE author_id = $1 ORDER BY seq"
AGE = "UPDATE publication SET published_at = published_at - interval '8 days' WHERE seq <= $1"


@pytest.fixture
async def pool(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pool]:
    monkeypatch.setattr(queries, "LEASE_SECONDS", 60.0)
    found = await open_pool(settings.database_url, 10, "test relay")
    await found.execute(EXPIRE)
    yield found
    await found.execute(EXPIRE)
    await close_pool(found)


async def publish(pool: Pool, author_id: UUID, count: int = 1) -> list[UUID]:
    found = [new_id() for _ in range(count)]
    for video_id in found:
        await pool.execute(INSERT, author_id, video_id)
    return found


async def lead(pool: Pool, name: str) -> log.State | None:
    async with connection(pool) as conn:
        return await queries.lease(conn, name)


async def state(pool: Pool) -> log.State:
    async with connection(pool) as conn:
        return await log.state(conn)


async def number(pool: Pool, name: str, known: log.Position | None = None) -> int | None:
    now = await state(pool)
    async with connection(pool) as conn:
        return await queries.number(conn, name, known or log.Position(now.epoch, now.last_seq))


async def test_numbers_follow_each_other_in_the_order_of_publication(pool: Pool) -> None:
    author = new_id()
    before = await lead(pool, "a")
    assert before is not None
    first = await publish(pool, author, 3)
    assert await number(pool, "a") == before.last_seq + 3
    second = await publish(pool, author, 2)
    assert await number(pool, "a") == before.last_seq + 5
    assert [row[0] for row in await pool.fetch(NUMBERED, author)] == first + second


async def test_one_process_leads_and_keeps_the_lease_by_renewing_it(pool: Pool) -> None:
    assert await lead(pool, "a")
    assert await lead(pool, "b") is None
    assert await lead(pool, "a")


async def test_a_leader_that_was_frozen_beyond_its_lease_cannot_number(pool: Pool) -> None:
    assert await lead(pool, "a")
    await publish(pool, new_id())
    await pool.execute(EXPIRE)
    assert await number(pool, "a") is None
    assert await lead(pool, "b")
    assert await number(pool, "a") is None
    assert await number(pool, "b") is not None


async def test_a_leader_that_remembers_more_than_the_log_has_numbers_nothing_before_it_begins_anew(pool: Pool) -> None:
    assert await lead(pool, "a")
    await publish(pool, new_id())
    before = await state(pool)
    lost = log.Position(before.epoch, before.last_seq + 1)
    assert await number(pool, "a", lost) is None
    async with connection(pool) as conn:
        after = await queries.begin_anew(conn, before.epoch)
        assert await queries.begin_anew(conn, before.epoch) == after  # of two who notice, one is enough
    assert after.epoch != before.epoch
    assert after.has(lost)
    assert await number(pool, "a") == before.last_seq + 1


async def test_two_who_number_at_once_give_every_number_once(pool: Pool) -> None:
    author = new_id()
    for _ in range(20):
        await publish(pool, author, 3)
        assert await lead(pool, "a")
        await asyncio.gather(*(number(pool, "a") for _ in range(3)))
    seqs = [row[0] for row in await pool.fetch("SELECT seq FROM publication WHERE author_id = $1 ORDER BY seq", author)]
    assert seqs == list(range(seqs[0], seqs[0] + 60))


async def test_a_leader_that_freezes_while_it_numbers_is_cut_off_by_postgresql(pool: Pool, settings: Settings) -> None:
    before = await lead(pool, "a")
    assert before is not None
    frozen = await asyncpg.connect(settings.database_url)
    await frozen.execute("BEGIN")
    assert await frozen.fetchval(queries.FENCE, log.SHARD, "a", before.epoch, before.last_seq)
    async with asyncio.timeout(60):
        while await lead_or_none(pool, "b") is None:
            pass  # each try waits for the row's lock in PostgreSQL
    # Until the connection has ended, too, asyncpg takes the server's last words for an answer and the connection for busy.
    await until(frozen.is_closed, "the end of the connection")
    with pytest.raises(asyncpg.InterfaceError):
        await frozen.fetchval("SELECT 1")


async def lead_or_none(pool: Pool, name: str) -> log.State | None:
    try:
        await pool.execute("UPDATE event_log SET leased_until = '-infinity' WHERE leader <> $1", name)
        return await lead(pool, name)
    except AWAY:
        return None


async def test_old_publications_are_forgotten_and_their_positions_with_them(pool: Pool) -> None:
    author = new_id()
    begun = await lead(pool, "a")
    assert begun is not None
    old = await publish(pool, author, 3)
    await number(pool, "a")
    fresh = await publish(pool, author, 2)
    last = await number(pool, "a")
    assert last is not None
    await pool.execute(AGE, last - 2)
    await forget_publications(pool)
    async with connection(pool) as conn:
        # What the broker has not taken is kept, however old it is.
        assert (await log.state(conn)).forgotten_seq <= begun.relayed_seq
        await queries.relayed(conn, "a", log.Position(begun.epoch, last))
        await forget_publications(pool)
        assert (await log.state(conn)).forgotten_seq == last - 2
    left = {row[0] for row in await pool.fetch(NUMBERED, author)}
    assert left == set(fresh)
    assert not left & set(old)
