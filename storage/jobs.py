"""A durable queue in PostgreSQL: jobs are leased, a lost lease goes to another worker, and every start is counted.

A row is enqueued in the transaction that needs the work done. `lease` is a fencing token: it rises with each start, and
`holds` locks the row and tells whether a token is still the newest, so that what a worker writes after it lost the
lease (it was frozen, or cut off) is refused in the same transaction.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from storage.postgres import Rows

FIRST, LATER = 0, 1
"""Phases: what nobody can see yet, and the rest."""
SHARD = 0
"""Where the table is distributed each worker names the shards it serves; one node has one."""
LEASE_SECONDS = 12.0
HEARTBEAT_SECONDS = 3.0
MOST_FAILURES = 6
OVERLOADED_SECONDS = 60.0
"""A job that has waited so long says that more comes in than can be done."""

MOST_COMPARED = 100
"""Jobs of a kind and phase that may be next: those at the head of the queue, one each of so many accounts, lost ones."""
MOST_TRIED = 30
"""The best of them; other workers may be about to take the first ones."""


class Pauses(NamedTuple):
    """How long what failed for a passing reason is left alone before it is tried again by itself.

    Attributes:
        first_seconds: after the first failure.
        times: each pause is so many times as long as the one before.
        longest_seconds: but no longer than this.
        most: so many failures, and it is left for good; None: for ever.
    """

    first_seconds: float
    times: float
    longest_seconds: float
    most: int | None


PAUSES = Pauses(600.0, 4.0, 614_400.0, MOST_FAILURES)

ENQUEUE = """
INSERT INTO job (shard, id, kind, subject_id, account_id, lease)
VALUES ($1, gen_random_uuid(), $2, $3, $4, $5)
RETURNING id
"""
# What has not begun to show goes first. Then those whose account has least running, so that one account's hundred uploads
# do not starve another's one; then by age. Where one of a kind has waited too long there is more of it than can be done: then
# the newest go first, so that some people wait for seconds rather than all for hours. A lost lease counts as queued.
#
# Whatever waits, so many rows are read: of each kind and phase (`line`) the `head`, by the index job_waiting. Where everybody
# in it has something running, somebody who has nothing may stand behind: then one each of further accounts (`behind`), from
# account to account by the index job_waiting_account. A planner that takes the queue for short has no other way through it
# than these: every LIMIT is a number, both columns are in the order, `best` is looked up by id, and CASE fits no other index.
TAKE = f"""
WITH RECURSIVE running AS MATERIALIZED (
    SELECT account_id, count(*) AS jobs
    FROM job
    WHERE shard = $1 AND state = 'leased' AND leased_until >= now()
    GROUP BY account_id
), line AS MATERIALIZED (
    SELECT kind, phase::smallint AS phase, phase = 0 AND (
        SELECT run_at < now() - make_interval(secs => $6)
        FROM job
        WHERE shard = $1 AND kind = served.kind AND job.phase = 0 AND state = 'queued'
        ORDER BY run_at
        LIMIT 1
    ) IS TRUE AS newest_first
    FROM unnest($4::text[]) AS served (kind), generate_series(0, $5::integer) AS phase
), head AS MATERIALIZED (
    SELECT line.*, due.*
    FROM line, LATERAL (
        (
            SELECT id, account_id, run_at
            FROM job
            WHERE shard = $1 AND kind = line.kind AND phase = line.phase AND state = 'queued' AND run_at <= now()
              AND NOT newest_first
            ORDER BY run_at
            LIMIT {MOST_COMPARED}
        )
        UNION ALL
        (
            SELECT id, account_id, run_at
            FROM job
            WHERE shard = $1 AND kind = line.kind AND phase = line.phase AND state = 'queued' AND run_at <= now()
              AND newest_first
            ORDER BY run_at DESC
            LIMIT {MOST_COMPARED}
        )
    ) AS due
), behind AS (
    SELECT kind, phase, newest_first, NULL::uuid AS id, NULL::timestamptz AS run_at,
        repeat(CASE WHEN newest_first THEN 'f' ELSE '0' END, 32)::uuid AS account_id, 0 AS number
    FROM head
    GROUP BY kind, phase, newest_first
    HAVING count(*) = {MOST_COMPARED} AND bool_and(account_id IN (SELECT account_id FROM running))
    UNION ALL
    SELECT kind, phase, newest_first, due.*, number + 1
    FROM behind, LATERAL (
        (
            SELECT job.id, job.run_at, job.account_id
            FROM job
            WHERE shard = $1 AND kind = behind.kind AND phase = behind.phase AND state = 'queued' AND job.run_at <= now()
              AND account_id > behind.account_id AND NOT newest_first
            ORDER BY job.account_id, job.run_at
            LIMIT 1
        )
        UNION ALL
        (
            SELECT job.id, job.run_at, job.account_id
            FROM job
            WHERE shard = $1 AND kind = behind.kind AND phase = behind.phase AND state = 'queued' AND job.run_at <= now()
              AND account_id < behind.account_id AND newest_first
            ORDER BY job.account_id DESC, job.run_at DESC
            LIMIT 1
        )
    ) AS due
    WHERE number < {MOST_COMPARED}
), lost AS MATERIALIZED (
    SELECT kind, phase, id, account_id, run_at
    FROM job
    WHERE shard = $1 AND state = 'leased' AND leased_until < now() AND kind = ANY($4) AND phase <= $5
    ORDER BY leased_until
    LIMIT {MOST_COMPARED}
), best AS MATERIALIZED (
    SELECT ARRAY(
        SELECT id
        FROM (
            SELECT phase, newest_first, id, account_id, run_at FROM head
            UNION
            SELECT phase, newest_first, id, account_id, run_at FROM behind WHERE number > 0
            UNION
            SELECT phase, newest_first, id, account_id, run_at FROM lost JOIN line USING (kind, phase)
        ) AS due
        LEFT JOIN running USING (account_id)
        ORDER BY phase, coalesce(jobs, 0), CASE WHEN newest_first THEN now() - run_at ELSE run_at - now() END, id
        LIMIT {MOST_TRIED}
    ) AS ids
)
UPDATE job
SET state = 'leased', lease = lease + 1, faults = faults + (state = 'leased')::integer, leased_by = $2,
    leased_until = now() + make_interval(secs => $3)
