"""Feeds over HTTP."""

from tests.people import Client, Person, sign_up
from tests.videos import Told, published


async def test_the_feed_holds_what_those_one_follows_published_newest_first(client: Client, ann: Person, ben: Person) -> None:
    cat = await sign_up(client, "cat")
    await ann.follow(ben)
    await ann.follow(cat)
    ids = [await published(client, author) for author in (ben, cat, ben)]
    await published(client, ann)
    await published(client, ben, Told(visibility="private"))
    feed = (await ann.get("/feed/following")).body
    assert [v["id"] for v in feed["items"]] == [str(i) for i in reversed(ids)]
    assert feed["next_cursor"] is None
    assert 0 < len(feed["position"]) <= 200
    assert feed["preload"]["items"] > 0


async def test_pages_neither_repeat_nor_skip_while_others_publish(client: Client, ann: Person, ben: Person) -> None:
    await ann.follow(ben)
    ids = [str(await published(client, ben)) for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await ann.get("/feed/following?limit=2" + (f"&cursor={cursor}" if cursor else ""))).body
        seen += [v["id"] for v in page["items"]]
        cursor = page["next_cursor"]
        await published(client, ben)
    assert seen == ids[::-1]


async def test_items_carry_the_newest_comments(client: Client, ann: Person, ben: Person) -> None:
    await ann.follow(ben)
    video_id = await published(client, ben)
    for text in ("one", "two", "three", "four"):
        assert (await ann.post(f"/videos/{video_id}/comments", json={"text": text})).status == 201
    (item,) = (await ann.get("/feed/following")).body["items"]
    assert [c["text"] for c in item["top_comments"]] == ["four", "three", "two"]
    assert item["counts"]["comments"] == 4
    assert item["viewer"] == {"liked": False}


async def test_an_empty_feed_is_a_feed(ann: Person) -> None:
    feed = (await ann.get("/feed/following")).body
    assert (feed["items"], feed["next_cursor"]) == ([], None)


async def test_the_following_feed_needs_an_account(nobody: Person) -> None:
    assert (await nobody.get("/feed/following")).code == "not_authenticated"


async def test_the_latest_are_public_and_everybodys(client: Client, ann: Person, nobody: Person) -> None:
    hidden = await published(client, ann, Told(visibility="followers"))
    newest = await published(client, ann)
    items = (await nobody.get("/feed/latest")).body["items"]
    assert items[0]["id"] == str(newest)
    assert str(hidden) not in [v["id"] for v in items]
    assert items[0]["viewer"] is None
