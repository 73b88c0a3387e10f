"""Who hears that somebody has mentioned them, and when."""

from uuid import UUID

import msgspec
import pytest

from server.kit.request import ANNOUNCER
from server.videos.wire import Mentioned
from tests.people import Client, Person, sign_up
from tests.videos import Told, published, uploaded


@pytest.fixture
def heard(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[Mentioned]:
    """What is announced from now on, of mentions; it goes its way all the same."""
    found: list[Mentioned] = []
    announcer = client.app[ANNOUNCER]
    announce = announcer.announce

    def hear(event: msgspec.Struct) -> None:
        if isinstance(event, Mentioned):
            found.append(event)
        announce(event)

    monkeypatch.setattr(announcer, "announce", hear)
    return found


def _who(heard: list[Mentioned]) -> set[UUID]:
    """Takes them away."""
    found = {event.account_id for event in heard}
    assert len(found) == len(heard)
    heard.clear()
    return found


async def test_a_comment_reaches_whom_it_mentions(client: Client, ann: Person, ben: Person, heard: list[Mentioned]) -> None:
    video_id, eve = await published(client, ann), await sign_up(client, "eve")
    text = f"@{ann.username.upper()} @{ben.username} @{eve.username} @nobody_is_called_so"
    said = await ben.post(f"/videos/{video_id}/comments", json={"text": text})
    assert said.status == 201
    assert {(event.by_id, event.video_id, str(event.comment_id)) for event in heard} == {(ben.id, video_id, said.body["id"])}
    assert _who(heard) == {ann.id, eve.id}


async def test_a_video_reaches_people_once_it_can_be_seen(
    client: Client, ann: Person, ben: Person, heard: list[Mentioned]
) -> None:
    eve = await sign_up(client, "eve")
    waiting = await uploaded(client, ann, Told(title=f"@{ben.username}"))
    assert (await ann.patch(f"/videos/{waiting}", json={"description": f"@{eve.username}"})).status == 200
    assert _who(heard) == set()
    video_id = await published(client, ann, Told(title=f"@{ben.username} @{ann.username}", visibility="private"))
    assert _who(heard) == set()
    for patch, reached in (
        ({"visibility": "public"}, {ben.id}),
        ({"description": f"@{ben.username} @{eve.username}"}, {eve.id}),
        ({"title": "nobody"}, set()),
        ({"visibility": "private"}, set()),
        ({"visibility": "public"}, {ben.id, eve.id}),
    ):
        assert (await ann.patch(f"/videos/{video_id}", json=patch)).status == 200
        assert {(event.by_id, event.video_id, event.comment_id) for event in heard} <= {(ann.id, video_id, None)}
        assert _who(heard) == reached


async def test_only_followers_hear_of_what_only_they_may_see(
    client: Client, ann: Person, ben: Person, heard: list[Mentioned]
) -> None:
    eve = await sign_up(client, "eve")
    for person in (ben, eve):
        await person.follow(ann)
    assert (await eve.delete(f"/me/following/{ann.id}")).status == 204
    words = f"@{ann.username} @{ben.username} @{eve.username}"
    video_id = await published(client, ann, Told(description=words, visibility="followers"))
    assert _who(heard) == {ben.id}
    assert (await ben.post(f"/videos/{video_id}/comments", json={"text": words})).status == 201
    assert _who(heard) == {ann.id}


async def test_nobody_hears_of_whom_a_block_hides(client: Client, ann: Person, ben: Person, heard: list[Mentioned]) -> None:
    eve, dan = await sign_up(client, "eve"), await sign_up(client, "dan")
    for one, other in ((eve, ben), (ann, dan)):  # eve wants nothing of who comments, the author nothing of dan
        assert (await one.put(f"/me/blocks/{other.id}")).status == 204
    words = f"@{ann.username} @{ben.username} @{eve.username} @{dan.username}"
    video_id = await published(client, ann, Told(title=words))
    assert _who(heard) == {ben.id, eve.id}
    assert (await ben.post(f"/videos/{video_id}/comments", json={"text": words})).status == 201
    assert _who(heard) == {ann.id}
