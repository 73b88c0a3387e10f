"""What other rooms ask of plays."""

from server.plays import queries
from storage.postgres import Pool, connection
from tests.people import Client, Person, sign_up
from tests.server.plays.conftest import Views, watched
from tests.videos import published


async def test_a_video_is_seen_at_once_however_short(client: Client, ann: Person, ben: Person, pool: Pool) -> None:
    first, second, third = [await published(client, ann) for _ in range(3)]
    await ben.post(f"/videos/{first}/views", json=watched(watched_ms=0))
    await ann.post(f"/videos/{second}/views", json=watched())
    async with connection(pool) as conn:
        assert ben.id
        assert await queries.seen(conn, [first, second, third], ben.id) == {first}


async def test_recent_views_are_those_of_the_last_days(
    client: Client, ann: Person, ben: Person, views: Views, pool: Pool
) -> None:
    video_id, other, cat = await published(client, ann), await published(client, ann), await sign_up(client, "cat")
    await ben.post(f"/videos/{video_id}/views", json=watched())
    assert await views(video_id) == 1
    await pool.execute("UPDATE play_day SET day = day - 6 WHERE video_id = $1", video_id)
    await cat.post(f"/videos/{video_id}/views", json=watched())
    assert await views(video_id) == 2
    async with connection(pool) as conn:
        found = [await queries.recent(conn, [video_id, other], days) for days in (1, 6, 7)]
    assert found == [{video_id: 1}, {video_id: 1}, {video_id: 2}]
