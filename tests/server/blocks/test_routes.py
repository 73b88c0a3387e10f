"""Blocking over HTTP: what it ends, and what neither of the two sees while it lasts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from server.kit.ids import new_id
from tests.people import Answer, Client, Person, sign_up
from tests.videos import published


async def _names(person: Person, path: str) -> list[str]:
    answer = await person.get(path)
    assert answer.status == 200, answer.body
    return [user["username"] for user in answer.body["items"]]


async def _comment(person: Person, video_id: UUID) -> str:
    made = await person.post(f"/videos/{video_id}/comments", json={"text": f"by {person.username}"})
    assert made.status == 201, made.body
    return str(made.body["id"])


async def _block(person: Person, other: Person) -> None:
    assert (await person.put(f"/me/blocks/{other.id}")).status == 204


# The list


async def test_blocking_twice_is_one_block(ann: Person, ben: Person) -> None:
    assert (await ann.put(f"/me/blocks/{ben.username}")).status == 204
    assert (await ann.put(f"/me/blocks/{ben.id}")).status == 204
    assert await _names(ann, "/me/blocks") == [ben.username]
    assert await _names(ben, "/me/blocks") == []


async def test_ending_what_was_not_blocked_is_fine(ann: Person, ben: Person) -> None:
    assert (await ann.delete(f"/me/blocks/{ben.username}")).status == 204
    await _block(ann, ben)
    assert (await ann.delete(f"/me/blocks/{ben.id}")).status == 204
    assert await _names(ann, "/me/blocks") == []


async def test_nobody_blocks_himself_or_nobody(ann: Person, nobody: Person) -> None:
    refused = await ann.put(f"/me/blocks/{ann.username}")
    assert (refused.status, refused.code, refused.fields) == (422, "cannot_block_yourself", {"user_id"})
    assert (await ann.put("/me/blocks/nobody_at_all")).code == "not_found"
    assert (await ann.delete(f"/me/blocks/{new_id()}")).code == "not_found"
    for method, path in (("PUT", f"/me/blocks/{ann.id}"), ("DELETE", f"/me/blocks/{ann.id}"), ("GET", "/me/blocks")):
        assert (await nobody.call(method, path)).code == "not_authenticated"


async def test_an_account_blocks_only_so_many(client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.blocks.actions.MAX_BLOCKS", 1)
    cat = await sign_up(client, "cat")
    await ann.follow(cat)
    await _block(ann, ben)
    refused = await ann.put(f"/me/blocks/{cat.id}")
    assert (refused.status, refused.code) == (409, "too_many_blocks")
    assert (await ann.get(f"/users/{cat.id}")).body["viewer"] == {"following": True}
    await _block(ann, ben)  # this one is there already
    assert (await ann.delete(f"/me/blocks/{ben.id}")).status == 204
    await _block(ann, cat)


async def test_pages_hold_everybody_once_newest_first(client: Client, ann: Person) -> None:
    others = [await sign_up(client, f"other{i}") for i in range(5)]
    for other in others:
        await _block(ann, other)
    seen: list[str] = []
    late = await sign_up(client, "late")
    cursor: str | None = ""
    while cursor is not None:
        page = (await ann.get("/me/blocks?limit=2" + (f"&cursor={cursor}" if cursor else ""))).body
        seen += [user["username"] for user in page["items"]]
        cursor = page["next_cursor"]
        await _block(ann, late)
    assert seen == [other.username for other in reversed(others)]


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "cursor=nonsense"])
async def test_a_page_that_cannot_be_is_refused(ann: Person, query: str) -> None:
    refused = await ann.get(f"/me/blocks?{query}")
    assert (refused.status, refused.fields) == (422, {query.partition("=")[0]})


# Follows


async def test_a_block_ends_follows_in_both_directions(ann: Person, ben: Person, nobody: Person) -> None:
    await ann.follow(ben)
    await ben.follow(ann)
    await _block(ann, ben)
    for person in (ann, ben):
        counts = (await nobody.get(f"/users/{person.id}")).body["counts"]
        assert (counts["followers"], counts["following"]) == (0, 0)
        assert await _names(nobody, f"/users/{person.id}/followers") == []
        assert await _names(nobody, f"/users/{person.id}/following") == []


async def test_follows_that_a_block_has_ended_do_not_come_back(ann: Person, ben: Person) -> None:
    await ann.follow(ben)
    await ben.follow(ann)
    await _block(ann, ben)
    assert (await ann.delete(f"/me/blocks/{ben.id}")).status == 204
    assert (await ann.get(f"/users/{ben.id}")).body["viewer"] == {"following": False}
    await ann.follow(ben)
    await ben.follow(ann)
    assert await _names(ann, f"/users/{ben.id}/followers") == [ann.username]


async def test_of_two_who_block_each_other_either_has_to_end_it(client: Client, ann: Person, ben: Person) -> None:
    video_id = await published(client, ann)
    await _block(ann, ben)
    await _block(ben, ann)
    assert await _names(ben, "/me/blocks") == [ann.username]
    assert (await ben.get(f"/users/{ann.id}")).status == (await ann.get(f"/users/{ben.id}")).status == 404
    assert (await ann.delete(f"/me/blocks/{ben.id}")).status == 204
    assert (await ben.get(f"/users/{ann.id}")).status == 200
    assert (await ben.get(f"/videos/{video_id}")).status == 404
    assert (await ben.delete(f"/me/blocks/{ann.id}")).status == 204
    assert (await ben.get(f"/videos/{video_id}")).status == 200


# What neither sees of the other


@dataclass(frozen=True)
class Two:
    """One of two between whom there is a block, and what the other one has made.

    `video` is the other one's; `stage` is a video of `cat`, on which both have commented and whom both follow, as she does them.
    """

    viewer: Person
    other: Person
    cat: Person
    video: UUID
    own: UUID
    stage: UUID
    comment: str


@pytest.fixture(params=["blocker", "blocked"])
async def side(request: pytest.FixtureRequest) -> str:
    """From which side of the block it is looked at."""
    return str(request.param)


@pytest.fixture
async def two(client: Client, ann: Person, ben: Person, side: str) -> Two:
    viewer, other = (ann, ben) if side == "blocker" else (ben, ann)
    cat = await sign_up(client, "cat")
    await viewer.follow(other)
    await other.follow(viewer)
    for person in (viewer, other):
        await person.follow(cat)
        await cat.follow(person)
    video, own, stage = await published(client, other), await published(client, viewer), await published(client, cat)
    for video_id in (video, own, stage):
        await _comment(viewer, video_id)
        comment = await _comment(other, video_id)
        for person in (viewer, other):
            assert (await person.put(f"/videos/{video_id}/like")).status == 204
    await _block(ann, ben)
    return Two(viewer, other, cat, video, own, stage, comment)


SAME_FOR_BOTH = [
    ("GET", "/videos/{video}", None),
    ("GET", "/videos/{video}/comments", None),
    ("POST", "/videos/{video}/comments", {"text": "hi"}),
    ("PUT", "/videos/{video}/like", None),
    ("DELETE", "/videos/{video}/like", None),
    ("PATCH", "/videos/{video}", {"title": "mine"}),
    ("DELETE", "/videos/{video}", None),
    ("PUT", "/videos/{video}/poster", {"at_ms": 1}),
    ("DELETE", "/videos/{video}/poster", None),
    ("GET", "/videos/{video}/similar", None),
    ("DELETE", "/comments/{comment}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), SAME_FOR_BOTH)
async def test_what_the_other_has_made_is_as_if_it_were_not_there(two: Two, method: str, path: str, body: Any) -> None:
    absent = await two.viewer.call(method, path.format(video=new_id(), comment=new_id()), json=body)
    hidden = await two.viewer.call(method, path.format(video=two.video, comment=two.comment), json=body)
    assert (hidden.status, hidden.body) == (absent.status, absent.body)
    assert (hidden.status, hidden.code) == (404, "not_found")


ABOUT_THE_OTHER = [
    ("GET", "/users/{user}", 200),
    ("GET", "/users/{user}/videos", 200),
    ("GET", "/users/{user}/followers", 200),
    ("GET", "/users/{user}/following", 200),
    ("PUT", "/me/following/{user}", 409),
    ("DELETE", "/me/following/{user}", 204),
]


@pytest.mark.parametrize("named", ["id", "username"])
@pytest.mark.parametrize(("method", "path", "to_the_blocker"), ABOUT_THE_OTHER)
async def test_whoever_is_blocked_finds_nobody_there(
    two: Two, side: str, named: str, method: str, path: str, to_the_blocker: int
) -> None:
    answer = await two.viewer.call(method, path.format(user=getattr(two.other, named)))
    if side == "blocker":
        assert answer.status == to_the_blocker
    else:
        absent = await two.viewer.call(method, path.format(user=new_id()))
        assert (answer.status, answer.body) == (absent.status, absent.body)
        assert (answer.status, answer.code) == (404, "not_found")


async def test_neither_can_follow_the_other(two: Two, side: str, nobody: Person) -> None:
    code = {"blocker": "cannot_follow_blocked", "blocked": "not_found"}[side]
    assert (await two.viewer.put(f"/me/following/{two.other.id}")).code == code
    assert await _names(nobody, f"/users/{two.other.id}/followers") == [two.cat.username]


def _videos(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.body["items"]]


@pytest.mark.parametrize("path", ["/feed/latest?limit=50", "/feed/following?limit=50"])
async def test_feeds_leave_out_the_others_videos_and_comments(two: Two, path: str) -> None:
    answer = await two.viewer.get(path)
    assert str(two.stage) in _videos(answer)
    assert str(two.video) not in _videos(answer)
    for item in answer.body["items"]:
        assert str(two.other.id) not in [comment["author"]["id"] for comment in item["top_comments"]]
        if item["id"] in (str(two.stage), str(two.own)):
            assert [comment["author"]["id"] for comment in item["top_comments"]] == [str(two.viewer.id)]
            assert (item["counts"]["comments"], item["counts"]["likes"]) == (2, 2)


async def test_whoever_blocks_sees_no_videos_in_the_others_list(two: Two, side: str) -> None:
    answer = await two.viewer.get(f"/users/{two.other.id}/videos")
    if side == "blocker":
        assert (_videos(answer), answer.body["next_cursor"]) == ([], None)


async def test_lists_of_comments_leave_out_the_others(two: Two) -> None:
    for video_id in (two.stage, two.own):
        items = (await two.viewer.get(f"/videos/{video_id}/comments")).body["items"]
        assert [comment["author"]["id"] for comment in items] == [str(two.viewer.id)]
    assert (await two.viewer.get(f"/videos/{two.stage}")).body["counts"]["comments"] == 2


@pytest.mark.parametrize("of", ["followers", "following"])
async def test_lists_of_people_leave_out_the_other(two: Two, of: str) -> None:
    assert await _names(two.viewer, f"/users/{two.cat.id}/{of}") == [two.viewer.username]
    counts = (await two.viewer.get(f"/users/{two.cat.id}")).body["counts"]
    assert (counts["followers"], counts["following"]) == (2, 2)


async def test_pages_are_full_though_somebody_is_left_out(client: Client, two: Two) -> None:
    for _ in range(3):
        await published(client, two.other)
    assert len(_videos(await two.viewer.get("/feed/latest?limit=2"))) == 2


async def test_third_parties_see_both(two: Two, nobody: Person) -> None:
    for person in (two.cat, nobody):
        assert (await person.get(f"/videos/{two.video}")).status == 200
        assert {str(two.video), str(two.own)} <= set(_videos(await person.get("/feed/latest?limit=50")))
        assert len((await person.get(f"/videos/{two.stage}/comments")).body["items"]) == 2
        assert set(await _names(person, f"/users/{two.cat.id}/followers")) == {two.viewer.username, two.other.username}


async def test_an_author_may_delete_what_was_commented_on_his_video_by_whom_he_has_blocked(client: Client, two: Two) -> None:
    video_id, dan = await published(client, two.viewer), await sign_up(client, "dan")
    comment = await _comment(dan, video_id)
    await _block(two.viewer, dan)
    assert (await two.viewer.delete(f"/comments/{comment}")).status == 204
    assert (await two.viewer.get(f"/videos/{video_id}")).body["counts"]["comments"] == 0


async def test_after_the_block_all_is_there_again(two: Two, ann: Person, ben: Person) -> None:
    assert (await ann.delete(f"/me/blocks/{ben.id}")).status == 204
    assert (await two.viewer.get(f"/users/{two.other.id}")).status == 200
    assert (await two.viewer.get(f"/videos/{two.video}")).body["viewer"] == {"liked": True}
    assert str(two.video) in _videos(await two.viewer.get("/feed/latest?limit=50"))
    assert str(two.video) in _videos(await two.viewer.get(f"/users/{two.other.id}/videos"))
    assert len((await two.viewer.get(f"/videos/{two.stage}/comments")).body["items"]) == 2
    assert len(await _names(two.viewer, f"/users/{two.cat.id}/followers")) == 2
    await two.viewer.follow(two.other)
