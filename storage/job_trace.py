"""What happened to jobs, and the hand of an operator on them: list, show, try again, cancel."""

from datetime import datetime
from uuid import UUID

import msgspec

from storage.jobs import SHARD, Lease
from storage.postgres import Rows

EVENT = "INSERT INTO job_event (shard, job_id, lease, event, detail) VALUES ($1, $2, $3, $4, $5)"
LIST = """
SELECT id, kind, subject_id, account_id, state, phase, lease, faults, failures, passing, leased_by, run_at, created_at,
       ended_at, last_error
FROM job
WHERE shard = $1 AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR $3 IN (id, subject_id, account_id))
ORDER BY created_at DESC, id
LIMIT $4
"""
STEPS = "SELECT name, lease, cpu_seconds, peak_bytes, done_at FROM job_step WHERE shard = $1 AND job_id = $2 ORDER BY done_at"
EVENTS = "SELECT at, lease, event, detail FROM job_event WHERE shard = $1 AND job_id = $2 ORDER BY at, id LIMIT $3"
RETRY = """
UPDATE job
SET state = 'queued', run_at = now(), ended_at = NULL, faults = 0, failures = 0
WHERE shard = $1 AND id = $2 AND state IN ('failed', 'cancelled')
RETURNING lease
"""
CANCEL = """
UPDATE job
SET state = 'cancelled', ended_at = now(), leased_until = NULL
WHERE shard = $1 AND id = $2 AND state IN ('queued', 'leased')
RETURNING lease
"""
MAX_DETAIL = 1000
MAX_EVENTS = 500


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """A job as an operator sees it; `subject_id` is the video that it is for."""

    id: UUID
    kind: str
    subject_id: UUID
    account_id: UUID
    state: str
    phase: int
    lease: int
    faults: int
    failures: int
    passing: bool
    leased_by: str | None
    run_at: datetime
    created_at: datetime
    ended_at: datetime | None
    last_error: str | None


class StepRow(msgspec.Struct, frozen=True, kw_only=True):
    """A step that is done: by which start, and what it took."""

    name: str
    lease: int
    cpu_seconds: float
    peak_bytes: int
    done_at: datetime


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, in the start of this number."""

    at: datetime
    lease: int
    event: str
    detail: str


async def note(conn: Rows, lease: Lease, event: str, detail: str = "") -> None:
    """Write down that something happened."""
    await conn.execute(EVENT, SHARD, lease.id, lease.number, event, detail[:MAX_DETAIL])


async def listed(conn: Rows, state: str | None, about: UUID | None, limit: int) -> list[JobRow]:
    """The newest jobs in a state, about a job, a video or an account; all where None."""
    return [JobRow(**row) for row in await conn.fetch(LIST, SHARD, state, about, limit)]


async def steps(conn: Rows, job_id: UUID) -> list[StepRow]:
    return [StepRow(**row) for row in await conn.fetch(STEPS, SHARD, job_id)]


async def events(conn: Rows, job_id: UUID) -> list[EventRow]:
    return [EventRow(**row) for row in await conn.fetch(EVENTS, SHARD, job_id, MAX_EVENTS)]


async def retry(conn: Rows, job_id: UUID) -> bool:
    """Queue a job that has failed or was cancelled; whether there was such a one."""
    return await _by_hand(conn, RETRY, job_id, "retried by hand")


async def cancel(conn: Rows, job_id: UUID) -> bool:
    """Cancel a job that waits or runs; whether there was such a one."""
    return await _by_hand(conn, CANCEL, job_id, "cancelled by hand")


async def _by_hand(conn: Rows, statement: str, job_id: UUID, event: str) -> bool:
    lease = await conn.fetchval(statement, SHARD, job_id)
    if lease is None:
        return False
    await conn.execute(EVENT, SHARD, job_id, lease, event, "")
    return True
