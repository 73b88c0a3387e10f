"""Videos over HTTP: who sees one, what it says, how it changes and goes."""

import asyncio
from uuid import uuid4

import pytest

from server.kit.request import POOL
from server.videos import queries
from server.videos.wire import Visibility
from tests.people import Client, Person
from tests.videos import Told, failed, published, uploaded


async def test_a_public_video_is_everybodys(client: Client, ann: Person, nobody: Person) -> None:
    video_id = await published(client, ann, Told("first #Light over the #harbour", "#harbour again"))
    video = (await nobody.get(f"/videos/{video_id}")).body
    assert video["status"] == "playable"
    assert video["hashtags"] == ["light", "harbour"]
    assert video["author"]["username"] == ann.username
    assert video["viewer"] is None
    assert video["published_at"].endswith("Z")
    assert video["sources"][0]["url"] == f"/media/{video_id}/o/1/540.mp4"
    assert all(source["expires_at"] is None for source in video["sources"])


async def test_until_it_plays_only_its_author_sees_it(client: Client, ann: Person, ben: Person) -> None:
    absent = (await ben.get(f"/videos/{uuid4()}")).body
    for video_id in (await uploaded(client, ann), await failed(client, ann)):
        hidden = await ben.get(f"/videos/{video_id}")
        assert (hidden.status, hidden.body) == (404, absent)
        assert (await ann.get(f"/videos/{video_id}")).status == 200


async def test_a_failed_video_says_why(client: Client, ann: Person) -> None:
    video = (await ann.get(f"/videos/{await failed(client, ann)}")).body
    assert video["error"] == {"code": "unreadable", "detail": "Not media."}
    assert video["sources"] == []


@pytest.mark.parametrize(("visibility", "seen_by"), [("public", "fsn"), ("followers", "f"), ("private", "")])
async def test_visibility(client: Client, ann: Person, ben: Person, nobody: Person, visibility: Visibility, seen_by: str) -> None:
    video_id = await published(client, ann, Told(visibility=visibility))
    await ben.follow(ann)
    follower = await ben.get(f"/videos/{video_id}")
    assert (follower.status == 200) == ("f" in seen_by)
    listed = [v["id"] for v in (await ben.get(f"/users/{ann.id}/videos")).body["items"]]
    assert (str(video_id) in listed) == ("f" in seen_by)
    await ben.delete(f"/me/following/{ann.id}")
    assert ((await ben.get(f"/videos/{video_id}")).status == 200) == ("s" in seen_by)
    assert ((await nobody.get(f"/videos/{video_id}")).status == 200) == ("n" in seen_by)
    assert (await ann.get(f"/videos/{video_id}")).status == 200


async def test_media_of_a_hidden_video_are_signed(client: Client, ann: Person) -> None:
    video_id = await published(client, ann, Told(visibility="private"))
    video = (await ann.get(f"/videos/{video_id}")).body
    assert video["published_at"] is None
    for url in (video["poster_url"], *(source["url"] for source in video["sources"])):
        assert url.startswith(f"/media/{video_id}/s/1/")
        assert "expires=" in url
        assert "signature=" in url


async def test_a_private_video_is_published_when_it_opens(client: Client, ann: Person) -> None:
    video_id = await published(client, ann, Told(visibility="private"))
    opened = (await ann.patch(f"/videos/{video_id}", json={"visibility": "public"})).body
    assert opened["published_at"] is not None
    closed = (await ann.patch(f"/videos/{video_id}", json={"visibility": "private"})).body
    again = (await ann.patch(f"/videos/{video_id}", json={"visibility": "followers"})).body
    assert closed["published_at"] == opened["published_at"] == again["published_at"]


async def test_editing_changes_what_is_given(client: Client, ann: Person) -> None:
    video_id = await published(client, ann, Told("old #one", "kept"))
    changed = (await ann.patch(f"/videos/{video_id}", json={"title": "new #two"})).body
    assert (changed["title"], changed["description"], changed["hashtags"]) == ("new #two", "kept", ["two"])


