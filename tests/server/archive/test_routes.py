"""POST /videos/{id}/restore."""

from tests.archived import archive, old, tier_of
from tests.people import Client, Person
from tests.videos import published


async def test_only_the_author_has_it_brought_back(client: Client, ann: Person, ben: Person) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    refused = await ben.post(f"/videos/{video_id}/restore")
    assert (refused.status, refused.code) == (403, "not_yours")
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.tier == "restoring"


async def test_one_that_is_not_archived_stays_as_it_is(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    assert await tier_of(client, video_id) is None
