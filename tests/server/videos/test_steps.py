"""What becomes of a video on its way to playing."""

from server.accounts import queries as accounts
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.videos import actions, steps
from server.videos.wire import Failure
from tests.people import Client, Person
from tests.videos import RENDITIONS, START, published


async def test_what_was_withdrawn_may_play_again_and_is_published_anew(client: Client, ann: Person, nobody: Person) -> None:
    video_id = await published(client, ann)
    assert ann.id is not None
    app = client.app
    before = (await nobody.get(f"/videos/{video_id}")).body["published_at"]
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await accounts.lock(w.conn, ann.id)
        assert await steps.withdrawn(w.conn, video_id, ann.id, Failure("unreadable", "Damaged."))
    assert (await nobody.get(f"/videos/{video_id}")).status == 404
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await accounts.lock(w.conn, ann.id)
        await steps.begin(w.conn, video_id)
        await steps.playable(w.conn, video_id, ann.id, START, RENDITIONS)
        await actions.publish(w, video_id, ann.id)
    assert (await nobody.get(f"/videos/{video_id}")).body["published_at"] > before