async def test_whoever_likes_or_comments_keeps_nobody_from_editing(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    async with client.app[POOL].acquire() as conn, conn.transaction():
        assert await queries.held(conn, [video_id], wait=True)
        assert (await ann.patch(f"/videos/{video_id}", json={"title": "new"})).status == 200


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"title": "x" * 151}, "title"),
        ({"visibility": "all"}, "visibility"),
        ({"id": "1"}, "id"),
        ({"status": "ready"}, "status"),
    ],
)
async def test_what_cannot_be_edited_is_named(client: Client, ann: Person, patch: dict[str, str], field: str) -> None:
    video_id = await published(client, ann)
    assert (await ann.patch(f"/videos/{video_id}", json=patch)).fields == {field}


async def test_refusals_come_in_their_order(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    theirs, hidden = await published(client, ann), await published(client, ann, Told(visibility="private"))
    bad = {"title": "x" * 151}
    assert (await nobody.patch(f"/videos/{theirs}", json=bad)).code == "not_authenticated"
    assert (await ben.patch(f"/videos/{theirs}", data=b"{", headers={"Content-Type": "application/json"})).code == "malformed"
    assert (await ben.patch(f"/videos/{hidden}", json=bad)).code == "not_found"
    assert (await ben.patch(f"/videos/{theirs}", json=bad)).code == "not_yours"
    assert (await ben.delete(f"/videos/{theirs}")).code == "not_yours"
    assert (await ben.get("/videos/not-an-id")).code == "not_found"


async def test_a_deleted_video_is_gone(client: Client, ann: Person, ben: Person) -> None:
    video_id = await published(client, ann)
    await ben.put(f"/videos/{video_id}/like")
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    assert (await ann.get(f"/videos/{video_id}")).status == 404
    assert (await ann.delete(f"/videos/{video_id}")).status == 404
    assert (await ann.get(f"/users/{ann.id}/videos")).body["items"] == []


async def test_the_same_bytes_are_the_same_video_until_it_is_gone(client: Client, ann: Person, ben: Person) -> None:
    told = Told()
    first = await uploaded(client, ann, told)
    assert await uploaded(client, ann, told) == first
    assert await uploaded(client, ben, told) != first
    await ann.delete(f"/videos/{first}")
    assert await uploaded(client, ann, told) != first


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("", "540.mp4"),
        ("?bandwidth_bps=100000", "234.mp4"),
        ("?bandwidth_bps=000000100000", "234.mp4"),
        ("?bandwidth_bps=1750000", "540.mp4"),
        ("?bandwidth_bps=1749999", "234.mp4"),
        ("?bandwidth_bps=90000000", "720.mp4"),
        ("?bandwidth_bps=4000000&save_data=1", "540.mp4"),
        ("?save_data=1", "234.mp4"),
    ],
)
async def test_the_source_that_fits_comes_first(client: Client, ann: Person, query: str, first: str) -> None:
    video_id = await published(client, ann)
    sources = (await ann.get(f"/videos/{video_id}{query}")).body["sources"]
    assert sources[0]["url"].endswith(first)
    assert len(sources) == 3


async def test_a_bandwidth_that_is_no_number_is_refused(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    for bandwidth in ("fast", "0", "-1", "1" * 13, "0" * 5000 + "1", "٣"):
        assert (await ann.get(f"/videos/{video_id}?bandwidth_bps={bandwidth}")).fields == {"bandwidth_bps"}


async def test_uploading_again_what_is_being_deleted_finds_one_or_makes_another(client: Client, ann: Person) -> None:
    for _ in range(10):
        told = Told()
        first = await uploaded(client, ann, told)
        second, deleted = await asyncio.gather(uploaded(client, ann, told), ann.delete(f"/videos/{first}"))
        assert deleted.status == 204
        assert second is not None


async def test_likes_and_comments_on_what_is_being_deleted_are_taken_or_404(client: Client, ann: Person, ben: Person) -> None:
    for _ in range(10):
        video_id = await published(client, ann)
        liked, commented, deleted = await asyncio.gather(
            ben.put(f"/videos/{video_id}/like"),
            ben.post(f"/videos/{video_id}/comments", json={"text": "first"}),
            ann.delete(f"/videos/{video_id}"),
        )
        assert deleted.status == 204
        assert liked.status in (204, 404)
        assert commented.status in (201, 404)