WHERE shard = $1 AND id = (
    SELECT id
    FROM job
    WHERE shard = $1 AND id = ANY((SELECT ids FROM best)::uuid[])
      AND CASE state WHEN 'queued' THEN run_at <= now() WHEN 'leased' THEN leased_until < now() ELSE false END
    ORDER BY array_position((SELECT ids FROM best), id)
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, subject_id, account_id, lease, faults, phase, kind, mark
"""  # noqa: S608 - the numbers are ours
OTHERS_WAIT = """
SELECT EXISTS (
    SELECT 1
    FROM job
    WHERE shard = $1 AND kind = $2 AND phase < $3 AND state = 'queued' AND run_at <= now()
)
"""
# What this start has just ended or handed back is not lost: it may hear so before it has heard of its own commit.
EXTEND = """
UPDATE job
SET leased_until = CASE state WHEN 'leased' THEN now() + make_interval(secs => $4) END
WHERE shard = $1 AND id = $2 AND lease = $3 AND state <> 'cancelled'
RETURNING true
"""
HOLDS = """
SELECT true
FROM job
WHERE shard = $1 AND id = $2 AND lease = $3 AND state = 'leased'
FOR UPDATE
"""
END = """
UPDATE job
SET state = $4, ended_at = now(), leased_until = NULL, last_error = coalesce($5, last_error),
    passing = $6, version = $7, mark = $8, failures = failures + ($4 = 'failed')::integer
WHERE shard = $1 AND id = $2 AND lease = $3 AND state = 'leased'
"""
HAND_BACK = """
UPDATE job
SET state = 'queued', run_at = now() + make_interval(secs => $4), leased_until = NULL, faults = faults + $5,
    last_error = coalesce($6, last_error), phase = greatest(phase, $7), mark = CASE WHEN $5 > 0 THEN $8 ELSE mark END
WHERE shard = $1 AND id = $2 AND lease = $3 AND state = 'leased'
"""
# The pause is four times as long after each failure: ten minutes, forty, three hours, eleven. What failed twice in the same way
# has nothing to wait for but another version. Without a version nothing differs.
RETRY_PASSING = """
UPDATE job
SET state = 'queued', run_at = now(), ended_at = NULL, faults = 0, mark = ''
WHERE shard = $1 AND id IN (
    SELECT id
    FROM job
    WHERE shard = $1 AND kind = $2 AND state = 'failed' AND passing AND (
        version <> $3::text OR (
            mark = '' AND ($4::integer IS NULL OR failures < $4)
            AND ended_at < now() - make_interval(secs => least($5 * $6::float8 ^ least(failures - 1, 30), $7))
        )
    )
    ORDER BY ended_at
    LIMIT $8
    FOR UPDATE SKIP LOCKED
)
RETURNING subject_id
"""
CANCEL = """
UPDATE job
SET state = 'cancelled', ended_at = now(), leased_until = NULL
WHERE shard = $1 AND kind = $2 AND subject_id = $3 AND state IN ('queued', 'leased')
"""
# Numbers of starts go on: what a later start stores must not lie where an earlier one's did.
REQUEUE = """
UPDATE job
SET state = 'queued', run_at = now(), ended_at = NULL, passing = false, faults = 0, failures = 0, mark = ''
WHERE shard = $1 AND id = $2 AND state = ANY($3)
RETURNING lease
"""
NUMBER_FROM = "UPDATE job SET lease = greatest(lease, $3) WHERE shard = $1 AND id = $2"
CANCEL_ONE = """
UPDATE job
SET state = 'cancelled', ended_at = now(), leased_until = NULL, passing = false
WHERE shard = $1 AND id = $2 AND state IN ('queued', 'leased')
RETURNING lease
"""
PENDING = """
SELECT EXISTS (
    SELECT 1
    FROM job
    WHERE shard = $1 AND kind = $2 AND subject_id = $3 AND state IN ('queued', 'leased')
)
"""
# One that can be tried again, by a later version or by hand, stays for longer: as long as there is something to start from.
FORGET = """
DELETE FROM job
WHERE shard = $1 AND ended_at < now() - make_interval(days => $2) AND kind <> 'departure' AND NOT (
    kind = $3 AND (passing OR state = 'cancelled') AND ended_at >= now() - make_interval(days => $4)
    AND EXISTS (SELECT 1 FROM raw_object WHERE raw_object.video_id = job.subject_id)
)
"""


FORGET_ACCOUNT = """
DELETE FROM job
WHERE shard = $1 AND id = ANY(ARRAY(SELECT id FROM job WHERE account_id = $2 AND ended_at IS NOT NULL LIMIT $3))
  AND ended_at IS NOT NULL
RETURNING true
"""
FORGET_ONE = "DELETE FROM job WHERE shard = $1 AND id = $2"


@dataclass(frozen=True, slots=True)
class Lease:
    """One start of a job: `number` is its fencing token; `faults` tells how often it went wrong before, `mark` how last."""

    id: UUID
    subject_id: UUID
    account_id: UUID
    number: int
    faults: int
    phase: int = FIRST
    kind: str = ""
    mark: str = ""


async def enqueue(conn: Rows, kind: str, subject_id: UUID, account_id: UUID, *, after: int = 0) -> UUID:
    """Queue a job; its id. Its starts are numbered from `after` on, where an earlier job of the subject is lost."""
    job_id: UUID = await conn.fetchval(ENQUEUE, SHARD, kind, subject_id, account_id, after)
    return job_id


async def take(conn: Rows, kinds: Set[str], worker: str, phase: int = LATER) -> Lease | None:
    """Lease the next job of these kinds, of this phase or an earlier one; None when nothing is due."""
    row = await conn.fetchrow(TAKE, SHARD, worker, LEASE_SECONDS, list(kinds), phase, OVERLOADED_SECONDS)
    if row is None:
        return None
    return Lease(
        row["id"], row["subject_id"], row["account_id"], row["lease"], row["faults"], row["phase"], row["kind"], row["mark"]
    )


async def others_wait(conn: Rows, kind: str, phase: int) -> bool:
    """Whether a job of an earlier phase waits."""
    found: bool = await conn.fetchval(OTHERS_WAIT, SHARD, kind, phase)
    return found


async def extend(conn: Rows, lease: Lease) -> bool:
    """Keep the lease; False when another start has the job, or nobody needs it any more."""
    return await conn.fetchval(EXTEND, SHARD, lease.id, lease.number, LEASE_SECONDS) is not None


async def holds(conn: Rows, lease: Lease) -> bool:
    """Whether the lease is still the newest one; nobody can take it before this transaction ends."""
    return await conn.fetchval(HOLDS, SHARD, lease.id, lease.number) is not None


async def end(
    conn: Rows, lease: Lease, error: str | None = None, *, passing: bool = False, version: str = "", mark: str = ""
) -> None:
    """Done, or failed when there is an error.

    Args:
        conn: of the transaction.
        lease: which start.
        error: why it failed.
        passing: whether trying again later, or by another version, may succeed.
        version: under which it failed.
        mark: of a failure that came twice in a row: only another version may succeed.
    """
    await conn.execute(END, SHARD, lease.id, lease.number, "failed" if error else "done", error, passing, version, mark)


async def hand_back(
    conn: Rows,
    lease: Lease,
    seconds: float,
    error: str | None = None,
    *,
    fault: bool = False,
    phase: int = FIRST,
    mark: str = "",
) -> None:
    """Let it be tried again, `seconds` from now, in this phase or a later one; a `fault` is counted against it, with its mark."""
    await conn.execute(HAND_BACK, SHARD, lease.id, lease.number, seconds, int(fault), error, phase, mark)


async def retry_passing(conn: Rows, kind: str, version: str | None, limit: int, pauses: Pauses = PAUSES) -> list[UUID]:
    """Queue again what failed for a reason that may have passed: after growing pauses, and at once what another version failed.

    Args:
        conn: of the transaction.
        kind: of jobs.
        version: of the worker that will run them, once when it starts; None for whoever asks again and again.
        limit: so many at the most.
        pauses: how long, and how often.

    Returns:
        The subjects.
    """
    rows = await conn.fetch(RETRY_PASSING, SHARD, kind, version, pauses.most, *pauses[:3], limit)
    return [row["subject_id"] for row in rows]


async def cancel(conn: Rows, kind: str, subject_id: UUID) -> None:
    """Nobody needs the result any more; a worker that runs it learns so at its next heartbeat."""
    await conn.execute(CANCEL, SHARD, kind, subject_id)


async def pending(conn: Rows, kind: str, subject_id: UUID) -> bool:
    """Whether a job waits or runs."""
    found: bool = await conn.fetchval(PENDING, SHARD, kind, subject_id)
    return found


async def requeue(conn: Rows, job_id: UUID, states: Sequence[str]) -> int | None:
    """Queue a job again that ended in one of these states; the number of its last start, None when it did not."""
    number: int | None = await conn.fetchval(REQUEUE, SHARD, job_id, list(states))
    return number


async def number_from(conn: Rows, job_id: UUID, number: int) -> None:
    """Should a job that is over start again, its starts have greater numbers than this one."""
    await conn.execute(NUMBER_FROM, SHARD, job_id, number)


async def cancel_one(conn: Rows, job_id: UUID) -> int | None:
    """Cancel a job that waits or runs; the number of its last start, None when it does neither."""
    number: int | None = await conn.fetchval(CANCEL_ONE, SHARD, job_id)
    return number


async def forget(conn: Rows, days: int, kind: str, more_days: int) -> None:
    """Delete the rows of jobs that ended so many days ago; of this kind, where another try may succeed, after `more_days`."""
    await conn.execute(FORGET, SHARD, days, kind, more_days)


async def forget_account(conn: Rows, account_id: UUID, limit: int) -> int:
    """Delete the rows of some jobs of an account that have ended; how many these were."""
    return len(await conn.fetch(FORGET_ACCOUNT, SHARD, account_id, limit))


async def forget_one(conn: Rows, lease: Lease) -> None:
    """Delete the row of a job that this start has done, in the transaction in which it holds its lease."""
    await conn.execute(FORGET_ONE, SHARD, lease.id)
