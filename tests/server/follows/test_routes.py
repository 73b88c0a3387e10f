"""Following over HTTP."""

from uuid import uuid4

import pytest

from server.kit.request import POOL
from tests.people import Client, Person, sign_up
from tests.videos import Told, published


async def _names(person: Person, path: str) -> list[str]:
    return [user["username"] for user in (await person.get(path)).body["items"]]


async def test_following_twice_counts_once(ann: Person, ben: Person) -> None:
    await ann.follow(ben)
    await ann.follow(ben)
    assert await _names(ben, f"/users/{ben.id}/followers") == [ann.username]
    assert await _names(ben, f"/users/{ann.username}/following") == [ben.username]
    seen = (await ann.get(f"/users/{ben.id}")).body
    assert seen["counts"]["followers"] == 1
    assert seen["viewer"] == {"following": True}
    assert (await ann.get("/me")).body["viewer"] == {"following": False}


async def test_unfollowing_what_was_not_followed_is_fine(ann: Person, ben: Person) -> None:
    assert (await ann.delete(f"/me/following/{ben.username}")).status == 204
    await ann.follow(ben)
    assert (await ann.delete(f"/me/following/{ben.id}")).status == 204
    assert await _names(ann, f"/users/{ben.id}/followers") == []


async def test_nobody_follows_himself(ann: Person) -> None:
    refused = await ann.put(f"/me/following/{ann.id}")
    assert (refused.status, refused.code) == (422, "cannot_follow_yourself")


async def test_whom_one_cannot_see_one_cannot_follow(ann: Person, nobody: Person) -> None:
    assert (await ann.put("/me/following/nobody_at_all")).code == "not_found"
    assert (await nobody.put("/me/following/nobody_at_all")).code == "not_authenticated"


async def test_pages_hold_everybody_once_newest_first(client: Client, ben: Person) -> None:
    fans = [await sign_up(client, f"fan{i}") for i in range(5)]
    for fan in fans:
        await fan.follow(ben)
    seen: list[str] = []
    path = f"/users/{ben.id}/followers?limit=2"
    late = await sign_up(client, "late")
    cursor: str | None = ""
    while cursor is not None:
        page = (await ben.get(path + (f"&cursor={cursor}" if cursor else ""))).body
        seen += [user["username"] for user in page["items"]]
        cursor = page["next_cursor"]
        if len(seen) == 2:
            await late.follow(ben)  # whoever comes between two pages neither repeats nor hides anybody
    assert seen == [fan.username for fan in reversed(fans)]


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "limit=ten", "limit=-1", "cursor=nonsense", "cursor=", "cursor=%00"])
async def test_a_page_that_cannot_be_is_refused(ben: Person, query: str) -> None:
    refused = await ben.get(f"/users/{ben.id}/followers?{query}")
    assert (refused.status, refused.fields) == (422, {query.partition("=")[0]})


FROM_VIDEO = "SELECT from_video FROM following WHERE account_id = $1 AND author_id = $2"


async def test_where_a_wish_came_from_is_kept_of_the_first_time(client: Client, ann: Person, ben: Person) -> None:
    first, later = await published(client, ben), await published(client, ben)
    for video_id in (first, later):
        assert (await ann.put(f"/me/following/{ben.username}?from_video={video_id}")).status == 204
    await ann.follow(ben)
    assert await client.app[POOL].fetchval(FROM_VIDEO, ann.id, ben.id) == first
    await ann.delete(f"/me/following/{ben.id}")
    await ann.follow(ben)
    assert await client.app[POOL].fetchval(FROM_VIDEO, ann.id, ben.id) is None


async def test_a_wish_comes_from_a_video_of_that_author_that_one_sees(client: Client, ann: Person, ben: Person) -> None:
    other = await published(client, await sign_up(client, "other"))
    hidden = await published(client, ben, Told(visibility="private"))
    for video_id in ("x", "", "%00", other):
        refused = await ann.put(f"/me/following/{ben.id}?from_video={video_id}")
        assert (refused.status, refused.code, refused.fields) == (422, "invalid", {"from_video"})
    absent = await ann.put(f"/me/following/{ben.id}?from_video={uuid4()}")
    assert (absent.status, absent.code) == (404, "not_found")
    assert (await ann.put(f"/me/following/{ben.id}?from_video={hidden}")).body == absent.body
    # Whoever is not there is told of first.
    assert (await ann.put("/me/following/nobody_at_all?from_video=x")).status == 404
    assert await _names(ben, f"/users/{ben.id}/followers") == []
