"""Who sees which video, for many at once: what is hidden costs as much as what is absent."""

from uuid import uuid4

from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.videos import among
from tests.people import Client, Person
from tests.videos import Told, published


async def test_whoever_sees_nothing_waits_for_no_disk(client: Client, ann: Person, ben: Person) -> None:
    """A row that was held is written down: its commit would take longer than that of what is absent."""
    public = await published(client, ann)
    hidden = await published(client, ann, Told(visibility="private"))
    assert ben.id is not None
    for video_ids, waits in (([hidden], "off"), ([uuid4()], "off"), ([public], "on"), ([hidden, public], "on")):
        async with work(client.app[POOL], client.app[ANNOUNCER], ben.id) as w:
            await w.conn.execute("SET LOCAL synchronous_commit TO on")  # the tests' PostgreSQL never waits
            await among.seen(w.conn, [(video_id, ben.id) for video_id in video_ids], wait=False)
            assert await w.conn.fetchval("SHOW synchronous_commit") == waits
