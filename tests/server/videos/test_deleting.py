"""Deleting a video that others hold."""

import asyncio

import pytest

from server.kit.request import POOL
from server.videos import deleting
from tests.people import Client, Person
from tests.server.departures.leaving import count
from tests.videos import published
from tests.waiting import LIMIT_SECONDS

WAITS = "SELECT count(*) FROM video_remains WHERE video_id = $1"


async def test_a_video_that_is_held_without_end_is_held_by_nobody_new(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "SOON", "10ms")
    video_id, pool = await published(client, ann), client.app[POOL]
    async with pool.acquire() as conn:
        async with conn.transaction():
            await conn.execute("SELECT FROM video WHERE id = $1 FOR KEY SHARE", video_id)
            going = asyncio.create_task(ann.delete(f"/videos/{video_id}"))
            async with asyncio.timeout(LIMIT_SECONDS):
                while not await count(client, WAITS, video_id):
                    await asyncio.sleep(0.01)
            assert (await ben.put(f"/videos/{video_id}/like")).status == 404
            assert (await ben.post(f"/videos/{video_id}/comments", json={"text": "late"})).status == 404
            assert not going.done()
        assert (await going).status == 204
    assert (await ann.get(f"/videos/{video_id}")).status == 404
