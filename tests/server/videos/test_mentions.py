"""Who is told that somebody has mentioned them, and when."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

import pytest

from server.kit.request import POOL
from tests.people import Client, Person, sign_up
from tests.videos import Told, published, uploaded

pytestmark = pytest.mark.usefixtures("nobody_tells")

TAKE = """
DELETE FROM deed
WHERE kind = 'mention' AND by_id = ANY($1)
RETURNING account_id, by_id, subject_id AS video_id, comment_id
"""


class Mention(NamedTuple):
    """What waits to be told."""

    account_id: UUID
    by_id: UUID
    video_id: UUID
    comment_id: UUID | None


Take = Callable[[], Awaitable[list[Mention]]]


@pytest.fixture
def take(client: Client, ann: Person, ben: Person) -> Take:
    """Takes the mentions by these two that wait."""

    async def found() -> list[Mention]:
        return [Mention(**row) for row in await client.app[POOL].fetch(TAKE, [ann.id, ben.id])]

    return found


def _who(found: list[Mention]) -> set[UUID]:
    who = {mention.account_id for mention in found}
    assert len(who) == len(found)
    return who


async def test_a_comment_reaches_whom_it_mentions(client: Client, ann: Person, ben: Person, take: Take) -> None:
    video_id, eve = await published(client, ann), await sign_up(client, "eve")
    text = f"@{ann.username.upper()} @{ben.username} @{eve.username} @nobody_is_called_so"
    said = await ben.post(f"/videos/{video_id}/comments", json={"text": text})
    assert said.status == 201
    found = await take()
    assert {(one.by_id, one.video_id, str(one.comment_id)) for one in found} == {(ben.id, video_id, said.body["id"])}
    assert _who(found) == {eve.id}, "its author is told of the comment"


async def test_a_video_reaches_people_once_it_can_be_seen(client: Client, ann: Person, ben: Person, take: Take) -> None:
    eve = await sign_up(client, "eve")
    waiting = await uploaded(client, ann, Told(title=f"@{ben.username}"))
    assert (await ann.patch(f"/videos/{waiting}", json={"description": f"@{eve.username}"})).status == 200
    assert _who(await take()) == set()
    video_id = await published(client, ann, Told(title=f"@{ben.username} @{ann.username}", visibility="private"))
    assert _who(await take()) == set()
    for patch, reached in (
        ({"visibility": "public"}, {ben.id}),
        ({"description": f"@{ben.username} @{eve.username}"}, {eve.id}),
        ({"title": "nobody"}, set()),
        ({"visibility": "private"}, set()),
        ({"visibility": "public"}, {ben.id, eve.id}),
    ):
        assert (await ann.patch(f"/videos/{video_id}", json=patch)).status == 200
        found = await take()
        assert {(one.by_id, one.video_id, one.comment_id) for one in found} <= {(ann.id, video_id, None)}
        assert _who(found) == reached


async def test_only_followers_hear_of_what_only_they_may_see(client: Client, ann: Person, ben: Person, take: Take) -> None:
    eve, dan = await sign_up(client, "eve"), await sign_up(client, "dan")
    for person in (ben, eve, dan):
        await person.follow(ann)
    assert (await eve.delete(f"/me/following/{ann.id}")).status == 204
    words = f"@{ann.username} @{ben.username} @{eve.username} @{dan.username}"
    video_id = await published(client, ann, Told(description=words, visibility="followers"))
    assert _who(await take()) == {ben.id, dan.id}
    assert (await ben.post(f"/videos/{video_id}/comments", json={"text": words})).status == 201
    assert _who(await take()) == {dan.id}


async def test_nobody_hears_of_whom_a_block_hides(client: Client, ann: Person, ben: Person, take: Take) -> None:
    eve, dan, fay = [await sign_up(client, name) for name in ("eve", "dan", "fay")]
    for one, other in ((eve, ben), (ann, dan)):  # eve wants nothing of who comments, the author nothing of dan
        assert (await one.put(f"/me/blocks/{other.id}")).status == 204
    words = f"@{ann.username} @{ben.username} @{eve.username} @{dan.username} @{fay.username}"
    video_id = await published(client, ann, Told(title=words))
    assert _who(await take()) == {ben.id, eve.id, fay.id}
    assert (await ben.post(f"/videos/{video_id}/comments", json={"text": words})).status == 201
    assert _who(await take()) == {fay.id}
