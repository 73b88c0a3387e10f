"""Accounts and sessions over HTTP."""

import asyncio

import pytest

from server.accounts.cookie import NAME
from tests.people import PASSWORD, Person, new_name


def _sign_up_body(name: str) -> dict[str, str]:
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD}


async def test_signing_up_answers_with_the_account_and_tokens(nobody: Person) -> None:
    name = new_name("Ann")
    made = await nobody.post("/accounts", json=_sign_up_body(name) | {"first_name": "Ann", "birth_date": "1990-02-28"})
    assert made.status == 201
    account = made.body["account"]
    assert (account["username"], account["display_name"], account["first_name"]) == (name, name, "Ann")
    assert account["birth_date"] == "1990-02-28"
    assert account["counts"] == {"followers": 0, "following": 0, "videos": 0}
    assert PASSWORD not in str(made.body)
    cookie = made.headers["Set-Cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/api/v1/sessions"))


async def test_a_name_is_taken_whatever_its_case(ann: Person, nobody: Person) -> None:
    body = _sign_up_body(ann.username.upper()) | {"email": "other@example.org"}
    assert (await nobody.post("/accounts", json=body)).code == "username_taken"
    body = _sign_up_body(new_name("x")) | {"email": ann.email.upper()}
    assert (await nobody.post("/accounts", json=body)).code == "email_taken"


async def test_a_race_for_a_name_has_one_winner(nobody: Person) -> None:
    name = new_name("race")
    bodies = [_sign_up_body(name) | {"email": f"{i}{name}@example.org"} for i in range(5)]
    answers = await asyncio.gather(*(nobody.post("/accounts", json=body) for body in bodies))
    assert sorted(a.status for a in answers) == [201, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "seven77"}, "password"),
        ({"username": "no"}, "username"),
        ({"username": "with space"}, "username"),
        ({"username": "trailing\n"}, "username"),
        ({"username": "a" * 31}, "username"),
        ({"email": "nobody"}, "email"),
        ({"email": "a" * 250 + "@b.org"}, "email"),
        ({"first_name": "x" * 51}, "first_name"),
        ({"first_name": "nul\x00"}, "first_name"),
        ({"first_name": "half \ud800"}, "first_name"),
        ({"birth_date": "yesterday"}, "birth_date"),
        ({"birth_date": "\ud800"}, "birth_date"),
        ({"is_admin": True}, "is_admin"),
        ({"id": "x"}, "id"),
    ],
)
async def test_an_invalid_field_is_named(nobody: Person, change: dict[str, object], field: str) -> None:
    refused = await nobody.post("/accounts", json=_sign_up_body(new_name("bad")) | change)
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", {field})


async def test_every_invalid_field_is_named_at_once(nobody: Person) -> None:
    refused = await nobody.post("/accounts", json={"username": "x", "password": 5})
    assert refused.fields == {"username", "password", "email"}


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b'{"username": ', "application/json", 400, "malformed"),
        (b"[]", "application/json", 400, "malformed"),
        (b'{"a": NaN}', "application/json", 400, "malformed"),
        (b"\xff\xfe", "application/json", 400, "malformed"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "application/json", 400, "malformed"),
        (b"[" * 50_000, "application/json", 400, "malformed"),
        (b"hello", "text/plain", 415, "wrong_media_type"),
        (b'{"a": "' + b"x" * 70_000 + b'"}', "application/json", 413, "body_too_large"),
    ],
)
async def test_a_body_that_is_no_json_is_refused(nobody: Person, content: bytes, kind: str, status: int, code: str) -> None:
    refused = await nobody.post("/accounts", data=content, headers={"Content-Type": kind})
    assert (refused.status, refused.code) == (status, code)
    assert refused.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "GZIP"])
