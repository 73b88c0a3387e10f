"""What becomes of an account's likes when it goes."""

from server.kit.paging import FIRST
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.likes import actions, queries
from tests.people import Client, Person
from tests.videos import published


async def test_likes_of_an_account_are_listed_and_go_in_batches(client: Client, ann: Person, ben: Person) -> None:
    ids = [await published(client, ann) for _ in range(5)]
    for video_id in ids:
        for one in (ann, ben):
            await one.put(f"/videos/{video_id}/like")
    assert ben.id is not None
    done: list[int] = []
    while not done or done[-1] == 2:
        async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
            listed = await queries.of_account(w.conn, ben.id, FIRST.id, 10)
            assert [like.video_id for like in listed] == [i for i in reversed(ids) if i in {like.video_id for like in listed}]
            assert len(listed) == 5 - 2 * len(done)
            done.append(await actions.forget(w, ben.id, 2))
    assert done == [2, 2, 1]
    assert [(await ann.get(f"/videos/{i}")).body["counts"]["likes"] for i in ids] == [1] * 5
