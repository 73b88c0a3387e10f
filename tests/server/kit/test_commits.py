"""Group commit: one transaction for many, and each has its own answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import asyncpg
import msgspec
import pytest

from server.kit.commits import Commits
from server.kit.errors import NotFound, Refusal
from server.kit.work import Work
from server.settings import Settings
from storage.postgres import Pool, close_pool, open_pool

MADE = "CREATE TABLE IF NOT EXISTS said (n integer PRIMARY KEY CHECK (n < 100))"
SAY = "INSERT INTO said SELECT unnest($1::integer[])"


class Silent:
    """Tells nobody."""

    def announce(self, event: msgspec.Struct) -> None:
        """Nobody listens."""

    async def settled(self, events: Sequence[msgspec.Struct]) -> None:
        """Nobody believes anything."""


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    found = await open_pool(settings.database_url, 4, "test")
    await found.execute(MADE)
    yield found
    await found.execute("DROP TABLE said")
    await close_pool(found)


def commits(pool: Pool, batches: list[int]) -> Commits[int, str]:
    """Stores numbers below a hundred; odd ones are refused."""

    async def do(w: Work, numbers: Sequence[int]) -> Sequence[str | Refusal]:
        batches.append(len(numbers))
        await w.conn.execute(SAY, [n for n in numbers if n % 2 == 0])
        return [f"said {n}" if n % 2 == 0 else NotFound(str(n)) for n in numbers]

    return Commits("said", pool, Silent(), do, most=50)


async def test_many_share_a_transaction_and_each_has_its_own_answer(pool: Pool) -> None:
    batches: list[int] = []
    group = commits(pool, batches)
    found = await asyncio.gather(*(group.put(n) for n in range(80)))
    assert [one for one in found if isinstance(one, str)] == [f"said {n}" for n in range(0, 80, 2)]
    assert [str(one) for one in found if isinstance(one, NotFound)] == [str(n) for n in range(1, 80, 2)]
    assert batches == [50, 30]
    assert await pool.fetchval("SELECT count(*) FROM said") == 40
    await group.close()


async def test_one_that_cannot_be_stored_takes_no_other_with_it(pool: Pool) -> None:
    group = commits(pool, [])
    found = await asyncio.gather(*(group.put(n) for n in (0, 2, 4, 100, 6, 8)))
    assert isinstance(found[3], asyncpg.CheckViolationError)
    assert found[:3] + found[4:] == ["said 0", "said 2", "said 4", "said 6", "said 8"]
    assert await pool.fetchval("SELECT count(*) FROM said") == 5
    await group.close()


async def test_while_postgresql_is_away_all_are_told_so_at_once(pool: Pool) -> None:
    batches: list[int] = []

    async def do(w: Work, numbers: Sequence[int]) -> Sequence[str | Refusal]:
        batches.append(len(numbers))
        raise ConnectionError("away")

    group: Commits[int, str] = Commits("said", pool, Silent(), do, most=50)
    found = await asyncio.gather(*(group.put(n) for n in range(5)))
    assert {type(one) for one in found} == {ConnectionError}
    assert batches == [5]
    await group.close()
