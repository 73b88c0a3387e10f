"""The API's document: valid, and true to the routes."""

import os
from typing import Any

from openapi_spec_validator import validate

from server.accounts import cookie
from server.kit.body import validated
from server.kit.idempotency import HEADER
from server.openapi.document import BASE, document
from server.openapi.examples import EXAMPLES
from server.openapi.operations import OPERATIONS
from server.openapi.parameters import HEADERS
from server.settings import Settings
from server.web import application
from tests.people import Person
from tests.resumable import Resumable, checksum

NOT_OF_THE_API = {("GET", "/api/v1/live"), ("POST", "/api/v1/uploads/{id}")}
"""The socket, which AsyncAPI describes, and what stands for other methods, which PATCH tells of."""
WITHOUT_KEYS = {"/accounts", "/sessions", "/sessions/refresh", "/live/tickets", "/qoe"}
"""POSTs that ignore `Idempotency-Key`: those that hand out tokens."""


def test_it_is_openapi_3_1() -> None:
    found = document(OPERATIONS)
    validate(found)
    assert found["openapi"].startswith("3.1")


def test_every_route_is_in_it_and_nothing_else(settings: Settings) -> None:
    routes = {
        (route.method, route.resource.canonical)
        for route in application(settings).router.routes()
        if route.resource and route.method != "OPTIONS"
    }
    routes -= {("HEAD", path) for method, path in routes if method == "GET"}  # as wherever there is GET (RFC 9110, 9.3.2)
    api = {(method, path) for method, path in routes if path.startswith(BASE)} - NOT_OF_THE_API
    assert {(o.method, BASE + o.path) for o in OPERATIONS} == api


def test_a_path_of_its_own_is_none_of_those_with_names(settings: Settings) -> None:
    """Or a wrong method would be told as one that an id does not know."""
    resources = [found for found in application(settings).router.resources() if found.canonical.startswith(BASE)]
    for own in (found.canonical for found in resources if "{" not in found.canonical):
        others = [found for found in resources if "{" in found.canonical and found.get_info()["pattern"].fullmatch(own)]
        methods = {route.method for found in resources if found.canonical == own for route in found}
        assert all({route.method for route in found} <= methods for found in others), own


def test_examples_are_what_is_taken() -> None:
    for shape, example in EXAMPLES.items():
        assert validated(example, shape)


def test_refusals_tell_their_codes_and_when_to_come_back() -> None:
    comment = document(OPERATIONS)["paths"][f"{BASE}/videos/{{id}}/comments"]["post"]["responses"]
    for status, codes in (("401", ["invalid_token", "not_authenticated"]), ("409", ["in_progress", "not_playable"])):
        shape = comment[status]["content"]["application/problem+json"]["schema"]
        assert shape["allOf"][1]["properties"]["code"]["enum"] == codes
    assert {name for name, header in comment["429"]["headers"].items() if header.get("required")} == {"Retry-After"}
    assert {"RateLimit", "RateLimit-Policy"} <= set(comment["429"]["headers"]) & set(comment["201"]["headers"])


def test_a_refresh_needs_a_body_or_the_cookie() -> None:
    found = document(OPERATIONS)
    refresh = found["paths"][f"{BASE}/sessions/refresh"]["post"]
    assert refresh["requestBody"]["required"] is False
    assert {"cookie": []} in refresh["security"]
    scheme = found["components"]["securitySchemes"]["cookie"]
    assert (scheme["in"], scheme["name"]) == ("cookie", cookie.NAME)
    assert found["paths"][f"{BASE}/sessions"]["post"]["requestBody"]["required"] is True


def test_a_poster_is_json_or_a_picture() -> None:
    poster = document(OPERATIONS)["paths"][f"{BASE}/videos/{{id}}/poster"]["put"]
    assert list(poster["requestBody"]["content"]) == ["application/json", "image/jpeg", "image/png", "image/webp"]
    assert {"200", "202", "408", "413", "415", "422"} <= set(poster["responses"])


def test_an_avatar_is_a_picture_alone() -> None:
    avatar = document(OPERATIONS)["paths"][f"{BASE}/me/avatar"]["put"]
    assert list(avatar["requestBody"]["content"]) == ["image/jpeg", "image/png", "image/webp"]
    assert {"200", "401", "408", "413", "415", "422", "429", "503"} <= set(avatar["responses"])


