"""The relay numbers without gaps, in order, one process at a time, whoever freezes or dies."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from server.kit.ids import new_id
from server.live import log, queries
from server.live.jobs import forget_publications
from server.settings import Settings
from storage.postgres import Pool, close_pool, connection, open_pool

INSERT = "INSERT INTO publication (author_id, video_id, published_at) VALUES ($1, $2, clock_timestamp())"
UNNUMBERED = "DELETE FROM publication WHERE seq IS NULL"
"""Those of other tests, whose relay has ended."""
EXPIRE = "UPDATE event_log SET leased_until = '-infinity'"
NUMBERED = "SELECT video_id FROM publication WHERE author_id = $1 ORDER BY seq"
AGE = "UPDATE publication SET published_at = published_at - interval '8 days' WHERE seq <= $1"
WAITING = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%numbered AS (%')"
GIVE = """
UPDATE publication AS p
SET seq = $1 + given.nth - 1
FROM unnest($2::uuid[]) WITH ORDINALITY AS given (video_id, nth)
WHERE p.video_id = given.video_id
"""


@pytest.fixture
async def pool(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pool]:
    monkeypatch.setattr(queries, "LEASE_SECONDS", 60.0)
    found = await open_pool(settings.database_url, 10, "test relay")
    await found.execute(UNNUMBERED)
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
    """The newest number then; None where it is not ours to give, 0 where nothing waits."""
    now = await state(pool)
    async with connection(pool) as conn:
        numbered = await queries.number(conn, name, known or log.Position(now.epoch, now.last_seq))
    return None if numbered is None else numbered[-1].entry.seq if numbered else 0


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


async def test_what_is_numbered_is_told_in_order_with_its_age(pool: Pool) -> None:
    author = new_id()
    before = await lead(pool, "a")
    assert before is not None
    known = log.Position(before.epoch, before.last_seq)
    videos = await publish(pool, author, 3)
    await pool.execute("UPDATE publication SET published_at = published_at - interval '100 s' WHERE video_id = $1", videos[2])
    async with connection(pool) as conn:
        numbered = await queries.number(conn, "a", known)
        assert numbered is not None
        assert [one.entry.video_id for one in numbered] == [videos[2], videos[0], videos[1]]
        assert {one.entry.author_id for one in numbered} == {author}
        first = numbered[0].entry.seq
        assert [one.entry.seq for one in numbered] == [first, first + 1, first + 2]
        assert numbered[0].age > 100 > numbered[1].age >= 0
        assert await queries.number(conn, "a", known) == []


async def test_who_waited_for_another_leaders_numbering_gives_no_number_twice(pool: Pool) -> None:
    author = new_id()
    before = await lead(pool, "a")
    assert before is not None
    videos = await publish(pool, author, 3)
    async with pool.acquire() as other:
        async with other.transaction():
            await other.execute("SELECT FROM event_log FOR UPDATE")
            waiting = asyncio.create_task(number(pool, "a"), name="waiting")
            async with asyncio.timeout(60):
                while not await pool.fetchval(WAITING):
                    pass
            # As another one does it that led before, in a slow statement.
            await other.execute(GIVE, before.last_seq + 1, videos[:2])
            await other.execute("UPDATE event_log SET last_seq = last_seq + 2")
        last = await waiting
    seqs = [row[0] for row in await pool.fetch("SELECT seq FROM publication WHERE author_id = $1 ORDER BY seq", author)]
    assert seqs[:2] == [before.last_seq + 1, before.last_seq + 2]
    assert len({*seqs}) == 3
    assert seqs[2] == last == await pool.fetchval("SELECT last_seq FROM event_log")


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
