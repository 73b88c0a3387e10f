"""Reports are logged one by one, each with what is known of its video."""

from storage.postgres import Pool
from tests.people import Client, Person
from tests.server.plays.conftest import watched
from tests.videos import published

ROWS = """
SELECT watched_ms, v.duration_ms IS NOT DISTINCT FROM l.duration_ms, completed, replays, source,
    day = (at AT TIME ZONE 'UTC')::date
FROM watch_log AS l JOIN video AS v ON v.id = video_id
WHERE l.account_id = $1
ORDER BY watched_ms
"""


async def test_each_report_is_a_row(client: Client, ann: Person, ben: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    for told in (watched(watched_ms=100), watched(completed=True, replays=1000, source="link")):
        assert (await ben.post(f"/videos/{video_id}/views", json=told)).status == 202
    rows = [tuple(row) for row in await pool.fetch(ROWS, ben.id)]
    assert rows == [(100, True, False, 0, "following", True), (3000, True, True, 1000, "link", True)]
