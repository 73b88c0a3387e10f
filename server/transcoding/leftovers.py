"""What starts of a job have left behind that nothing names any more: it goes, once nobody can hold its URL."""

from uuid import UUID

from server.transcoding import made, queries
from server.videos.actions import JOB, PREFIX, STRAGGLER_SECONDS
from server.videos.queries import remove_objects
from storage import job_steps, job_trace
from storage.postgres import Rows


async def kept(conn: Rows, video_id: UUID) -> set[int]:
    """The generations that a step has stored something in, or that the video shows: what plays need not have steps."""
    steps = (await job_steps.of_subjects(conn, JOB, [video_id])).get(video_id, [])
    stored = {int(path.partition("/")[0]) for of_step in made.files(steps).values() for path in of_step}
    shown = (await queries.shown(conn, [video_id])).get(video_id)
    return stored | shown.generations if shown else stored


async def sweep(conn: Rows, video_id: UUID, job_id: UUID, number: int, url_seconds: float) -> None:
    """Whatever starts up to this one have stored and nothing names goes.

    Args:
        conn: of the transaction.
        video_id: whose objects.
        job_id: of its job.
        number: of the last start.
        url_seconds: how long somebody may go by a URL of what was shown once. What never was goes sooner.
    """
    unseen = await job_trace.fruitless(conn, job_id)
    for start in sorted(set(range(1, number + 1)) - await kept(conn, video_id)):
        seconds = STRAGGLER_SECONDS if start in unseen else max(STRAGGLER_SECONDS, url_seconds)
        await remove_objects(conn, video_id, "media", f"{PREFIX.format(video_id=video_id)}{start}/", seconds=seconds)
