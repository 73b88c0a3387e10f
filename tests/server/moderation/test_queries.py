"""What a list of reports costs."""

import json

from server.kit.request import POOL
from server.moderation import queries
from storage.postgres import allow, connection
from tests.people import Client, Person
from tests.videos import published

MANY = 20_000
FILL = """
INSERT INTO report (video_id, account_id, reason, created_at, closed_at)
SELECT $1, gen_random_uuid(), 'spam', now() - make_interval(secs => n), CASE WHEN n % 100 > 0 THEN now() END
FROM generate_series(1, $2) AS n
"""


async def test_the_open_reports_are_found_among_very_many_closed_ones(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    async with connection(client.app[POOL]) as conn:
        transaction = conn.transaction()
        await transaction.start()
        await allow(conn, 60)
        await conn.execute(FILL, video_id, MANY, timeout=60)
        await conn.execute("ANALYZE report")
        plans = [
            json.loads(await conn.fetchval(f"EXPLAIN (FORMAT JSON) {queries.LISTED}", closed, None, 50))[0]["Plan"]["Plans"][0]
            for closed in (False, True)
        ]
        await transaction.rollback()
    assert [plan.get("Index Name") for plan in plans] == ["report_open", "report_newest"]
