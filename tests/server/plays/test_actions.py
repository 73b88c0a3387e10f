"""Several views at once, as the socket brings them."""

import asyncio
from uuid import UUID

import pytest

from server.kit.errors import QuotaExceeded
from server.kit.ids import new_id
from server.kit.request import ANNOUNCER
from server.kit.work import work
from server.plays import actions
from server.plays.queries import Held
from server.plays.wire import Source, WatchedVideo
from storage.postgres import Pool
from tests.people import Client, Person, sign_up
from tests.server.plays.conftest import Views
from tests.videos import Told, published, uploaded


def seen(video_id: UUID, watched_ms: int = 3000, source: Source = "suggested") -> WatchedVideo:
    return WatchedVideo(video_id=video_id, watched_ms=watched_ms, completed=False, replays=0, source=source)


async def tell(client: Client, pool: Pool, who: Person, *reports: WatchedVideo, limited: bool = False) -> None:
    assert who.id
    async with work(pool, client.app[ANNOUNCER], who.id) as w:
        await actions.watch_many(w, who.id, reports, limited=limited)


async def test_the_same_video_twice_in_a_batch_is_one_view(
    client: Client, ann: Person, ben: Person, views: Views, pool: Pool
) -> None:
    one, two = await published(client, ann), await published(client, ann)
    await tell(client, pool, ben, seen(one, 10), seen(two), seen(one), seen(one, source="link"))
    assert (await views(one), await views(two)) == (1, 1)
    kept = await pool.fetchrow("SELECT reports, watched_ms, skips, source FROM play WHERE video_id = $1", one)
    assert kept is not None
    assert tuple(kept) == (3, 6010, 1, "link")


async def test_batches_of_one_account_that_cross_count_once(
    client: Client, ann: Person, ben: Person, views: Views, pool: Pool
) -> None:
    ids = [await published(client, ann) for _ in range(5)]
    batches = [[seen(i) for i in (ids if nth % 2 else reversed(ids))] for nth in range(12)]
    await asyncio.gather(*(tell(client, pool, ben, *batch) for batch in batches))
    assert [await views(i) for i in ids] == [1] * 5
    assert await pool.fetchval("SELECT sum(reports) FROM play WHERE video_id = ANY($1)", ids) == 60


async def test_what_one_may_not_see_or_play_is_left_out_and_the_rest_is_kept(
    client: Client, ann: Person, ben: Person, views: Views, pool: Pool
) -> None:
    shown = await published(client, ann)
    hidden = await published(client, ann, Told(visibility="private"))
    for_followers = await published(client, ann, Told(visibility="followers"))
    own_unfinished = await uploaded(client, ben)
    await tell(client, pool, ben, *map(seen, (hidden, for_followers, own_unfinished, new_id(), shown)))
    assert await views(shown) == 1
    assert [row["video_id"] for row in await pool.fetch("SELECT video_id FROM play WHERE account_id = $1", ben.id)] == [shown]
    await ben.follow(ann)
    await tell(client, pool, ben, seen(for_followers))
    assert await pool.fetchval("SELECT reports FROM play WHERE video_id = $1", for_followers) == 1


async def test_a_batch_beyond_the_limit_keeps_nothing(
    client: Client, ann: Person, ben: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_REPORTS", 3)
    video_id = await published(client, ann)
    with pytest.raises(QuotaExceeded):
        await tell(client, pool, ben, *[seen(video_id)] * 4, limited=True)
    await tell(client, pool, ben, *[seen(video_id)] * 2, limited=True)
    with pytest.raises(QuotaExceeded):
        await tell(client, pool, ben, *[seen(new_id())] * 2, limited=True)
    assert await pool.fetchval("SELECT reports FROM play WHERE video_id = $1", video_id) == 2


async def test_viewers_do_not_wait_for_each_other_nor_for_the_author(
    client: Client, ann: Person, ben: Person, views: Views, pool: Pool
) -> None:
    video_id, cat = await published(client, ann), await sign_up(client, "cat")
    assert ben.id
    async with work(pool, client.app[ANNOUNCER], ben.id) as w:
        await actions.watch_many(w, ben.id, [seen(video_id)], limited=False)
        # Neither another viewer nor the author's change waits for this transaction, which has not ended.
        await tell(client, pool, cat, seen(video_id))
        assert (await ann.patch(f"/videos/{video_id}", json={"title": "Changed meanwhile"})).status == 200
    assert await views(video_id) == 2


def test_who_left_at_the_very_end_has_not_seen_it() -> None:
    told = actions.watching([Held(None, 1, 1.0, 1000.0), Held(actions.SLOTS + 1, 2, 0.0, 3900.0), Held(1, 1, 0.0, 0.0)])
    assert (told.viewers, told.average_ms) == (4, 1225)
    assert told.through == [1.0, *[0.75] * (actions.SLOTS - 1), 0.25]
