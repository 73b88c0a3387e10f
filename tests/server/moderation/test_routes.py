"""Reports, and what accounts do not want to see, over HTTP."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from server.kit.idempotency import HEADER
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.moderation import actions, queries
from server.moderation.wire import MAX_DETAIL, Report
from storage.postgres import connection
from tests.people import Client, Person
from tests.videos import Told, published, uploaded


async def _reports(client: Client, about: UUID | None) -> list[Report]:
    async with connection(client.app[POOL]) as conn:
        return await queries.listed(conn, about, 10, closed=True)


async def _declined(client: Client, person: Person, *video_ids: UUID) -> set[UUID]:
    assert person.id is not None
    async with connection(client.app[POOL]) as conn:
        return await queries.not_interested(conn, person.id, video_ids)


async def test_a_second_report_takes_the_place_of_the_first(client: Client, ann: Person, ben: Person) -> None:
    video_id = await published(client, ann)
    for body in ({"reason": "spam", "detail": "buy, buy"}, {"reason": "hate"}):
        reported = await ben.post(f"/videos/{video_id}/reports", json=body)
        assert (reported.status, reported.body) == (202, b"")
    (report,) = await _reports(client, video_id)
    assert (report.account_id, report.reason, report.detail, report.closed_at) == (ben.id, "hate", None, None)


async def test_a_report_that_comes_again_with_its_key_does_nothing(client: Client, ann: Person, ben: Person) -> None:
    video_id, headers = await published(client, ann), {HEADER: "tell"}
    body = {"reason": "copyright", "detail": "that is mine"}
    assert (await ben.post(f"/videos/{video_id}/reports", json=body, headers=headers)).status == 202
    async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
        assert await actions.close(w, video_id) == 1
    again = await ben.post(f"/videos/{video_id}/reports", json=body, headers=headers)
    assert (again.status, again.body) == (202, b"")
    assert [report.closed_at is None for report in await _reports(client, video_id)] == [False]
    other = await ben.post(f"/videos/{video_id}/reports", json={"reason": "spam"}, headers=headers)
    assert (other.status, other.code) == (422, "key_reused")
    assert (await ben.post(f"/videos/{video_id}/reports", json=body)).status == 202
    assert [report.closed_at is None for report in await _reports(client, video_id)] == [True]


async def test_ones_own_video_is_not_kept_as_reported_or_declined(client: Client, ann: Person) -> None:
    for video_id in (await published(client, ann), await uploaded(client, ann)):
        assert (await ann.post(f"/videos/{video_id}/reports", json={"reason": "spam"})).status == 202
        assert (await ann.put(f"/videos/{video_id}/not-interested")).status == 204
        assert await _reports(client, video_id) == []
        assert await _declined(client, ann, video_id) == set()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": "boring"}, "reason"),
        ({"reason": None}, "reason"),
        ({"reason": "spam", "detail": "x" * (MAX_DETAIL + 1)}, "detail"),
        ({"reason": "spam", "detail": "a\x00b"}, "detail"),
        ({"reason": "spam", "detail": "\ud800"}, "detail"),
        ({"reason": "spam", "video_id": "x"}, "video_id"),
    ],
)
async def test_a_report_that_says_nothing_is_refused(
    client: Client, ann: Person, ben: Person, body: dict[str, Any], field: str
) -> None:
    video_id = await published(client, ann)
    refused = await ben.post(f"/videos/{video_id}/reports", json=body)
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", {field})


async def test_declining_twice_is_fine(client: Client, ann: Person, ben: Person) -> None:
    one, other = await published(client, ann), await published(client, ann)
    for _ in range(2):
        declined = await ben.put(f"/videos/{one}/not-interested")
        assert (declined.status, declined.body) == (204, b"")
    assert await _declined(client, ben, one, other) == {one}


async def test_refusals_come_in_their_order(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    hidden, shown = await published(client, ann, Told(visibility="private")), await published(client, ann)
    await ann.put(f"/me/blocks/{ben.id}")
    for video_id in (hidden, shown, uuid4(), "x"):
        assert (await nobody.post(f"/videos/{video_id}/reports", data=b"{")).code == "not_authenticated"
        assert (await nobody.put(f"/videos/{video_id}/not-interested")).code == "not_authenticated"
        assert (await ben.post(f"/videos/{video_id}/reports", data=b"{")).code == "wrong_media_type"
        assert (await ben.post(f"/videos/{video_id}/reports", json={"reason": "boring"})).code == "not_found"
        assert (await ben.put(f"/videos/{video_id}/not-interested")).code == "not_found"


async def test_what_a_deleted_account_said_is_forgotten_in_slices(client: Client, ann: Person, ben: Person) -> None:
    for _ in range(2):
        video_id = await published(client, ann)
        assert (await ben.post(f"/videos/{video_id}/reports", json={"reason": "other"})).status == 202
        assert (await ben.put(f"/videos/{video_id}/not-interested")).status == 204
    assert ben.id is not None
    async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
        assert [await actions.forget(w, ben.id, 1) for _ in range(3)] == [2, 2, 0]
    assert await _reports(client, ben.id) == []
    assert await _declined(client, ben, video_id) == set()
