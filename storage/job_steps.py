"""The steps that a job has done, each with its result: written under the lease, in the transaction that shows the result."""

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
FORGET = "DELETE FROM job_step WHERE shard = $1 AND job_id = $2"


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


async def forget(conn: Rows, lease: Lease) -> None:
    """Let a job begin anew."""
    await conn.execute(FORGET, SHARD, lease.id)
