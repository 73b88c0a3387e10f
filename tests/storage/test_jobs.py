"""The queue: leases, fencing, fairness."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.settings import Settings
from storage import jobs
from storage.jobs import Lease
from storage.postgres import Pool, Rows, close_pool, connection, open_pool


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    found = await open_pool(settings.database_url, 10, "test")
    yield found
    await close_pool(found)


@pytest.fixture
def kind() -> str:
    """A kind of jobs that no other test has."""
    return f"test {uuid4()}"


async def _enqueue(pool: Pool, kind: str, *accounts: UUID) -> list[UUID]:
    subjects = [uuid4() for _ in accounts]
    async with connection(pool) as conn:
        for subject, account in zip(subjects, accounts, strict=True):
            await jobs.enqueue(conn, kind, subject, account)
    return subjects


async def _take(pool: Pool, kind: str) -> Lease | None:
    async with connection(pool) as conn:
        return await jobs.take(conn, {kind}, "worker")


async def _run_out(pool: Pool, lease: Lease) -> None:
    """As if the worker had been killed a while ago."""
    async with connection(pool) as conn:
        await conn.execute("UPDATE job SET leased_until = now() - interval '1 second' WHERE id = $1", lease.id)


async def test_each_job_goes_to_one_worker(pool: Pool, kind: str) -> None:
    subjects = await _enqueue(pool, kind, *(uuid4() for _ in range(6)))
    taken = await asyncio.gather(*(_take(pool, kind) for _ in range(8)))
    assert sorted(lease.subject_id for lease in taken if lease) == sorted(subjects)


async def test_a_lease_that_ran_out_goes_to_another_and_counts_as_a_fault(pool: Pool, kind: str) -> None:
    await _enqueue(pool, kind, uuid4())
    first = await _take(pool, kind)
    assert first is not None
    assert await _take(pool, kind) is None
    await _run_out(pool, first)
    second = await _take(pool, kind)
    assert second is not None
    assert (second.number, second.faults) == (first.number + 1, 1)
    async with connection(pool) as conn, conn.transaction():
        assert not await jobs.holds(conn, first)
        assert not await jobs.extend(conn, first)
        assert await jobs.holds(conn, second)


async def test_a_job_that_is_handed_back_is_no_fault_unless_it_is_said(pool: Pool, kind: str) -> None:
    await _enqueue(pool, kind, uuid4())
    for fault, faults in ((False, 0), (True, 0), (False, 1)):
        lease = await _take(pool, kind)
        assert lease is not None
        assert lease.faults == faults
        async with connection(pool) as conn:
            await jobs.hand_back(conn, lease, 0, "why", fault=fault)


async def test_a_start_knows_how_the_one_before_it_broke_off(pool: Pool, kind: str) -> None:
    await _enqueue(pool, kind, uuid4())
    for fault, mark, known in ((True, "one", ""), (False, "", "one"), (True, "two", "one"), (True, "", "two"), (False, "", "")):
        lease = await _take(pool, kind)
        assert lease is not None
        assert lease.mark == known
        async with connection(pool) as conn:
            await jobs.hand_back(conn, lease, 0, "why", fault=fault, mark=mark)


async def test_what_ended_or_was_cancelled_is_not_taken_again(pool: Pool, kind: str) -> None:
    done, cancelled = await _enqueue(pool, kind, uuid4(), uuid4())
    async with connection(pool) as conn:
        await jobs.cancel(conn, kind, cancelled)
        lease = await jobs.take(conn, {kind}, "worker")
        assert lease is not None
        assert lease.subject_id == done
        await jobs.end(conn, lease)
    assert await _take(pool, kind) is None


async def test_what_a_start_ended_or_handed_back_itself_is_not_lost_to_it(pool: Pool, kind: str) -> None:
    """Its heartbeat may ask before it has heard of its own commit, and must not break off what follows that."""
    await _enqueue(pool, kind, uuid4(), uuid4())
    ended, back = await _take(pool, kind), await _take(pool, kind)
    assert ended is not None
    assert back is not None
    async with connection(pool) as conn:
        await jobs.end(conn, ended)
        await jobs.hand_back(conn, back, 0)
        assert await jobs.extend(conn, ended)
        assert await jobs.extend(conn, back)
    again = await _take(pool, kind)
    assert again is not None
    assert again.id == back.id


async def test_a_cancelled_job_loses_its_lease(pool: Pool, kind: str) -> None:
    (subject,) = await _enqueue(pool, kind, uuid4())
    lease = await _take(pool, kind)
    assert lease is not None
    async with connection(pool) as conn:
        await jobs.cancel(conn, kind, subject)
        assert not await jobs.extend(conn, lease)


async def test_one_accounts_many_do_not_starve_anothers_one(pool: Pool, kind: str) -> None:
    busy, other = uuid4(), uuid4()
    await _enqueue(pool, kind, busy, busy, busy, other)
    first, second = await _take(pool, kind), await _take(pool, kind)
    assert first is not None
    assert second is not None
    assert (first.account_id, second.account_id) == (busy, other)


async def test_a_worker_serves_the_kinds_that_it_names(pool: Pool, kind: str) -> None:
    (one,), (other,) = await _enqueue(pool, kind, uuid4()), await _enqueue(pool, f"{kind} other", uuid4())
    async with connection(pool) as conn:
        first = await jobs.take(conn, {kind, f"{kind} other"}, "worker")
        second = await jobs.take(conn, {kind, f"{kind} other"}, "worker")
    assert first is not None
    assert second is not None
    assert {(first.kind, first.subject_id), (second.kind, second.subject_id)} == {(kind, one), (f"{kind} other", other)}


async def _waiting(pool: Pool, kind: str, *seconds: float, phase: int = jobs.FIRST, account: UUID | None = None) -> list[UUID]:
    """Jobs that have waited for so long, of an account or of one each."""
    subjects = await _enqueue(pool, kind, *(account or uuid4() for _ in seconds))
    update = "UPDATE job SET run_at = now() - make_interval(secs => $2), phase = $3 WHERE subject_id = $1"
    async with connection(pool) as conn:
        await conn.executemany(update, [(subject, ago, phase) for subject, ago in zip(subjects, seconds, strict=True)])
    return subjects


async def _taken(pool: Pool, *kinds: str, phase: int = jobs.LATER) -> list[UUID]:
    """Everything that is due, in the order in which it is taken."""
    found = []
    async with connection(pool) as conn:
        while lease := await jobs.take(conn, set(kinds), "worker", phase):
            found.append(lease.subject_id)
    return found


async def test_the_oldest_goes_first_until_somebody_has_waited_too_long(pool: Pool, kind: str) -> None:
    middle, old, young = await _waiting(pool, kind, 20, 30, 10)
    assert await _taken(pool, kind) == [old, middle, young]
    middle, old, young = await _waiting(pool, kind, 20, jobs.OVERLOADED_SECONDS + 5, 10)
    assert await _taken(pool, kind) == [young, middle, old]


async def test_first_sources_go_before_ladders_however_long_these_have_waited(pool: Pool, kind: str) -> None:
    later, oldest = await _waiting(pool, kind, 5000, 6000, phase=jobs.LATER)
    (first,) = await _waiting(pool, kind, 1)
    assert await _taken(pool, kind, phase=jobs.FIRST) == [first]
    assert await _taken(pool, kind) == [oldest, later]


async def test_one_kind_that_waits_does_not_turn_the_order_of_another(pool: Pool, kind: str) -> None:
    poster = f"{kind} poster"
    await _waiting(pool, poster, jobs.OVERLOADED_SECONDS + 5)
    middle, old, young = await _waiting(pool, kind, 20, 30, 10)
    assert [subject for subject in await _taken(pool, kind, poster) if subject in (middle, old, young)] == [old, middle, young]


@pytest.mark.parametrize("overloaded", [False, True])
async def test_however_many_of_one_account_wait_anothers_one_comes_next(pool: Pool, kind: str, overloaded: bool) -> None:
    busy, others = uuid4(), [uuid4() for _ in range(3)]
    behind, ahead = (100, 10) if overloaded else (10, 30)  # whatever the order, the many stand in front
    await _waiting(pool, kind, *[ahead] * (2 * jobs.MOST_COMPARED), account=busy)
    ones = [(await _waiting(pool, kind, behind + age, account=other))[0] for age, other in enumerate(others)]
    first = await _take(pool, kind)
    assert first is not None
    assert first.account_id == busy
    taken = [lease.subject_id for lease in [await _take(pool, kind) for _ in others] if lease]
    assert taken == (ones if overloaded else ones[::-1])


MANY = """
INSERT INTO job (shard, id, kind, subject_id, account_id, phase, run_at)
SELECT 0, gen_random_uuid(), $1, gen_random_uuid(), md5((number % $3)::text)::uuid, $4, now() - make_interval(secs => $5::float)
FROM generate_series(1, $2) AS number
"""


async def _touched(conn: Rows, plan: str, *kinds: str) -> int:
    """How many rows and pages of the table and its indexes taking a job of these kinds reads, by that kind of plan."""
    await conn.execute(f"SET LOCAL plan_cache_mode = {plan}")
    arguments = (jobs.SHARD, "worker", jobs.LEASE_SECONDS, f"{{{','.join(kinds)}}}", jobs.LATER, jobs.OVERLOADED_SECONDS)
    call = f"EXECUTE take ({', '.join(repr(argument) for argument in arguments)})"
    explained = json.loads(await conn.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {call}"))

    def rows(node: dict[str, Any]) -> float:
        passed = sum(node.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"))
        own = passed * node["Actual Loops"] if "Relation Name" in node else 0
        return float(own + sum(rows(below) for below in node.get("Plans", [])))

    top = explained[0]["Plan"]
    pages: int = top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    return round(rows(top)) + pages


@pytest.mark.parametrize("analyzed", [False, True])
@pytest.mark.parametrize(
    ("accounts", "phase", "waited"),
    [
        pytest.param(700, jobs.FIRST, 10, id="uploads"),
        pytest.param(700, jobs.FIRST, 1000, id="overload"),
        pytest.param(1, jobs.FIRST, 10, id="uploads of one account"),
        pytest.param(1, jobs.FIRST, 1000, id="overload by one account"),
        pytest.param(700, jobs.LATER, 1000, id="ladders"),
        pytest.param(1, jobs.LATER, 1000, id="ladders of one account"),
    ],
)
async def test_taking_a_job_reads_as_much_however_many_wait(
    pool: Pool, kind: str, accounts: int, phase: int, waited: float, analyzed: bool
) -> None:
    """In a table of its own, which nothing but this test fills and analyzes: it stands before the other in `search_path`."""
    async with connection(pool) as conn:
        transaction = conn.transaction()
        await transaction.start()
        await conn.execute("CREATE TEMPORARY TABLE job (LIKE job INCLUDING ALL)")
        await conn.execute(f"PREPARE take AS {jobs.TAKE}")
        touched = []
        for many in (2000, 6000):
            await conn.execute(MANY, kind, many, accounts, phase, waited)
            await conn.execute(MANY, kind, many, 300, phase, waited / 2)
            if analyzed:
                await conn.execute("ANALYZE job")
            assert await jobs.take(conn, {kind, "another"}, "worker") is not None
            touched += [await _touched(conn, plan, kind, "another") for plan in ("force_custom_plan", "force_generic_plan")]
        await conn.execute("DEALLOCATE take")
        await transaction.rollback()
    assert max(touched) < 15 * jobs.MOST_COMPARED
