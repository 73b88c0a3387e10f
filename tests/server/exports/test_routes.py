"""GET /me/export: all that is kept of an account, in valid JSON, or a connection that breaks off."""

from typing import Any
from uuid import UUID

import aiohttp
import msgspec
import pytest

from server.exports import sections
from server.exports.sections import SECTIONS
from server.exports.wire import Export
from server.kit.request import POOL
from server.notifications import jobs as notification_jobs
from server.suggestions.actions import SUGGESTING
from tests.people import Client, Person, sign_up
from tests.server.suggestions.town import Town
from tests.videos import Told, published

VIEW = {"watched_ms": 3000, "completed": True, "replays": 1, "source": "profile"}


def _unsigned(video: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in video.items() if name not in ("sources", "poster_url")}


@pytest.mark.usefixtures("nobody_tells")
async def test_an_export_has_all_that_one_has_done(client: Client, ann: Person, ben: Person) -> None:
    cat = await sign_up(client, "cat")
    own, of_ben = await published(client, ann, Told("mine", visibility="private")), await published(client, ben)
    await ann.follow(ben)
    await ben.follow(ann)
    assert (await ann.put(f"/me/blocks/{cat.id}")).status == 204
    said = (await ann.post(f"/videos/{of_ben}/comments", json={"text": "hello"})).body
    assert (await ann.put(f"/videos/{of_ben}/like")).status == 204
    assert (await ann.post(f"/videos/{of_ben}/views", json=VIEW)).status == 202
    assert (await ann.post(f"/videos/{of_ben}/shares")).status == 202
    assert (await ann.post(f"/videos/{of_ben}/reports", json={"reason": "spam", "detail": "look"})).status == 202
    assert (await ann.put(f"/videos/{of_ben}/not-interested")).status == 204
    await published(client, ben)  # else all is seen
    (shown,) = (await ann.get("/feed/suggested?limit=1")).body["items"]
    await client.app[SUGGESTING].log.flush()
    await notification_jobs.tell(client.app[POOL])
    town = Town(client)
    model_id = await town.model()
    await town.list_of(ann, model_id, [UUID(shown["id"])])
    answer = await ann.get("/me/export")
    await client.app[POOL].execute("DELETE FROM suggestion_model WHERE id = $1", model_id)  # others have none
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    found = answer.body
    assert list(found) == list(Export.__struct_fields__)
    assert found["account"] == (await ann.get("/me")).body
    assert found["sessions"] == (await ann.get("/sessions")).body["items"]
    # But for the URLs of a private video, which are signed for each answer.
    assert [_unsigned(one) for one in found["videos"]] == [_unsigned((await ann.get(f"/videos/{own}")).body)]
    assert found["comments"] == [said]
    assert found["suggestions"] == {"learns": True, "since": None}
    for name in ("likes", "views", "watches", "shares", "reports", "not_interested"):
        assert [one["video_id"] for one in found[name]] == [str(of_ben)], name
    assert found["views"][0]["watched_ms"] == found["watches"][0]["watched_ms"] == 3000
    assert [one["id"] for one in found["following"]] == [one["id"] for one in found["followers"]] == [str(ben.id)]
    assert [one["username"] for one in found["blocks"]] == [cat.username]
    assert found["notifications"] == (await ann.get("/me/notifications")).body["items"]
    assert [one["kind"] for one in found["notifications"]] == ["follower"]
    assert [one["video_ids"] for one in found["suggested"]] == [[shown["id"]]]
    assert [(one["model_id"], one["video_ids"]) for one in found["suggestion_lists"]] == [(str(model_id), [shown["id"]])]
    msgspec.convert(found, Export)


async def test_long_lists_are_read_in_pages_that_neither_repeat_nor_skip(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "ROWS", 2)
    monkeypatch.setattr(sections, "VIDEOS", 2)
    own = {str(await published(client, ann)) for _ in range(5)}
    others = {str(await published(client, ben)) for _ in range(4)}
    for video_id in others:
        assert (await ann.put(f"/videos/{video_id}/like")).status == 204
        assert (await ann.post(f"/videos/{video_id}/comments", json={"text": "hello"})).status == 201
        for _ in range(3):
            assert (await ann.post(f"/videos/{video_id}/views", json=VIEW)).status == 202
    people = [await sign_up(client, "fan") for _ in range(3)]
    for person in people:
        await person.follow(ann)
    found = (await ann.get("/me/export")).body
    for name, field, expected in (("videos", "id", own), ("comments", "video_id", others), ("likes", "video_id", others)):
        listed = [one[field] for one in found[name]]
        assert len(listed) == len(expected), name
        assert set(listed) == expected, name
    watched = [one["video_id"] for one in found["watches"]]
    assert watched == sorted([*others] * 3, reverse=True)
    assert {one["id"] for one in found["followers"]} == {str(person.id) for person in people}


async def test_one_that_fails_in_the_midst_breaks_off(client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> sections.Piece:
        raise ConnectionResetError

    monkeypatch.setitem(SECTIONS, "views", away)
    with pytest.raises(aiohttp.ClientPayloadError):
        await ann.get("/me/export")


async def test_an_account_that_is_deleted_meanwhile_breaks_it_off(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def left(*_: object) -> sections.Piece:
        assert (await ann.delete("/me", json={"password": "correct horse battery"})).status == 204
        return sections.Piece([], None)

    monkeypatch.setitem(SECTIONS, "views", left)
    with pytest.raises(aiohttp.ClientPayloadError):
        await ann.get("/me/export")


async def test_it_is_for_whoever_is_logged_in(nobody: Person) -> None:
    assert (await nobody.get("/me/export")).code == "not_authenticated"
