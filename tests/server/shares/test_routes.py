"""Shares over HTTP."""

from uuid import UUID, uuid4

from server.departures import remains
from server.kit.idempotency import HEADER
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.shares import actions, queries
from storage.postgres import connection
from tests.people import Client, Person
from tests.videos import Told, published, uploaded


async def _shares(client: Client, video_id: UUID) -> int:
    async with connection(client.app[POOL]) as conn:
        return (await queries.counts(conn, [video_id])).get(video_id, 0)


async def test_every_share_counts_but_one_that_comes_again_with_its_key(client: Client, ann: Person, ben: Person) -> None:
    video_id = await published(client, ann)
    for key in ("one", "two", "two"):
        shared = await ben.post(f"/videos/{video_id}/shares", headers={HEADER: key})
        assert (shared.status, shared.body) == (202, b"")
    assert (await ben.post(f"/videos/{video_id}/shares")).status == 202
    assert await _shares(client, video_id) == 3


async def test_ones_own_do_not_count(client: Client, ann: Person) -> None:
    for video_id in (await published(client, ann), await uploaded(client, ann)):
        assert (await ann.post(f"/videos/{video_id}/shares")).status == 202
        assert await _shares(client, video_id) == 0


async def test_what_one_does_not_see_one_cannot_share(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    hidden, shown = await published(client, ann, Told(visibility="private")), await published(client, ann)
    assert (await nobody.post(f"/videos/{hidden}/shares")).code == "not_authenticated"
    await ben.put(f"/me/blocks/{ann.id}")
    answers = [await ben.post(f"/videos/{video_id}/shares") for video_id in (hidden, shown, uuid4(), "x")]
    assert {(answer.status, answer.code) for answer in answers} == {(404, "not_found")}


async def test_shares_go_with_their_video_and_with_their_account(client: Client, ann: Person, ben: Person) -> None:
    kept, also, deleted = [await published(client, ann) for _ in range(3)]
    for video_id in (kept, also, deleted):
        assert (await ben.post(f"/videos/{video_id}/shares")).status == 202
    assert (await ann.delete(f"/videos/{deleted}")).status == 204
    await remains.tidy(client.app)
    assert (await _shares(client, kept), await _shares(client, deleted)) == (1, 0)
    assert ben.id is not None
    async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
        assert [await actions.forget(w, ben.id, 1) for _ in range(3)] == [1, 1, 0]
    assert await _shares(client, kept) == 0
