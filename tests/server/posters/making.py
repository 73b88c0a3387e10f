"""Posters asked for and leased, as authors and workers do it."""

from uuid import UUID

from server.transcoding.jobs import Tools
from server.videos.actions import POSTER_JOB
from storage.jobs import Lease
from tests import wishes
from tests.people import Answer, Person


async def leased(tools: Tools, video_id: UUID) -> Lease:
    """Lease the job for this video's poster."""
    return await wishes.leased(tools, POSTER_JOB, video_id)


async def put(person: Person, video_id: UUID, wanted: int | bytes) -> Answer:
    if isinstance(wanted, int):
        return await person.put(f"/videos/{video_id}/poster", json={"at_ms": wanted})
    return await person.put(f"/videos/{video_id}/poster", data=wanted, headers={"Content-Type": "image/png"})
