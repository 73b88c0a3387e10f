"""What accounts are told of others: together, exactly, and read when they have seen it."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.request import POOL
from server.notifications import jobs, queries
from storage.postgres import connection
from tests.people import Client, Person, sign_up
from tests.server.notifications.conftest import List
from tests.videos import Told, published

pytestmark = pytest.mark.usefixtures("nobody_tells")


def gist(item: dict[str, Any]) -> tuple[str, int, bool]:
    return item["kind"], item["actors_count"], item["unread"]


def names(item: dict[str, Any]) -> list[str]:
    return [actor["username"] for actor in item["actors"]]


async def people(client: Client, count: int) -> list[Person]:
    return await asyncio.gather(*(sign_up(client, f"p{nth}") for nth in range(count)))


async def like(video_id: UUID, *by: Person) -> None:
    for one in by:
        assert (await one.put(f"/videos/{video_id}/like")).status == 204


async def say(video_id: UUID, by: Person, text: str = "so good") -> str:
    said = await by.post(f"/videos/{video_id}/comments", json={"text": text})
    assert said.status == 201, said.body
    found: str = said.body["id"]
    return found


async def test_what_is_alike_is_one_notification_until_it_is_read(client: Client, ann: Person, told: List) -> None:
    video_id = await published(client, ann)
    fans = await people(client, 5)
    await like(video_id, *fans[:3])
    (one,) = (await told(ann))["items"]
    await like(video_id, fans[3])
    seen = await told(ann)
    (grown,) = seen["items"]
    assert (gist(grown), names(grown)) == (("like", 4, True), [fan.username for fan in reversed(fans[1:4])])
    assert (grown["id"], grown["video"]["id"], grown["comment"]) == (one["id"], str(video_id), None)
    assert (grown["created_at"], seen["unread"], seen["next_cursor"]) == (one["created_at"], 1, None)
    for _ in range(2):
        assert (await ann.put("/me/notifications/read", json={"up_to": seen["up_to"]})).status == 204
    assert [gist(item) for item in (await told(ann))["items"]] == [("like", 4, False)]
    await like(video_id, fans[4])
    assert [gist(item) for item in (await told(ann))["items"]] == [("like", 1, True), ("like", 4, False)]


async def test_each_kind_says_who_and_of_what(client: Client, ann: Person, ben: Person, told: List) -> None:
    video_id = await published(client, ann)
    await ben.follow(ann)
    await like(video_id, ben, ann)
    await say(video_id, ben, "first")
    newest = await say(video_id, ben)
    await say(video_id, ann, "of my own")
    theirs = await published(client, ben, Told(description=f"@{ann.username}"))
    async with connection(client.app[POOL]) as conn:
        assert ann.id is not None
        await deeds.keep(conn, Deed(ann.id, "video_failed", video_id), Deed(ann.id, "video_ready", theirs))
    items = {item["kind"]: item for item in (await told(ann))["items"]}
    assert {kind: (item["actors_count"], names(item)) for kind, item in items.items()} == {
        kind: (1, [ben.username]) for kind in ("follower", "like", "comment", "mention")
    }
    assert (items["follower"]["video"], items["follower"]["comment"]) == (None, None)
    assert items["comment"]["comment"]["id"] == newest
    assert items["mention"]["video"]["id"] == str(theirs)
    assert (await told(ben))["items"] == []


async def test_what_is_taken_back_or_gone_is_not_told(client: Client, ann: Person, ben: Person, cat: Person, told: List) -> None:
    first, second = await published(client, ann), await published(client, ann)
    await like(first, ben, cat)
    await like(second, ben)
    await ben.follow(ann)
    said = await say(first, cat)
    elsewhere = await published(client, ben)
    mentioned = await say(elsewhere, cat, f"@{ann.username}")
    assert (await told(ann))["unread"] == 5
    await ben.delete(f"/videos/{first}/like")
    await ben.delete(f"/me/following/{ann.id}")
    for comment_id in (said, mentioned):
        await cat.delete(f"/comments/{comment_id}")
    await ann.delete(f"/videos/{second}")
    body = await told(ann)
    assert ([gist(item) for item in body["items"]], body["unread"]) == ([("like", 1, True)], 1)
    await cat.delete(f"/videos/{first}/like")
    assert (await ann.get("/me/notifications/unread")).body == {"unread": 0}


async def test_a_mention_in_a_comment_or_a_video_is_told(
    client: Client, ann: Person, ben: Person, cat: Person, told: List
) -> None:
    video_id = await published(client, ben, Told(title=f"with @{ann.username} and @{cat.username}"))
    (one,) = (await told(ann))["items"]
    assert (gist(one), names(one), one["video"]["id"]) == (("mention", 1, True), [ben.username], str(video_id))
    assert one["comment"] is None
    said = await say(video_id, cat, f"@{ann.username}, look")
    (one,) = (await told(ann))["items"]
    assert (gist(one), one["comment"]["id"]) == (("mention", 2, True), said)
    assert names(one) == [cat.username, ben.username]
    assert [gist(item) for item in (await told(cat))["items"]] == [("mention", 1, True)]


async def test_a_video_mentions_somebody_once_however_often_it_is_edited(
    client: Client, ann: Person, ben: Person, told: List
) -> None:
    video_id = await published(client, ben, Told(title=f"with @{ann.username}"))
    assert [gist(item) for item in (await told(ann))["items"]] == [("mention", 1, True)]
    for title in (f"not with @{ann.username}s", "alone"):
        assert (await ben.patch(f"/videos/{video_id}", json={"title": title})).status == 200
        body = await told(ann)
        assert (body["items"], body["unread"]) == ([], 0), "it says so no more"
    await ann.put("/me/notifications/read", json={})
    assert (await ben.patch(f"/videos/{video_id}", json={"title": f"again with @{ann.username}"})).status == 200
    assert [gist(item) for item in (await told(ann))["items"]] == [("mention", 1, False)]


async def test_an_author_is_told_of_a_comment_once_also_where_it_mentions_them(
    client: Client, ann: Person, ben: Person, told: List
) -> None:
    await say(await published(client, ann), ben, f"@{ann.username}, so good")
    assert [gist(item) for item in (await told(ann))["items"]] == [("comment", 1, True)]


@pytest.mark.parametrize("blocks", ["ann", "ben"])
async def test_whoever_a_block_hides_is_not_told_of(
    client: Client, ann: Person, ben: Person, cat: Person, told: List, blocks: str
) -> None:
    video_id, theirs = await published(client, ann), await published(client, cat)
    await like(video_id, ben, cat)
    await say(video_id, ben)
    await say(theirs, ben, f"@{ann.username}!")
    assert (await told(ann))["unread"] == 3
    one, other = (ann, ben) if blocks == "ann" else (ben, ann)
    await one.put(f"/me/blocks/{other.id}")
    body = await told(ann)
    (item,) = body["items"]
    assert (gist(item), names(item), body["unread"]) == (("like", 1, True), [cat.username], 1)


async def test_a_mention_at_a_video_that_one_may_not_see_any_more_is_not_told(
    client: Client, ann: Person, ben: Person, told: List
) -> None:
    await ann.follow(ben)
    await published(client, ben, Told(title=f"@{ann.username}", visibility="followers"))
    assert [item["kind"] for item in (await told(ann))["items"]] == ["mention"]
    await ann.delete(f"/me/following/{ben.id}")
    assert (await told(ann))["items"] == []


async def test_what_came_since_the_list_was_seen_stays_unread(
    client: Client, ann: Person, ben: Person, cat: Person, told: List
) -> None:
    video_id = await published(client, ann)
    await like(video_id, ben)
    await say(video_id, ben)
    seen = (await told(ann))["up_to"]
    await like(video_id, cat)
    await told(ann)
    await ann.put("/me/notifications/read", json={"up_to": seen})
    assert {gist(item) for item in (await told(ann))["items"]} == {("like", 2, True), ("comment", 1, False)}
    await ann.put("/me/notifications/read", json={"up_to": 2**53 - 1})
    await cat.follow(ann)
    assert [gist(item) for item in (await told(ann))["items"] if item["unread"]] == [("follower", 1, True)]
    await ann.put("/me/notifications/read", json={})
    assert (await told(ann))["unread"] == 0


async def test_a_like_that_is_committed_late_makes_what_was_read_unread(
    client: Client, ann: Person, ben: Person, cat: Person, told: List
) -> None:
    video_id = await published(client, ann)
    assert cat.id is not None
    assert ann.id is not None
    async with connection(client.app[POOL]) as conn, conn.transaction():
        await conn.execute("SELECT now()")
        await like(video_id, ben)  # begins later, and is committed first
        await ann.put("/me/notifications/read", json={"up_to": (await told(ann))["up_to"]})
        await conn.execute("INSERT INTO video_like (video_id, account_id) VALUES ($1, $2)", video_id, cat.id)
        await deeds.keep(conn, Deed(ann.id, "like", video_id, cat.id))
    assert [gist(item) for item in (await told(ann))["items"]] == [("like", 2, True)]


async def test_pages_neither_repeat_nor_skip_while_notifications_come_and_grow(client: Client, ann: Person, told: List) -> None:
    videos = [await published(client, ann) for _ in range(7)]
    ben, cat, dan = await people(client, 3)
    for video_id in videos:
        await like(video_id, ben)
        await jobs.tell(client.app[POOL])
    items, cursor = [], None
    for turn in range(4):
        page = (await ann.get("/me/notifications", params={"limit": "2"} | ({"cursor": cursor} if cursor else {}))).body
        items += [item["video"]["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        # What was listed and what was not grow alike, and something begins.
        await like(videos[0], *((cat, dan)[turn : turn + 1]))
        await like(videos[6 - turn], cat)
        await say(videos[turn], cat)
        await jobs.tell(client.app[POOL])
    assert (items, cursor) == ([str(video_id) for video_id in reversed(videos)], None)


@pytest.mark.parametrize("body", [{"up_to": -1}, {"up_to": "7"}, {"up_to": None}, {"other": 1}])
async def test_what_is_no_place_is_refused(ann: Person, nobody: Person, body: dict[str, object]) -> None:
    refused = await ann.put("/me/notifications/read", json=body)
    assert (refused.status, refused.fields) == (422, set(body))
    assert (await nobody.put("/me/notifications/read", json=body)).status == 401
    assert (await ann.get("/me/notifications", params={"cursor": "other"})).status == 422


async def test_many_actors_are_counted_up_to_a_limit(
    client: Client, ann: Person, told: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await published(client, ann)
    assert ann.id is not None
    async with connection(client.app[POOL]) as conn:
        await conn.execute(
            "INSERT INTO video_like (video_id, account_id) SELECT $1, gen_random_uuid() FROM generate_series(1, 1500)", video_id
        )
        await deeds.keep(conn, Deed(ann.id, "like", video_id))
    await like(video_id, *(await people(client, 3)))
    (item,) = (await told(ann))["items"]
    assert gist(item) == ("like", queries.MOST_ACTORS, True)
