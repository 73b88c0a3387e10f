"""Comments over HTTP."""

import pytest

from tests.people import Client, Person, sign_up
from tests.videos import Told, failed, published


async def test_a_comment_is_trimmed_and_kept_as_sent(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    video_id = await published(client, ann)
    made = await ben.post(f"/videos/{video_id}/comments", json={"text": "\u3000 e\u0301 <b>👩‍🚀</b> \n"})
    assert made.status == 201
    assert made.body["text"] == "e\u0301 <b>👩‍🚀</b>"
    assert made.body["author"]["username"] == ben.username
    assert (await nobody.get(f"/videos/{video_id}/comments")).body["items"] == [made.body]
    separated = await ben.post(f"/videos/{video_id}/comments", json={"text": "\u2028\x1f e\x1c\u0085"})
    assert separated.body["text"] == "\x1f e\x1c"


@pytest.mark.parametrize("text", ["", "  \n", "x" * 161, 5, "nul\x00", "half \udc00"])
async def test_a_text_that_is_none_is_refused(client: Client, ann: Person, text: object) -> None:
    video_id = await published(client, ann)
    assert (await ann.post(f"/videos/{video_id}/comments", json={"text": text})).fields == {"text"}


async def test_length_counts_code_points(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    assert (await ann.post(f"/videos/{video_id}/comments", json={"text": "😀" * 160})).status == 201


async def test_one_cannot_comment_on_what_one_cannot_see_or_what_does_not_play(client: Client, ann: Person, ben: Person) -> None:
    private, broken = await published(client, ann, Told(visibility="private")), await failed(client, ann)
    assert (await ben.post(f"/videos/{private}/comments", json={"text": "hi"})).code == "not_found"
    assert (await ben.post(f"/videos/{broken}/comments", json={"text": "hi"})).code == "not_found"
    assert (await ann.post(f"/videos/{broken}/comments", json={"text": "hi"})).code == "not_playable"


async def test_a_bad_comment_is_refused_before_the_video_is_asked_whether_it_plays(
    client: Client, ann: Person, ben: Person
) -> None:
    broken = await failed(client, ann)
    for bad in ({"text": ""}, {}, {"text": "hi", "more": 1}):
        assert (await ben.post(f"/videos/{broken}/comments", json=bad)).code == "not_found"
        assert (await ann.post(f"/videos/{broken}/comments", json=bad)).code == "invalid"
    assert (await ann.post(f"/videos/{broken}/comments", json={"text": "hi"})).code == "not_playable"


async def test_pages_of_comments(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    for number in range(5):
        await ann.post(f"/videos/{video_id}/comments", json={"text": str(number)})
    first = (await ann.get(f"/videos/{video_id}/comments?limit=3")).body
    rest = (await ann.get(f"/videos/{video_id}/comments?limit=3&cursor={first['next_cursor']}")).body
    assert [c["text"] for c in first["items"] + rest["items"]] == ["4", "3", "2", "1", "0"]
    assert rest["next_cursor"] is None


async def test_its_author_and_the_videos_may_delete_a_comment(client: Client, ann: Person, ben: Person) -> None:
    cat, video_id = await sign_up(client, "cat"), await published(client, ann)
    ids = [(await ben.post(f"/videos/{video_id}/comments", json={"text": t})).body["id"] for t in ("a", "b")]
    assert (await cat.delete(f"/comments/{ids[0]}")).code == "not_yours"
    assert (await ben.delete(f"/comments/{ids[0]}")).status == 204
    assert (await ann.delete(f"/comments/{ids[1]}")).status == 204
    assert (await ann.delete(f"/comments/{ids[1]}")).code == "not_found"
    assert (await ann.get(f"/videos/{video_id}")).body["counts"]["comments"] == 0
