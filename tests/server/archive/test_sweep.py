"""What hardly anybody watches goes to the archive, and nothing else does; what is watched meanwhile stays."""

import asyncio
import secrets
from datetime import UTC, datetime
from uuid import UUID

import pytest

from server.archive import sweep
from server.kit.ids import new_id
from server.kit.request import POOL, SETTINGS, STORE
from server.plays.windows import UNKNOWN, WINDOWS
from storage.cold import Cold, Spot
from storage.objects import StoreUnavailable
from storage.postgres import allow, connection
from tests.archived import COLD_FILES, WARM_FILE, aged, archive, group_of, in_archive, old, tier_of
from tests.people import Client, Person
from tests.server.plays.conftest import watched
from tests.sharers import complete, plays, upload
from tests.waiting import LIMIT_SECONDS

VIEWS = "INSERT INTO play_day (video_id, day, views) VALUES ($1, (now() AT TIME ZONE 'UTC')::date - $2::integer, $3)"

# Nobody folds this shard.
FRESH = """
INSERT INTO play_counted (shard, id, video_id, day)
SELECT 32000, id, $1, (now() AT TIME ZONE 'UTC')::date FROM unnest($2::uuid[]) AS t (id)
"""


async def viewed(client: Client, video_id: UUID, days_ago: int, views: int) -> None:
    async with connection(client.app[POOL]) as conn:
        await conn.execute(VIEWS, video_id, days_ago, views)


async def swept(client: Client, *, dry_run: bool = True) -> set[UUID]:
    return set((await sweep.sweep(client.app, dry_run=dry_run)).ids)


async def test_an_archived_video_starts_at_once_and_says_what_it_is(client: Client, ann: Person, ben: Person) -> None:
    video_id = await old(client, ann)
    before = (await ben.get(f"/videos/{video_id}")).body
    assert before["archived"] is False
    assert await archive(client, video_id) == 2 * 2000
    after = (await ben.get(f"/videos/{video_id}")).body
    assert after["archived"] is True
    assert [source["url"].rpartition("/")[2] for source in after["sources"]] == [WARM_FILE]
    assert {**after, "sources": 0, "archived": 0} == {**before, "sources": 0, "archived": 0}
    await plays(after, ben)
    await plays(before, ben)  # whoever holds URLs from before goes on
    assert await in_archive(client, video_id) == COLD_FILES
    listed = (await ben.get(f"/users/{ann.id}/videos")).body["items"]
    assert [item["archived"] for item in listed] == [True]


async def test_what_is_young_watched_or_unfinished_stays(client: Client, ann: Person) -> None:
    young = await complete(client, ann, secrets.token_bytes(10))
    idle, little, much, once, lost = [await old(client, ann) for _ in range(5)]
    await viewed(client, little, 6, 3)
    await viewed(client, much, 6, 4)
    await viewed(client, once, 9, 1000)
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE made_file SET lost = true WHERE video_id = $1", lost)
    assert await swept(client) & {young, idle, little, much, once, lost} == {idle, little, once}
    assert await tier_of(client, idle) is None  # nothing was done