def test_every_list_says_what_it_holds_and_takes_pages() -> None:
    found = document(OPERATIONS)
    listed = found["paths"][f"{BASE}/sessions"]["get"]
    assert [parameter["name"] for parameter in listed["parameters"]] == ["limit", "cursor"]
    shape = listed["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    item = found["components"]["schemas"][shape]["properties"]["items"]["items"]["$ref"].rpartition("/")[2]
    assert set(found["components"]["schemas"][item]["properties"]) == {
        "id", "created_at", "last_used_at", "user_agent", "current",
    }  # fmt: skip


async def test_uploads_answer_with_the_headers_that_are_told(ann: Person) -> None:
    paths, data = document(OPERATIONS)["paths"], os.urandom(1000)
    one, many = paths[f"{BASE}/uploads/{{id}}"], paths[f"{BASE}/uploads"]
    upload = Resumable(ann, data, title="t")
    answers = [(many["post"], await upload.create(data[:400], headers=checksum(data[:400]))), (one["head"], await upload.head())]
    answers += [(one["patch"], await upload.patch(400, data[400:])), (one["head"], await upload.head())]
    answers += [(one["delete"], await upload.delete())]
    seen = set()
    for operation, answer in answers:
        told = operation["responses"][str(answer.status)]["headers"]
        sent = {name for name in HEADERS if name in answer.headers and not name.startswith("RateLimit")}
        assert sent <= set(told)
        seen |= sent
    assert seen == {"Tus-Resumable", "Location", "Upload-Length", "Upload-Offset", "Upload-Expires", "Video-Id"}


def test_uploads_tell_the_headers_and_the_bytes_that_they_take() -> None:
    paths = document(OPERATIONS)["paths"]
    one, many = paths[f"{BASE}/uploads/{{id}}"], paths[f"{BASE}/uploads"]
    assert _headers(many["post"]) == ({"Tus-Resumable", "Upload-Length"}, {"Upload-Metadata"})
    assert _headers(one["patch"]) == ({"Tus-Resumable", "Upload-Offset"}, set())
    assert _headers(one["head"]) == _headers(one["delete"]) == ({"Tus-Resumable"}, set())
    for operation in (many["post"], one["patch"]):
        told = operation["requestBody"]["description"]
        assert all(word in told for word in ("`application/offset+octet-stream`", "`Upload-Checksum`", "`sha1`", "`sha256`"))


def test_whatever_is_created_can_be_asked_for_with_a_key() -> None:
    for operation in OPERATIONS:
        told = document([operation])["paths"][BASE + operation.path][operation.method.lower()]
        takes_key = operation.method == "POST" and operation.path not in WITHOUT_KEYS
        assert (f"`{HEADER}`" in told.get("description", "")) == takes_key, operation.path
        for status, code in (("409", "`in_progress`"), ("422", "`key_reused`")):
            assert (code in told["responses"].get(status, {}).get("description", "")) == takes_key, operation.path


def _headers(operation: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The headers that a call has to have, and those that it may have."""
    found = [parameter for parameter in operation["parameters"] if parameter["in"] == "header"]
    needed = {parameter["name"] for parameter in found if parameter["required"]}
    return needed, {parameter["name"] for parameter in found} - needed


async def test_it_is_served_and_can_be_browsed(nobody: Person) -> None:
    assert (await nobody.get("/api/v1/openapi.json")).body["info"]["title"] == "reelwire"
    page = await nobody.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"/api/v1/videos/{id}" in page.body
    assert b"<code>not_found</code>" in page.body
    assert b"`" not in page.body
    assert b"Takes image/png: bytes" in page.body
    assert b"-H &quot;Authorization: Bearer $TOKEN&quot;" in page.body
    assert b"--json &#x27;{&quot;text&quot;: &quot;Where is this?&quot;}&#x27;" in page.body
    assert b'<a href="#comments">' in page.body
    assert b"one of <code>followers</code>, <code>private</code>, <code>public</code>" in page.body
    assert b'<link rel="icon" href="/icon.svg">' in page.body
    assert b'<link rel="stylesheet" href="/look.css">' in page.body
    assert b"Hardly watched: one MP4 is there; the rest comes back." in page.body
