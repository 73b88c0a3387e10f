"""How candidates are found: by the index, whatever the planner believes of it, and counted by the keys they share."""

from uuid import uuid4

from server.kit.request import POOL
from server.similar import queries
from storage.postgres import connection
from tests.people import Client, Person
from tests.videos import published


async def test_keys_are_looked_up_in_the_index(client: Client) -> None:
    async with connection(client.app[POOL]) as conn, conn.transaction():
        await queries.go_by_index(conn)
        rows = await conn.fetch("EXPLAIN " + queries.SHARING, list(range(4000)), uuid4(), uuid4(), 200, 200)
    plan = "\n".join(row[0] for row in rows)
    assert "Bitmap Index Scan on fingerprint_keys" in plan
    assert "Seq Scan" not in plan


async def test_most_shared_keys_come_first(client: Client, ann: Person) -> None:
    mine = await published(client, ann)
    shares = {await published(client, ann): keys for keys in ([1, 2, 3], [2, 3, 4, 5], [9], [7, 8])}
    async with connection(client.app[POOL]) as conn, conn.transaction():
        await conn.execute("DELETE FROM fingerprint")
        for video_id, keys in {mine: [1, 2, 3, 4, 5], **shares}.items():
            await conn.execute("INSERT INTO fingerprint VALUES ($1, '', $2)", video_id, keys)
        await queries.go_by_index(conn)
        found = await queries.sharing(conn, [1, 2, 3, 4, 5, 9], mine, uuid4(), 2, 200)
        few = await queries.sharing(conn, [1, 2, 3, 4, 5, 9], mine, uuid4(), 10, 1)
    four, three, *_ = sorted(shares, key=lambda video_id: -len(shares[video_id]))
    assert list(found.items()) == [(four, 4), (three, 3)]
    assert sum(few.values()) <= 6