async def test_packed_bodies_are_refused(ann: Person, encoding: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    for method, path in (("POST", "/accounts"), ("POST", "/sessions"), ("PATCH", "/me")):
        refused = await ann.call(method, path, data=b"not packed at all", headers=headers)
        assert (refused.status, refused.code) == (415, "wrong_media_type")


async def test_a_stale_token_does_not_keep_one_from_a_new_one(ann: Person, nobody: Person) -> None:
    stale = {"Authorization": "Bearer of.something.old"}
    assert (await nobody.get("/me", headers=stale)).code == "invalid_token"
    login = {"login": ann.username, "password": PASSWORD}
    assert (await nobody.post("/sessions", json=login, headers=stale)).status == 201
    assert (await nobody.post("/sessions/refresh", json={"refresh_token": ann.refresh}, headers=stale)).status == 200


async def test_one_logs_in_by_name_or_address(ann: Person, nobody: Person) -> None:
    for login in (ann.username, ann.username.upper(), ann.email):
        assert (await nobody.post("/sessions", json={"login": login, "password": PASSWORD})).status == 201


async def test_a_wrong_password_and_an_unknown_user_look_the_same(ann: Person, nobody: Person) -> None:
    wrong = await nobody.post("/sessions", json={"login": ann.username, "password": "wrong wrong"})
    unknown = await nobody.post("/sessions", json={"login": "nobody_at_all", "password": "wrong wrong"})
    assert (wrong.status, wrong.code) == (401, "bad_credentials")
    assert wrong.body == unknown.body


async def test_without_credentials_401(nobody: Person) -> None:
    assert (await nobody.get("/me")).code == "not_authenticated"


async def test_a_refresh_token_is_no_access_token(ann: Person) -> None:
    ann.access = ann.refresh
    assert (await ann.get("/me")).code == "invalid_token"


async def test_refresh_tokens_rotate_and_reuse_ends_the_family(ann: Person, nobody: Person) -> None:
    first = await nobody.post("/sessions/refresh", json={"refresh_token": ann.refresh})
    assert first.status == 200
    fresh = Person(nobody.client, access=first.body["access_token"])
    assert (await fresh.get("/me")).status == 200
    for token in (ann.refresh, first.body["refresh_token"]):
        refused = await nobody.post("/sessions/refresh", json={"refresh_token": token})
        assert (refused.status, refused.code) == (401, "refresh_token_reused")
    assert (await fresh.get("/me")).code == "invalid_token"


async def test_two_refreshes_at_once_leave_one_family(ann: Person, nobody: Person) -> None:
    body = {"refresh_token": ann.refresh}
    answers = await asyncio.gather(*(nobody.post("/sessions/refresh", json=body) for _ in range(4)))
    assert sum(a.status == 200 for a in answers) == 1
    assert {a.code for a in answers if a.status != 200} <= {"refresh_in_progress", "refresh_token_reused"}


async def test_a_token_that_never_was(nobody: Person) -> None:
    refused = await nobody.post("/sessions/refresh", json={"refresh_token": "never-was-one"})
    assert (refused.status, refused.code) == (401, "refresh_token_invalid")


async def test_the_cookie_refreshes_only_pages_of_ours(ann: Person, nobody: Person) -> None:
    cookie = {"Cookie": f"{NAME}={ann.refresh}"}
    for headers in (cookie, cookie | {"Origin": "https://evil.example"}, cookie | {"Origin": "null"}):
        refused = await nobody.post("/sessions/refresh", headers=headers)
        assert (refused.status, refused.code) == (403, "foreign_origin")
    good = await nobody.post("/sessions/refresh", headers=cookie | {"Origin": "http://reelwire.test"})
    assert good.status == 200
    assert NAME in good.headers["Set-Cookie"]


async def test_logging_out_ends_the_access_token(ann: Person) -> None:
    assert (await ann.delete("/sessions/current")).status == 204
    assert (await ann.get("/me")).code == "invalid_token"


async def test_logins_are_listed_and_one_can_be_ended(ann: Person, nobody: Person) -> None:
    again = await nobody.post("/sessions", json={"login": ann.username, "password": PASSWORD}, headers={"User-Agent": "phone"})
    listed = (await ann.get("/sessions")).body["items"]
    assert {item["user_agent"] for item in listed if not item["current"]} == {"phone"}
    other = next(item["id"] for item in listed if not item["current"])
    assert (await ann.delete(f"/sessions/{other}")).status == 204
    phone = Person(nobody.client, access=again.body["access_token"])
    assert (await phone.get("/me")).code == "invalid_token"
    assert (await ann.get("/me")).status == 200
    assert (await ann.delete(f"/sessions/{other}")).status == 404


async def test_pages_of_logins_do_not_move_while_they_are_used(ann: Person, nobody: Person) -> None:
    login = {"login": ann.username, "password": PASSWORD}
    made = [await nobody.post("/sessions", json=login, headers={"User-Agent": str(number)}) for number in range(4)]
    first = (await ann.get("/sessions?limit=2")).body
    assert (await nobody.post("/sessions/refresh", json={"refresh_token": made[0].body["refresh_token"]})).status == 200
    await nobody.post("/sessions", json=login)
    second = (await ann.get(f"/sessions?limit=2&cursor={first['next_cursor']}")).body
    third = (await ann.get(f"/sessions?limit=2&cursor={second['next_cursor']}")).body
    items = first["items"] + second["items"] + third["items"]
    assert [item["user_agent"] for item in items[:4]] == ["3", "2", "1", "0"]
    assert [item["current"] for item in items] == [False] * 4 + [True]
    assert items == sorted(items, key=lambda item: item["created_at"], reverse=True)
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=51", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor")]
)
async def test_a_page_of_logins_that_cannot_be_is_refused(ann: Person, nobody: Person, query: str, field: str) -> None:
    assert (await ann.get(f"/sessions?{query}")).fields == {field}
    assert (await nobody.get(f"/sessions?{query}")).code == "not_authenticated"


