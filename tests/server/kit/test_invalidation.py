"""What every process must hear of: by polling alone, once, also after PostgreSQL was away."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from server.kit.ids import new_id
from server.kit.invalidation import OVERLAP_SECONDS, Invalidated, Invalidations, forget, invalidate
from server.kit.tasks import running
from server.kit.tokens import LEEWAY_SECONDS
from server.kit.work import work
from server.settings import MAX_ACCESS_TOKEN_SECONDS, Settings
from storage.postgres import close_pool, connection, open_pool
from tests.waiting import until


class Silent:
    """A broker that is down: nothing is announced."""

    def announce(self, event: object) -> None:
        pass

    async def settled(self, events: object) -> None:
        pass


async def test_a_process_that_hears_nothing_else_polls(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 2, "test")
    invalidations, heard = Invalidations(pool, 900), list[Invalidated]()
    invalidations.listen(heard.append)
    account, session = new_id(), new_id()
    async with running("invalidations", invalidations.run()):
        async with work(pool, Silent(), None) as w:
            await invalidate(w, account, "session", session)
        await until(lambda: any(event.subject_id == session for event in heard))
        await until(lambda: invalidations.fresh)
        # Later polls overlap: what was heard is not heard again.
        seen = len(heard)
        async with work(pool, Silent(), None) as w:
            await invalidate(w, account, "session", new_id())
        await until(lambda: len(heard) > seen)
    assert sum(event.subject_id == session for event in heard) == 1
    await close_pool(pool)


async def test_nothing_is_told_of_work_that_failed(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 2, "test")
    told: list[object] = []

    class Announcer:
        def announce(self, event: object) -> None:
            told.append(event)

        async def settled(self, events: object) -> None:
            told.append(events)

    async def fail() -> None:
        async with work(pool, Announcer(), None) as w:
            await invalidate(w, new_id(), "session", new_id())
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    assert told == []
    await close_pool(pool)


async def test_it_is_not_believed_while_postgresql_is_away() -> None:
    pool = await open_pool("postgresql://nobody@127.0.0.1:1/none", 1, "test")
    invalidations = Invalidations(pool, 900)
    async with running("invalidations", invalidations.run()):
        await asyncio.sleep(0)
        assert not invalidations.fresh
    await close_pool(pool)


async def test_a_failure_that_nobody_thought_of_does_not_end_the_polling(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 2, "test")
    invalidations = Invalidations(pool, 900)
    async with running("invalidations", invalidations.run()):
        await until(lambda: invalidations.fresh)
        async with connection(pool) as conn:
            await conn.execute("ALTER TABLE invalidation RENAME TO elsewhere")
            try:
                await until(lambda: not invalidations.fresh)
            finally:
                await conn.execute("ALTER TABLE elsewhere RENAME TO invalidation")
        await until(lambda: invalidations.fresh)
    await close_pool(pool)


async def test_an_ended_session_is_remembered_for_longer_than_any_access_token_lives(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 2, "test")
    insert = "INSERT INTO invalidation (account_id, id, kind, subject_id, at) VALUES ($1, $2, 'session', $3, $4)"
    life, now = timedelta(seconds=MAX_ACCESS_TOKEN_SECONDS), datetime.now(UTC)
    needed, over = new_id(), new_id()
    async with connection(pool) as conn:
        for session, at in ((needed, now - life - timedelta(seconds=OVERLAP_SECONDS + LEEWAY_SECONDS)), (over, now - 2 * life)):
            await conn.execute(insert, new_id(), new_id(), session, at)
        await forget(conn)
        left = await conn.fetch("SELECT subject_id FROM invalidation WHERE subject_id = ANY($1)", [needed, over])
    assert [row["subject_id"] for row in left] == [needed]
    await close_pool(pool)
