"""A durable queue in PostgreSQL: jobs are leased, a lost lease goes to another worker, and every start is counted.

A row is enqueued in the transaction that needs the work done. `lease` is a fencing token: it rises with each start, and
`holds` locks the row and tells whether a token is still the newest, so that what a worker writes after it lost the
lease (it was frozen, or cut off) is refused in the same transaction.
"""

from dataclasses import dataclass
from uuid import UUID

from storage.postgres import Rows

SHARD = 0
"""Where the table is distributed each worker names the shards it serves; one node has one."""
LEASE_SECONDS = 12.0
HEARTBEAT_SECONDS = 3.0

ENQUEUE = """
INSERT INTO job (shard, id, kind, subject_id, account_id)
VALUES ($1, gen_random_uuid(), $2, $3, $4)
"""
# First those whose account has least running, so that one account's hundred uploads do not starve another's one;
# then by age. A lost lease counts as queued.
TAKE = """
UPDATE job
SET state = 'leased', lease = lease + 1, faults = faults + (state = 'leased')::integer, leased_by = $2,
    leased_until = now() + make_interval(secs => $3)
WHERE shard = $1 AND id = (
    SELECT due.id
    FROM job AS due
    WHERE due.shard = $1 AND due.kind = $4
      AND ((due.state = 'queued' AND due.run_at <= now()) OR (due.state = 'leased' AND due.leased_until < now()))
    ORDER BY (
        SELECT count(*)
        FROM job AS running
        WHERE running.shard = $1 AND running.state = 'leased' AND running.account_id = due.account_id
          AND running.leased_until >= now()
    ), due.run_at, due.id
    LIMIT 1
    FOR UPDATE OF due SKIP LOCKED
)
RETURNING id, subject_id, account_id, lease, faults
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
SET state = $4, ended_at = now(), leased_until = NULL, last_error = coalesce($5, last_error)
WHERE shard = $1 AND id = $2 AND lease = $3 AND state = 'leased'
"""
HAND_BACK = """
UPDATE job
SET state = 'queued', run_at = now() + make_interval(secs => $4), leased_until = NULL, faults = faults + $5,
    last_error = coalesce($6, last_error)
WHERE shard = $1 AND id = $2 AND lease = $3 AND state = 'leased'
"""
CANCEL = """
UPDATE job
SET state = 'cancelled', ended_at = now(), leased_until = NULL
WHERE shard = $1 AND kind = $2 AND subject_id = $3 AND state IN ('queued', 'leased')
"""
FORGET = "DELETE FROM job WHERE shard = $1 AND ended_at < now() - make_interval(days => $2)"


@dataclass(frozen=True, slots=True)
class Lease:
    """One start of a job: `number` is its fencing token; `faults` tells how often it went wrong before."""

    id: UUID
    subject_id: UUID
    account_id: UUID
    number: int
    faults: int


async def enqueue(conn: Rows, kind: str, subject_id: UUID, account_id: UUID) -> None:
    await conn.execute(ENQUEUE, SHARD, kind, subject_id, account_id)


async def take(conn: Rows, kind: str, worker: str) -> Lease | None:
    """Lease the next job; None when nothing is due."""
    row = await conn.fetchrow(TAKE, SHARD, worker, LEASE_SECONDS, kind)
    return Lease(row["id"], row["subject_id"], row["account_id"], row["lease"], row["faults"]) if row else None


async def extend(conn: Rows, lease: Lease) -> bool:
    """Keep the lease; False when another start has the job, or nobody needs it any more."""
    return await conn.fetchval(EXTEND, SHARD, lease.id, lease.number, LEASE_SECONDS) is not None


async def holds(conn: Rows, lease: Lease) -> bool:
    """Whether the lease is still the newest one; nobody can take it before this transaction ends."""
    return await conn.fetchval(HOLDS, SHARD, lease.id, lease.number) is not None


async def end(conn: Rows, lease: Lease, error: str | None = None) -> None:
    """Done, or failed for good when there is an error."""
    await conn.execute(END, SHARD, lease.id, lease.number, "failed" if error else "done", error)


async def hand_back(conn: Rows, lease: Lease, seconds: float, error: str | None = None, *, fault: bool = False) -> None:
    """Let it be tried again, `seconds` from now; a `fault` is counted against it."""
    await conn.execute(HAND_BACK, SHARD, lease.id, lease.number, seconds, int(fault), error)


async def cancel(conn: Rows, kind: str, subject_id: UUID) -> None:
    """Nobody needs the result any more; a worker that runs it learns so at its next heartbeat."""
    await conn.execute(CANCEL, SHARD, kind, subject_id)


async def forget(conn: Rows, days: int) -> None:
    """Delete the rows of jobs that ended long ago."""
    await conn.execute(FORGET, SHARD, days)
