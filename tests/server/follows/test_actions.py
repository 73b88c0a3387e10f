"""What becomes of an account's follows when it goes."""

from server.follows import actions
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from tests.people import Client, Person, sign_up


async def test_follows_of_an_account_end_both_ways_in_batches(client: Client, ann: Person, ben: Person) -> None:
    others = [await sign_up(client, f"p{nth}") for nth in range(3)]
    for one in others:
        await ben.follow(one)
        await one.follow(ben)
    await ann.follow(others[0])
    assert ben.id is not None
    for looked_at in (4, 2):
        async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
            assert await actions.forget(w, ben.id, 2) == looked_at
    seen = [(await one.get("/me")).body["counts"] for one in (ben, *others)]
    assert [(counts["followers"], counts["following"]) for counts in seen] == [(0, 0), (1, 0), (0, 0), (0, 0)]
    assert (await ben.get(f"/users/{ben.id}/followers")).body["items"] == []
