"""GET /feed/suggested as its readers see it."""

import asyncio
import base64
import random
import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from server.kit.paging import mark
from server.suggestions import scroll as scrolls
from tests.people import Client, Person
from tests.server.suggestions.town import OLD, Town, codes, crowded, ids, page, scroll

PATH = "/api/v1/feed/suggested"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


async def test_nobody_in_particular_is_shown_what_is_popular_and_then_all_there_is(town: Town) -> None:
    videos = await town.publish(await town.authors(30))
    await town.popular(videos[:12])
    items = await scroll(Person(town.client))
    assert ids(items[:12]) == videos[:12]
    assert ids(items[12:]) == videos[:11:-1]
    assert codes(items) == ["popular"] * 12 + ["latest"] * 18
    told = await page(Person(town.client))
    assert told["preload"] == {"items": 3, "bytes": 3_000_000}
    assert all(item["top_comments"] == [] and item["viewer"] is None for item in told["items"])


async def test_a_list_is_given_in_its_order_and_each_says_what_put_it_there(town: Town) -> None:
    reader, model = await town.person(), await town.model()
    videos = await town.publish(await town.authors(40))
    await town.list_of(reader, model, videos[:20], "topic:cats")
    await town.popular(videos[20:30])
    items = await scroll(reader, limit=7)
    assert ids(items[:20]) == videos[:20]
    assert ids(items[20:30]) == videos[20:30]
    assert items[0]["why"] == {"code": "topic", "text": "You liked something with #cats."}
    assert len(set(ids(items))) == len(items) == 40


async def test_the_list_of_the_day_before_serves_until_the_new_one_is_whole(town: Town) -> None:
    reader, before = await town.person(), await town.model(timedelta(days=1))
    videos = await town.publish(await town.authors(20))
    await town.list_of(reader, before, videos[:10])
    begun = await page(reader, "?limit=5")
    now = await town.model(state="training")
    await town.list_of(reader, now, videos[:9:-1])
    town.suggesting.personal.forget()
    assert ids((await page(reader, "?limit=5"))["items"]) == videos[:5]
    await town.pool.execute("UPDATE suggestion_model SET state = 'published' WHERE id = $1", now)
    town.suggesting.personal.forget()
    assert ids((await page(reader, "?limit=5"))["items"]) == videos[:14:-1]
    # Whoever scrolls goes on in the list in which they began.
    assert ids((await page(reader, f"?limit=5&cursor={begun['next_cursor']}"))["items"]) == videos[5:10]


async def test_what_must_never_be_suggested_is_not(town: Town) -> None:
    reader, model = await town.person(), await town.model()
    ann, ben = await town.person("ann"), await town.person("ben")
    assert reader.id
    assert ann.id
    assert ben.id
    other = await town.publish(await town.authors(6))
    bad = await town.publish([reader.id, ann.id, ben.id, *await town.authors(6)])
    own, _, _, seen, refused, failed, archived, private, gone = bad
    for listed in (lambda videos: town.list_of(reader, model, videos), town.popular):
        await listed([*bad, *other])
    before = await scroll(reader)
    assert set(ids(before)) == {*other, *bad} - {own}
    begun = await page(reader, "?limit=1")
    await town.watch(reader, seen)
    assert (await reader.put(f"/me/blocks/{ann.id}")).status == 204
    assert (await ben.put(f"/me/blocks/{reader.id}")).status == 204
    assert (await reader.put(f"/videos/{refused}/not-interested")).status == 204
    await town.pool.execute("UPDATE video SET status = 'failed', error_code = 'x', published_at = NULL WHERE id = $1", failed)
    await town.pool.execute("UPDATE author_video SET plays = false WHERE video_id = $1", failed)
    await town.pool.execute("INSERT INTO video_tier (video_id, tier) VALUES ($1, 'archived')", archived)
    for table, key in (("video", "id"), ("author_video", "video_id")):
        await town.pool.execute(f"UPDATE {table} SET visibility = 'private' WHERE {key} = $1", private)
        await town.pool.execute(f"DELETE FROM {table} WHERE {key} = $1", gone)
    assert set(ids(await scroll(reader))) == set(other)
    assert set(ids((await page(reader, f"?limit=50&cursor={begun['next_cursor']}"))["items"])) <= set(other)


async def test_what_is_done_at_one_process_holds_at_the_others_at_once(town: Town, another: Client) -> None:
    reader, model = await town.person(), await town.model()
    authors = await town.authors(24)
    videos = await town.publish(authors)
    await town.list_of(reader, model, videos)
    there = replace(reader, client=another)
    gone: set[UUID] = set()
    for watched, refused, blocked in zip(videos[::3], videos[1::3], videos[2::3], strict=True):
        given = ids((await page(there, "?limit=50"))["items"])
        assert set(given) == {*videos} - gone
        body = {"watched_ms": 1, "completed": False, "replays": 0, "source": "suggested"}
        assert (await reader.post(f"/videos/{watched}/views", json=body)).status == 202
        assert (await reader.put(f"/videos/{refused}/not-interested")).status == 204
        assert (await reader.put(f"/me/blocks/{authors[videos.index(blocked)]}")).status == 204
        gone |= {watched, refused, blocked}


async def test_pages_that_are_asked_for_together_are_each_their_own(town: Town) -> None:
    model, videos = await town.model(), await town.publish(await town.authors(20))
    readers = [await town.person() for _ in range(5)]
    for reader, seen in zip(readers, videos, strict=False):
        await town.list_of(reader, model, videos[:10])
        await town.watch(reader, seen)
    nobody = Person(town.client)
    told = await asyncio.gather(*(page(one, "?limit=50") for one in (*readers, nobody, *readers)))
    for at, one in enumerate(told):
        whose = at % 6
        assert set(ids(one["items"])) == set(videos) - ({videos[whose]} if whose < 5 else set())


