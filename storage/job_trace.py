"""What happened to jobs, and how they stand: for operators, and for whoever compares them with what they are about."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from storage.jobs import SHARD, Lease
from storage.postgres import Rows

EVENT = "INSERT INTO job_event (shard, job_id, lease, event, detail) VALUES ($1, $2, $3, $4, $5)"
_COLUMNS = """id, kind, subject_id, account_id, state, phase, lease, faults, failures, passing, leased_by, run_at, created_at,
    ended_at, last_error, mark"""
LIST = f"""
SELECT {_COLUMNS}
FROM job
WHERE shard = $1 AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR $3 IN (id, subject_id, account_id))
ORDER BY created_at DESC, id
LIMIT $4
"""  # noqa: S608 - the columns are ours
FIND = f"""
SELECT {_COLUMNS}
FROM job
WHERE shard = $1 AND (id = $2 OR (subject_id = $2 AND kind = $3))
ORDER BY created_at DESC, id
LIMIT 1
"""  # noqa: S608 - the columns are ours
NEWEST = f"""
SELECT DISTINCT ON (subject_id) {_COLUMNS}
FROM job
WHERE shard = $1 AND kind = $2 AND subject_id = ANY($3)
ORDER BY subject_id, created_at DESC, id
"""  # noqa: S608 - the columns are ours
OPEN = f"""
SELECT {_COLUMNS}
FROM job
WHERE shard = $1 AND kind = $2 AND state IN ('queued', 'leased') AND id > $3
ORDER BY id
LIMIT $4
"""  # noqa: S608 - the columns are ours
# By time, so that whoever walks comes by what has just ended.
ENDED = f"""
SELECT {_COLUMNS}
FROM job
WHERE shard = $1 AND kind = $2 AND ended_at IS NOT NULL AND (ended_at, id) > ($3, $4)
ORDER BY ended_at, id
LIMIT $5
"""  # noqa: S608 - the columns are ours
STEPS = "SELECT name, lease, cpu_seconds, peak_bytes, done_at FROM job_step WHERE shard = $1 AND job_id = $2 ORDER BY done_at"
EVENTS = """
SELECT at, lease, event, detail
FROM (SELECT * FROM job_event WHERE shard = $1 AND job_id = $2 ORDER BY at DESC, id DESC LIMIT $3) AS newest
ORDER BY at, id
"""
# A start that has recorded a step says so: "first done".
FRUITLESS = """
SELECT lease
FROM job_event
WHERE shard = $1 AND job_id = $2
GROUP BY lease
HAVING bool_or(event = 'started') AND NOT bool_or(event LIKE '% done')
"""
HAPPENED = "SELECT EXISTS (SELECT 1 FROM job_event WHERE shard = $1 AND job_id = $2 AND event = $3)"
FIRST = """
SELECT min(at) FROM job_event
WHERE shard = $1 AND job_id = $2 AND event = $3 AND detail = $4 AND at > now() - make_interval(secs => $5)
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
    mark: str

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("queued", "leased")

    def start(self, number: int) -> Lease:
        """The start of this number."""
        return Lease(self.id, self.subject_id, self.account_id, number, self.faults, self.phase, self.kind)


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
    await note_of(conn, lease.id, lease.number, event, detail)


async def note_of(conn: Rows, job_id: UUID, number: int, event: str, detail: str = "") -> None:
    """The same, from outside of the start of this number."""
    await conn.execute(EVENT, SHARD, job_id, number, event, detail[:MAX_DETAIL])


async def first(conn: Rows, job_id: UUID, event: str, detail: str, seconds: float) -> datetime | None:
    """When this has happened first in the last so many seconds."""
    found: datetime | None = await conn.fetchval(FIRST, SHARD, job_id, event, detail, seconds)
    return found


async def listed(conn: Rows, state: str | None, about: UUID | None, limit: int) -> list[JobRow]:
    """The newest jobs in a state, about a job, a video or an account; all where None."""
    return [JobRow(**row) for row in await conn.fetch(LIST, SHARD, state, about, limit)]


async def find(conn: Rows, of: UUID, kind: str) -> JobRow | None:
    """The job of this id, or the newest one of this kind for the subject of this id."""
    row = await conn.fetchrow(FIND, SHARD, of, kind)
    return JobRow(**row) if row else None


async def newest(conn: Rows, kind: str, subjects: Sequence[UUID]) -> dict[UUID, JobRow]:
    """The newest job of each subject that has one."""
    return {row["subject_id"]: JobRow(**row) for row in await conn.fetch(NEWEST, SHARD, kind, list(subjects))}


async def waiting(conn: Rows, kind: str, after: UUID, limit: int) -> list[JobRow]:
    """Jobs that are queued or run, by id, after this one."""
    return [JobRow(**row) for row in await conn.fetch(OPEN, SHARD, kind, after, limit)]


async def ended(conn: Rows, kind: str, at: datetime, after: UUID, limit: int) -> list[JobRow]:
    """Jobs that ended after another one did at a time, by time."""
    return [JobRow(**row) for row in await conn.fetch(ENDED, SHARD, kind, at, after, limit)]


async def steps(conn: Rows, job_id: UUID) -> list[StepRow]:
    return [StepRow(**row) for row in await conn.fetch(STEPS, SHARD, job_id)]


async def events(conn: Rows, job_id: UUID) -> list[EventRow]:
    """The newest of them, by time."""
    return [EventRow(**row) for row in await conn.fetch(EVENTS, SHARD, job_id, MAX_EVENTS)]


async def fruitless(conn: Rows, job_id: UUID) -> set[int]:
    """The numbers of those starts that are known to have recorded no step."""
    return {row["lease"] for row in await conn.fetch(FRUITLESS, SHARD, job_id)}


async def happened(conn: Rows, job_id: UUID, event: str) -> bool:
    """Whether this is in the trace of a job."""
    found: bool = await conn.fetchval(HAPPENED, SHARD, job_id, event)
    return found
