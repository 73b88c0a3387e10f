"""Steps whose objects are lost: they are forgotten, with those that build on them, and so done again."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from media.manifest import FirstSource
from server.transcoding.made import Stored
from server.videos import shared, steps
from storage import job_steps
from storage.job_steps import Step
from storage.postgres import Rows


def to_repeat(lost: set[str], known: Collection[Step]) -> set[str]:
    """The steps, with those that build on them. Where the first source was replaced the ladder cannot be made without it."""
    replaced = any(msgspec.json.decode(step.result, type=Stored).replaces for step in known)
    if "first" in lost or ("ladder" in lost and replaced):
        return lost | {step.name for step in known} - {"probe"}
    return lost


async def forget(conn: Rows, job_id: UUID, video_id: UUID, lost: set[str], known: Collection[Step]) -> dict[str, Step]:
    """Let a job do these steps again, and the video show only what is left. The caller holds the lock of the author's row.

    Args:
        conn: of the transaction.
        job_id: of the job.
        video_id: of its video.
        lost: the steps of which objects are lost.
        known: all that the job has done.

    Returns:
        The steps that stay, by name.
    """
    again = to_repeat(lost, known)
    left = {step.name: step for step in known if step.name not in again}
    await job_steps.forget(conn, job_id, but=list(left))
    await shared.mark(conn, video_id, lost=True)
    if again & {"first", "ladder"}:
        await steps.reopened(conn, video_id)
    if "ladder" in again and "first" in left:
        first = left["first"]
        name = msgspec.json.decode(first.result, type=FirstSource).mp4.name
        await steps.drop_others(conn, video_id, first.generation, name)
    return left
