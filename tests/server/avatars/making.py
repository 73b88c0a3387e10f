"""Pictures of accounts, sent and leased as their owners and workers do it."""

from server.avatars.actions import AVATAR_JOB
from server.transcoding.jobs import Tools
from storage.jobs import Lease
from tests import wishes
from tests.people import Answer, Person


async def leased(tools: Tools, person: Person) -> Lease:
    """Lease the job for this account's picture."""
    return await wishes.leased(tools, AVATAR_JOB, person.id)


async def put(person: Person, photo: bytes) -> Answer:
    return await person.put("/me/avatar", data=photo, headers={"Content-Type": "image/png"})
