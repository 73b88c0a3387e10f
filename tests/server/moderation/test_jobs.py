"""What is left of deleted videos."""

import pytest

from server.kit.request import POOL
from server.moderation import jobs, queries
from storage import walks
from storage.postgres import connection
from tests.people import Client, Person
from tests.videos import published


async def test_what_was_declined_is_forgotten_with_its_video(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "ROWS_AT_ONCE", 2)
    gone, kept = [await published(client, ann) for _ in range(3)], await published(client, ann)
    for video_id in (*gone, kept):
        assert (await ben.put(f"/videos/{video_id}/not-interested")).status == 204
    for video_id in gone:
        assert (await ann.delete(f"/videos/{video_id}")).status == 204
    assert ben.id is not None
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, jobs.WALK, "")
        while await queries.not_interested(conn, ben.id, gone):
            await jobs.tidy(client.app)
        assert await queries.not_interested(conn, ben.id, [kept]) == {kept}
