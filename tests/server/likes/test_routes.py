"""Likes over HTTP."""

from tests.people import Client, Person
from tests.videos import Told, published


async def test_liking_twice_counts_once(client: Client, ann: Person, ben: Person) -> None:
    video_id = await published(client, ann)
    for _ in range(2):
        assert (await ben.put(f"/videos/{video_id}/like")).status == 204
    video = (await ben.get(f"/videos/{video_id}")).body
    assert (video["counts"]["likes"], video["viewer"]) == (1, {"liked": True})
    assert (await ann.get(f"/videos/{video_id}")).body["viewer"] == {"liked": False}


async def test_taking_back_what_was_never_liked_is_fine(client: Client, ann: Person, ben: Person) -> None:
    video_id = await published(client, ann)
    assert (await ben.delete(f"/videos/{video_id}/like")).status == 204
    await ben.put(f"/videos/{video_id}/like")
    assert (await ben.delete(f"/videos/{video_id}/like")).status == 204
    assert (await ben.get(f"/videos/{video_id}")).body["counts"]["likes"] == 0


async def test_a_private_video_looks_absent_to_a_stranger(client: Client, ann: Person, ben: Person) -> None:
    video_id = await published(client, ann, Told(visibility="private"))
    assert (await ben.put(f"/videos/{video_id}/like")).code == "not_found"