async def test_views_that_valkey_does_not_know_are_asked_of_postgresql(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id, eighth = await old(client, ann), await old(client, ann)
    await viewed(client, video_id, 1, 4)
    await viewed(client, eighth, 7, 4)  # perhaps within seven days, perhaps not

    async def nothing(ids: list[UUID]) -> dict[UUID, object]:
        return dict.fromkeys(ids, UNKNOWN)

    monkeypatch.setattr(client.app[WINDOWS], "of", nothing)
    assert await swept(client) & {video_id, eighth} == set()


async def test_views_of_the_last_moment_count(client: Client, ann: Person) -> None:
    video_id = await old(client, ann)
    group = await group_of(client, video_id)
    assert group is not None
    async with connection(client.app[POOL]) as conn:
        await conn.execute(FRESH, video_id, [new_id() for _ in range(4)])
    assert video_id not in await swept(client)
    assert await sweep.archive(client.app, group) is None  # nor where they came after the look
    async with connection(client.app[POOL]) as conn:
        await conn.execute("DELETE FROM play_counted WHERE video_id = $1", video_id)
    assert video_id in await swept(client)


async def test_a_video_that_is_watched_while_it_is_copied_stays(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await old(client, ann)
    keep = Cold.keep

    async def watched_meanwhile(cold: Cold, source: Spot, key: str, sha256: str) -> int:
        assert (await ben.post(f"/videos/{video_id}/views", json=watched())).status == 202
        return await keep(cold, source, key, sha256)

    monkeypatch.setattr(Cold, "keep", watched_meanwhile)
    assert await archive(client, video_id) is None
    video = (await ben.get(f"/videos/{video_id}")).body
    assert (video["archived"], len(video["sources"])) == (False, 3)
    await plays(video, ben)
    assert await group_of(client, video_id) is None  # nor the next night


async def test_its_author_looking_at_it_changes_nothing(client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    video_id = await old(client, ann)
    keep = Cold.keep

    async def watched_meanwhile(cold: Cold, source: Spot, key: str, sha256: str) -> int:
        assert (await ann.post(f"/videos/{video_id}/views", json=watched())).status == 202
        return await keep(cold, source, key, sha256)

    monkeypatch.setattr(Cold, "keep", watched_meanwhile)
    assert await archive(client, video_id) is not None


async def test_a_copy_that_is_not_what_it_should_be_is_none(client: Client, ann: Person) -> None:
    video_id = await old(client, ann)
    bucket = client.app[SETTINGS].s3_bucket
    await client.app[STORE].put(bucket, f"videos/{video_id}/1/720.mp4", b"something else", content_type="x/y")
    assert await archive(client, video_id) is None
    assert await tier_of(client, video_id) is None


async def test_a_sweep_that_breaks_off_has_lost_nothing_and_goes_on(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await old(client, ann)
    keep = Cold.keep

    async def breaks(cold: Cold, source: Spot, key: str, sha256: str) -> int:
        if key.endswith("720.mp4"):
            raise StoreUnavailable("it went away")
        return await keep(cold, source, key, sha256)

    with monkeypatch.context() as broken:
        broken.setattr(Cold, "keep", breaks)
        with pytest.raises(StoreUnavailable):
            await archive(client, video_id)
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.tier == "archiving"
    video = (await ben.get(f"/videos/{video_id}")).body
    assert video["archived"] is False
    await plays(video, ben)
    assert await archive(client, video_id) == 4000


async def test_what_others_share_goes_when_nobody_watches_either(client: Client, ann: Person, ben: Person, cat: Person) -> None:
    data = secrets.token_bytes(1000)
    first = await old(client, ann, data)
    second = UUID((await upload(ben, data))["id"])
    assert await group_of(client, first) is None  # the other is young
    await aged(client, second)
    group = await group_of(client, first)
    assert group is not None
    assert (group.ids, len(group.objects)) == (sorted([first, second]), 2)
    await viewed(client, second, 0, 4)
    assert not await swept(client) & {first, second}
    assert await archive(client, second) is None
    async with connection(client.app[POOL]) as conn:
        await conn.execute("DELETE FROM play_day WHERE video_id = $1", second)
    assert {first, second} <= await swept(client)
    assert await archive(client, second) == 4000
    for video_id in (first, second):
        assert (await cat.get(f"/videos/{video_id}")).body["archived"] is True
    third = await upload(cat, data)
    assert third["status"] != "ready"  # what is archived is not shared


async def test_ten_thousand_videos_of_all_ages_and_exactly_the_right_ones_go(client: Client, ann: Person) -> None:
    """Rows alone: ages from 0 to 19 days, up to 7 views on one of the last 10 days."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while await client.app[WINDOWS].covered_since() > datetime.now(UTC):
            await asyncio.sleep(0.1)  # what came before Valkey began to count is judged by days
    ids = [new_id() for _ in range(10_000)]
    age, views, ago = ([n * k % m for n in range(10_000)] for k, m in ((7, 20), (3, 8), (11, 10)))
    async with connection(client.app[POOL]) as conn, conn.transaction():
        await allow(conn, 60)
        await conn.execute(MANY_VIDEOS, ids, ann.id, age, timeout=60)
        await conn.execute(MANY_RENDITIONS, ids, timeout=60)
        await conn.execute(MANY_DIGESTS, ids, timeout=60)
        await conn.execute(MANY_DAYS, ids, ago, views, timeout=60)
    found = await sweep.sweep(client.app, dry_run=True)
    wanted = {i for i, a, v, d in zip(ids, age, views, ago, strict=True) if a >= 7 and (v <= 3 or d > 6)}
    # Seven days ago begins a day whose views may be within the window or not; where Valkey knows, they are not.
    assert len(wanted) > 3000
    assert set(found.ids) & set(ids) == wanted
    async with connection(client.app[POOL]) as conn, conn.transaction():
        await allow(conn, 60)
        await conn.execute("DELETE FROM video WHERE id = ANY($1)", ids, timeout=60)


MANY_VIDEOS = """
INSERT INTO video (id, author_id, title, description, hashtags, visibility, status, progress, created_at, published_at,
    poster, preview, storyboard, generation, raw_bytes, raw_sha256)
SELECT id, $2, '', '', '{}', 'public', 'ready', 1, at, at, '1/p.jpg', '1/p.webp', '1/b.vtt', 1, 1, uuid_send(id)
FROM (SELECT id, now() - make_interval(days => age, mins => 1) AS at FROM unnest($1::uuid[], $3::integer[]) AS t (id, age)) AS t
"""
MANY_RENDITIONS = """
INSERT INTO rendition (video_id, name, kind, generation, width, height, bitrate, bytes, facts)
SELECT id, name, 'mp4', 1, 234, 416, 1000, bytes, '{}'
FROM unnest($1::uuid[]) AS t (id), (VALUES ('234.mp4', 100), ('720.mp4', 1000)) AS r (name, bytes)
"""
MANY_DIGESTS = """
INSERT INTO made_file (video_id, digests)
SELECT id, '{"1/234.mp4": "aa", "1/720.mp4": "bb", "1/p.jpg": "cc"}' FROM unnest($1::uuid[]) AS t (id)
"""
MANY_DAYS = """
INSERT INTO play_day (video_id, day, views)
SELECT id, (now() AT TIME ZONE 'UTC')::date - ago, views
FROM unnest($1::uuid[], $2::integer[], $3::bigint[]) AS t (id, ago, views)
"""
