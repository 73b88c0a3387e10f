"""The steps that a job has done, each with its result: written under the lease, in the transaction that shows the result."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from storage.jobs import SHARD, Lease
from storage.postgres import Rows

DONE = "SELECT name, lease, result FROM job_step WHERE shard = $1 AND job_id = $2"
# A start that lost its lease writes nothing, so that there is one result for each step.
RECORD = """
INSERT INTO job_step (shard, job_id, name, lease, result, cpu_seconds, peak_bytes)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (shard, job_id, name) DO UPDATE
SET lease = excluded.lease, result = excluded.result, cpu_seconds = excluded.cpu_seconds,
    peak_bytes = excluded.peak_bytes, done_at = now()
"""
OF_SUBJECTS = """
SELECT job.subject_id, job_step.name, job_step.lease, job_step.result
FROM job
JOIN job_step ON job_step.shard = job.shard AND job_step.job_id = job.id
WHERE job.shard = $1 AND job.kind = $2 AND job.subject_id = ANY($3)
"""
WITH_STEPS = """
SELECT DISTINCT job.subject_id
FROM job
WHERE job.shard = $1 AND job.kind = $2 AND job.subject_id = ANY($3)
  AND EXISTS (SELECT 1 FROM job_step WHERE job_step.shard = job.shard AND job_step.job_id = job.id)
"""
FORGET = "DELETE FROM job_step WHERE shard = $1 AND job_id = $2 AND name <> ALL($3)"


class Step(msgspec.Struct, frozen=True):
    """What one step left: `generation` is the number of the start that did it, below which its objects lie.

    Attributes:
        result: JSON.
        cpu_seconds: of its child; 0 where it is not known.
        peak_bytes: of memory that its child had resident.
    """

    name: str
    generation: int
    result: bytes
    cpu_seconds: float = 0.0
    peak_bytes: int = 0


async def done(conn: Rows, lease: Lease) -> dict[str, Step]:
    """Every step that this job has done, by its name."""
    rows = await conn.fetch(DONE, SHARD, lease.id)
    return {row["name"]: Step(row["name"], row["lease"], row["result"].encode()) for row in rows}


async def record(conn: Rows, lease: Lease, step: Step) -> None:
    """Note a step as done. The caller's transaction holds the lease."""
    facts = (step.generation, step.result.decode(), step.cpu_seconds, step.peak_bytes)
    await conn.execute(RECORD, SHARD, lease.id, step.name, *facts)


async def of_subjects(conn: Rows, kind: str, subjects: Sequence[UUID]) -> dict[UUID, list[Step]]:
    """The steps of all jobs of these subjects, for those that have some."""
    found: defaultdict[UUID, list[Step]] = defaultdict(list)
    for row in await conn.fetch(OF_SUBJECTS, SHARD, kind, list(subjects)):
        found[row["subject_id"]].append(Step(row["name"], row["lease"], row["result"].encode()))
    return found


async def with_steps(conn: Rows, kind: str, subjects: Sequence[UUID]) -> set[UUID]:
    """Those of these subjects of which a job has done some step."""
    return {row["subject_id"] for row in await conn.fetch(WITH_STEPS, SHARD, kind, list(subjects))}


async def forget(conn: Rows, job_id: UUID, *, but: Sequence[str] = ()) -> None:
    """Let a job begin anew, but for these steps."""
    await conn.execute(FORGET, SHARD, job_id, list(but))
