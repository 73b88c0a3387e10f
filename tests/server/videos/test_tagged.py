"""The pages of hashtags: what is on them, for whom, and what a page costs."""

import json
import secrets
from urllib.parse import quote
from uuid import UUID

from server.accounts import queries as accounts
from server.kit.paging import FIRST
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.videos import steps, tagged
from server.videos.tagged import MAX_TAG_BYTES
from server.videos.wire import Failure
from storage.postgres import allow, connection
from tests.people import Client, Person
from tests.videos import Told, published, uploaded

MANY = 30_000
FILL = """
INSERT INTO hashtag_video (tag, video_id, author_id, at)
SELECT CASE WHEN n % 10 = 0 THEN 'rare' || n ELSE $1 END, gen_random_uuid(), gen_random_uuid(), now() - make_interval(secs => n)
FROM generate_series(1, $2) AS n
"""


def _tag() -> str:
    """One that nobody else uses."""
    return f"tag{secrets.token_hex(6)}"


async def _page(person: Person, tag: str, more: str = "") -> tuple[list[UUID], str | None]:
    page = await person.get(f"/hashtags/{quote(tag, safe='')}/videos{more}")
    assert page.status == 200
    return [UUID(video["id"]) for video in page.body["items"]], page.body["next_cursor"]


async def _seen(person: Person, tag: str) -> list[UUID]:
    return (await _page(person, tag))[0]


async def test_a_tag_lists_its_public_videos_newest_first_however_it_is_written(
    client: Client, ann: Person, ben: Person, nobody: Person
) -> None:
    tag = _tag()
    first = await published(client, ann, Told(title=f"Here #{tag.upper()}_Ä"))
    second = await published(client, ben, Told(description=f"#{tag}_ä #{tag}_ä #other"))
    await published(client, ann, Told(title=f"#{tag}_ä", visibility="followers"))
    await published(client, ann, Told(title=f"#{tag}_äb"))
    await uploaded(client, ann, Told(title=f"#{tag}_ä"))
    for person in (ann, ben, nobody):
        for written in (f"{tag}_ä", f"{tag}_Ä".upper(), f"#{tag}_ä"):
            assert await _seen(person, written) == [second, first]
    assert (await nobody.get(f"/hashtags/{tag}_ä/videos")).body["items"][0] == (await nobody.get(f"/videos/{second}")).body


async def test_what_nobody_has_tagged_is_an_empty_list(nobody: Person) -> None:
    for tag in ("nobody_says_this", "two words", "#", "\x00", "%", "a" * 3000):
        assert await _page(nobody, tag) == ([], None)
    refused = await nobody.get("/hashtags/x/videos?limit=0&cursor=x")
    assert (refused.status, refused.fields) == (422, {"limit", "cursor"})


async def test_pages_neither_repeat_nor_skip_when_others_arrive(client: Client, ann: Person, ben: Person) -> None:
    tag = _tag()
    posted = [await published(client, ann, Told(title=f"#{tag}")) for _ in range(5)]
    seen, cursor = await _page(ben, tag, "?limit=2")
    await published(client, ann, Told(title=f"#{tag}"))
    await ann.delete(f"/videos/{seen[-1]}")
    while cursor is not None:
        more, cursor = await _page(ben, tag, f"?limit=2&cursor={cursor}")
        seen += more
    assert seen == posted[::-1]


async def test_a_list_follows_every_change_of_a_video(client: Client, ann: Person, nobody: Person) -> None:
    tag, other = _tag(), _tag()
    video_id = await published(client, ann, Told(title=f"#{tag}", visibility="private"))
    for patch, listed in (
        ({}, (False, False)),
        ({"visibility": "public"}, (True, False)),
        ({"description": f"#{other}"}, (True, True)),
        ({"title": "no more"}, (False, True)),
        ({"visibility": "followers"}, (False, False)),
        ({"title": f"#{tag}"}, (False, False)),
        ({"visibility": "public"}, (True, True)),
    ):
        assert (await ann.patch(f"/videos/{video_id}", json=patch)).status == 200
        assert (video_id in await _seen(nobody, tag), video_id in await _seen(nobody, other)) == listed
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    assert await client.app[POOL].fetchval("SELECT count(*) FROM hashtag_video WHERE video_id = $1", video_id) == 0


async def test_what_plays_no_more_is_not_listed(client: Client, ann: Person, nobody: Person) -> None:
    tag = _tag()
    video_id = await published(client, ann, Told(title=f"#{tag}"))
    assert ann.id is not None
    async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
        await accounts.lock(w.conn, ann.id)
        assert await steps.withdrawn(w.conn, video_id, ann.id, Failure("unreadable", "Damaged."))
    assert await _seen(nobody, tag) == []


async def test_a_block_hides_both_ways(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    tag = _tag()
    of_ann, of_ben = [await published(client, person, Told(title=f"#{tag}")) for person in (ann, ben)]
    await ann.put(f"/me/blocks/{ben.id}")
    assert [await _seen(person, tag) for person in (ann, ben, nobody)] == [[of_ann], [of_ben], [of_ben, of_ann]]


async def test_a_tag_too_long_for_an_index_is_no_hindrance(client: Client, ann: Person, nobody: Person) -> None:
    longest, tag = secrets.token_hex(MAX_TAG_BYTES // 2), _tag()
    video_id = await published(client, ann, Told(title=f"#{tag}", description=f"#{longest}"))
    longer = await published(client, ann, Told(title=f"#{tag}", description=f"#{longest}x"))
    assert await _seen(nobody, tag) == [longer, video_id]
    assert (await _seen(nobody, longest), await _seen(nobody, longest + "x")) == ([video_id], [])


async def test_a_page_of_a_tag_that_many_use_is_read_no_further_than_its_end(client: Client, ann: Person) -> None:
    tag = _tag()
    async with connection(client.app[POOL]) as conn:
        transaction = conn.transaction()
        await transaction.start()
        await allow(conn, 60)
        await conn.execute(FILL, tag, MANY, timeout=60)
        await conn.execute("ANALYZE hashtag_video")
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {tagged.TAGGED}"
        explained = await conn.fetchval(explain, tag, FIRST.at, FIRST.id, 11, ann.id)
        await transaction.rollback()
    plan = json.loads(explained)[0]["Plan"]
    scan = plan["Plans"][0]
    assert (scan["Node Type"], scan["Index Name"], scan["Actual Rows"]) == ("Index Scan", "hashtag_video_newest", 11)
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 100