async def test_an_author_has_two_of_ten_places_while_there_are_others(town: Town) -> None:
    reader, model = await town.person(), await town.model()
    many, few = await town.authors(5), await town.authors(8)
    of_many, of_few = await town.publish(many, each=14), await town.publish(few, each=6)
    await town.list_of(reader, model, [*of_many[:28], *of_few[:12]])
    await town.popular([*of_many[20:60], *of_few[6:30]])
    for limit in (4, 50):
        items = await scroll(reader, limit=limit)
        assert len(set(ids(items))) == len(items) == 5 * 14 + 8 * 6
        # At the end those are left of whom there are most.
        assert all(at > 100 for at in crowded(items)), (limit, crowded(items))


async def test_the_feed_ends_with_the_catalogue_however_much_of_it_is_by_one(town: Town) -> None:
    (one,), others = await town.authors(1), await town.authors(3)
    everything = {*await town.publish(others, each=20, ago=2 * OLD), *await town.publish([one], each=150)}
    items = await scroll(Person(town.client))
    assert len(items) == len(everything)
    assert set(ids(items)) == everything


async def test_a_new_account_gets_what_is_like_its_first_video(town: Town) -> None:
    reader, model = await town.person(), await town.model()
    authors = await town.authors(30)
    videos = await town.publish(authors)
    tagged = await town.publish(authors[:3], tags=["tide"])
    await town.popular(videos[10:30])
    assert set(codes((await page(reader))["items"])) == {"popular"}
    await town.similar(videos[0], model, videos[1:5])
    await town.watch(reader, videos[0])
    items = (await page(reader))["items"]
    assert [one for one, code in zip(ids(items), codes(items), strict=True) if code == "similar"] == videos[1:5]
    # What no model knows of is like what has its hashtag, or is by its author.
    await town.watch(reader, tagged[0])
    town.suggesting.personal.forget()
    whys = {item["why"]["text"]: ids([item])[0] for item in (await page(reader, "?limit=30"))["items"]}
    assert whys["With #tide, as a video that you watched."] in tagged[1:]


async def test_what_one_liked_is_not_suggested_for_being_like_itself(town: Town) -> None:
    reader = await town.person()
    liked, other = await town.publish(await town.authors(2), tags=["cats"])
    await town.like(reader, liked)
    items = await scroll(reader)
    assert [one for one, code in zip(ids(items), codes(items), strict=True) if code == "similar"] == [other]


async def test_new_videos_of_authors_one_likes_come_in_during_the_day(town: Town) -> None:
    reader, model = await town.person(), await town.model()
    authors = await town.authors(30)
    videos = await town.publish(authors)
    await town.list_of(reader, model, videos[10:])
    await town.like(reader, videos[0])
    new = (await town.publish(authors[:1], ago=timedelta(minutes=1)))[0]
    town.suggesting.personal.forget()
    found = {ids([item])[0]: item["why"] for item in (await page(reader))["items"]}
    assert found[new] == {"code": "author", "text": "New, by an author of whom you liked a video."}


async def test_whoever_has_opted_out_gets_nothing_personal(town: Town) -> None:
    reader, model = await town.person(), await town.model()
    videos = await town.publish(await town.authors(30))
    await town.list_of(reader, model, videos[:10])
    await town.popular(videos[10:20])
    assert set(codes((await page(reader))["items"])) == {"taste"}
    assert (await reader.patch("/me/suggestions", json={"learns": False})).status == 200
    assert set(codes((await page(reader))["items"])) == {"popular"}


async def test_what_the_document_tells_of_is_taken_and_nothing_else(town: Town) -> None:
    videos = await town.publish(await town.authors(12), each=2)
    await town.popular(videos[:10])
    reader, dice = await town.person(), random.Random(7)
    pattern = re.compile(scrolls.pattern(PATH))
    cursor = (await page(reader, "?limit=5"))["next_cursor"]
    for text in (cursor, *(some_cursor(dice) for _ in range(30))):
        assert pattern.fullmatch(text)
        for who in (reader, Person(town.client)):
            await page(who, f"?limit=5&cursor={text}")
    for at in (0, 1, 8, 60, 201, len(cursor) - 1):
        for letter in ("A", "_", ".", "\u0663"):
            others = {cursor[:at] + letter + cursor[at + 1 :], cursor[:at] + letter + cursor[at:], cursor[:at] + cursor[at + 1 :]}
            for text in others - {cursor}:
                assert not pattern.fullmatch(text)
                assert (await reader.get("/feed/suggested", params={"cursor": text})).status == 422


def some_cursor(dice: random.Random) -> str:
    """Of any bytes, and with lists of any length."""

    def told(size: int) -> str:
        letters = base64.urlsafe_b64encode(dice.randbytes(size)).decode()
        return "".join(letter + LETTERS[63 - LETTERS.index(letter)] for letter in letters)

    lists = (told(6 * dice.choice((0, 1, most - 1, most))) for most in (64, 96, 9))
    return mark(PATH) + ".".join([told(72), *lists])


async def test_what_cannot_be_asked_is_422(town: Town) -> None:
    for query in ("limit=0", "limit=51", "cursor=", "cursor=x", "bandwidth_bps=x"):
        assert (await Person(town.client).get(f"/feed/suggested?{query}")).status == 422
