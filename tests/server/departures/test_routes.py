"""DELETE /me: whose password it takes, and that the account is gone for everybody at once."""

import asyncio

import pytest

from server.kit.request import POOL
from tests.people import PASSWORD, Client, Person, sign_up
from tests.resumable import Resumable
from tests.server.departures.leaving import count, leave
from tests.videos import published

WRONG = {"password": "not my password"}


async def test_a_wrong_password_deletes_nothing(ann: Person) -> None:
    for body, status, code in ((WRONG, 403, "bad_password"), ({}, 422, "invalid"), ({"password": 1}, 422, "invalid")):
        refused = await ann.delete("/me", json=body)
        assert (refused.status, refused.code) == (status, code)
    assert (await ann.delete("/me")).status == 415
    assert (await ann.get("/me")).status == 200


async def test_nobody_deletes_without_credentials(nobody: Person) -> None:
    assert (await nobody.delete("/me", json=WRONG)).code == "not_authenticated"


async def test_the_account_and_all_it_made_is_hidden_at_once(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    await ben.follow(ann)
    own, of_ben = await published(client, ann), await published(client, ben)
    said = (await ann.post(f"/videos/{of_ben}/comments", json={"text": "hello"})).body
    for asks in (ben, nobody, ben, nobody):  # so that processes have it in memory
        for path in (f"/users/{ann.id}", f"/users/{ann.username}", f"/users/{ann.id}/videos", f"/videos/{own}", "/feed/latest"):
            assert (await asks.get(path)).status == 200
    assert [item["id"] for item in (await ben.get("/feed/following")).body["items"]] == [str(own)]
    await leave(ann)
    for asks in (ben, nobody):
        for path in (f"/users/{ann.id}", f"/users/{ann.username}", f"/users/{ann.id}/videos", f"/users/{ann.id}/followers"):
            assert (await asks.get(path)).code == "not_found"
        for path in (f"/videos/{own}", f"/videos/{own}/comments"):
            assert (await asks.get(path)).code == "not_found"
        assert str(own) not in str((await asks.get("/feed/latest")).body)
        assert (await asks.get(f"/videos/{of_ben}/comments")).body["items"] == []
        assert (await asks.get(f"/media/{own}/o/1/540.mp4")).status == 403
    assert (await ben.get("/feed/following")).body["items"] == []
    assert (await ben.get(f"/users/{ben.id}/followers")).body["items"] == []
    assert (await ben.put(f"/videos/{own}/like")).code == "not_found"
    assert (await ben.put(f"/me/following/{ann.id}")).code == "not_found"
    assert (await ben.delete(f"/comments/{said['id']}")).status in (204, 404)


async def test_it_is_logged_out_everywhere_and_cannot_log_in(ann: Person, nobody: Person) -> None:
    other = (await nobody.post("/sessions", json={"login": ann.username, "password": PASSWORD})).body
    gone = await ann.delete("/me", json={"password": PASSWORD})
    assert gone.status == 204
    assert 'reelwire_refresh=""' in gone.headers["Set-Cookie"]
    for token in (ann.access, other["access_token"]):
        assert (await nobody.get("/me", headers={"Authorization": f"Bearer {token}"})).code == "invalid_token"
    for token in (ann.refresh, other["refresh_token"]):
        assert (await nobody.post("/sessions/refresh", json={"refresh_token": token})).code == "refresh_token_invalid"
    for login in (ann.username, ann.email):
        assert (await nobody.post("/sessions", json={"login": login, "password": PASSWORD})).code == "bad_credentials"


async def test_its_names_are_free_at_once(ann: Person, nobody: Person) -> None:
    await leave(ann)
    again = {"username": ann.username, "email": ann.email, "password": PASSWORD}
    made = await nobody.post("/accounts", json=again)
    assert made.status == 201
    assert made.body["account"]["id"] != str(ann.id)


async def test_of_two_deletions_at_once_one_is_refused(ann: Person) -> None:
    answers = await asyncio.gather(*(ann.delete("/me", json={"password": PASSWORD}) for _ in range(2)))
    first, second = sorted(answers, key=lambda answer: answer.status)
    assert first.status == 204
    assert (second.status, second.code) in ((401, "invalid_token"), (401, "bad_credentials"))


async def test_an_upload_that_ends_after_its_account_becomes_no_video(client: Client, ann: Person) -> None:
    upload = Resumable(ann, b"x" * 20)
    assert (await upload.create(b"x" * 10, 20)).status == 201
    taken, going = asyncio.Event(), asyncio.Event()

    async def body() -> object:
        yield b"x" * 5
        taken.set()
        await going.wait()
        yield b"x" * 5

    sending = asyncio.create_task(upload.patch(10, body(), headers={"Content-Length": "10"}), name="sending")
    await taken.wait()
    await leave(ann)
    going.set()
    assert (await sending).status == 404
    assert await count(client, "SELECT count(*) FROM video WHERE author_id = $1", ann.id) == 0


@pytest.mark.parametrize("what", ["comment", "follow"])
async def test_nobody_acts_towards_one_who_is_gone(client: Client, ann: Person, what: str) -> None:
    own = await published(client, ann)
    ben = await sign_up(client, "ben")
    await leave(ann)
    if what == "comment":
        assert (await ben.post(f"/videos/{own}/comments", json={"text": "hello"})).code == "not_found"
    else:
        assert (await ben.put(f"/me/following/{ann.id}")).code == "not_found"
    async with client.app[POOL].acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM following WHERE author_id = $1", ann.id) == 0
