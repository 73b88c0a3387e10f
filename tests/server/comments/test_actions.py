"""What becomes of an account's comments when it goes."""

from server.comments import actions, queries
from server.kit.paging import FIRST
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from tests.people import Client, Person
from tests.videos import published


async def test_comments_of_an_account_are_listed_and_go_in_batches(client: Client, ann: Person, ben: Person) -> None:
    one, two = await published(client, ann), await published(client, ann)
    for nth, video_id in enumerate((one, one, two, one, two)):
        await ben.post(f"/videos/{video_id}/comments", json={"text": str(nth)})
    await ann.post(f"/videos/{one}/comments", json={"text": "stays"})
    assert ben.id is not None
    for texts, done in (("43210", 2), ("432", 2), ("4", 1)):
        async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
            assert [row.text for row in await queries.of_author(w.conn, ben.id, FIRST.id, 10)] == list(texts)
            assert await actions.forget(w, ben.id, 2) == done
    assert [(await ann.get(f"/videos/{i}")).body["counts"]["comments"] for i in (one, two)] == [1, 0]
    assert [c["text"] for c in (await ann.get(f"/videos/{one}/comments")).body["items"]] == ["stays"]