async def test_names_are_changed_without_a_password(ann: Person) -> None:
    changed = await ann.patch("/me", json={"display_name": "Ann A.", "bio": "sea", "first_name": None})
    assert (changed.body["display_name"], changed.body["bio"], changed.body["first_name"]) == ("Ann A.", "sea", None)
    assert (await ann.patch("/me", json={"bio": "x" * 161})).fields == {"bio"}


async def test_what_one_logs_in_with_needs_the_current_password(ann: Person, nobody: Person) -> None:
    name = new_name("renamed")
    assert (await ann.patch("/me", json={"username": name})).fields == {"current_password"}
    wrong = await ann.patch("/me", json={"username": name, "current_password": "not this one"})
    assert (wrong.status, wrong.code) == (403, "bad_password")
    assert (await ann.patch("/me", json={"username": name, "current_password": PASSWORD})).status == 200
    assert (await nobody.get(f"/users/{name}")).body["id"] == str(ann.id)
    assert (await nobody.get(f"/users/{ann.username}")).status == 404


async def test_a_new_password_ends_the_other_sessions(ann: Person, nobody: Person) -> None:
    login = {"login": ann.username, "password": PASSWORD}
    other = Person(nobody.client, access=(await nobody.post("/sessions", json=login)).body["access_token"])
    changed = await ann.patch("/me", json={"password": "a whole new one", "current_password": PASSWORD})
    assert changed.status == 200
    assert (await other.get("/me")).code == "invalid_token"
    assert (await ann.get("/me")).status == 200
    assert (await nobody.post("/sessions", json=login)).code == "bad_credentials"


async def test_a_user_is_found_by_id_and_by_name(ann: Person, nobody: Person) -> None:
    by_name, by_id = await nobody.get(f"/users/{ann.username.upper()}"), await nobody.get(f"/users/{ann.id}")
    assert by_name.body == by_id.body
    assert "email" not in by_name.body
    assert by_name.body["viewer"] is None
    assert (await nobody.get("/users/019a0000-0000-7000-8000-000000000000")).code == "not_found"


async def test_paths_and_methods_are_refused_before_credentials(nobody: Person) -> None:
    wrong = await nobody.put("/me", headers={"Authorization": "Bearer nonsense"})
    assert (wrong.status, wrong.code) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]
    assert (await nobody.get("/nowhere")).code == "not_found"


@pytest.mark.parametrize("name", ["%00", "%ff", "%ed%a0%80", "a" * 500, "..%2f", "%F0%9F%98%80", "{}", "0" * 32])
async def test_a_path_that_names_nobody_is_404(ann: Person, name: str) -> None:
    for path in (f"/users/{name}", f"/users/{name}/followers", f"/videos/{name}"):
        assert (await ann.get(path)).status == 404
    assert (await ann.put(f"/me/following/{name}")).status == 404
