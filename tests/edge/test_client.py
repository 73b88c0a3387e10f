"""The web client as the edge serves it: pages for whoever asks for a page, names that never change, a strict policy."""

import json

import pytest

from tests.edge.conftest import PAGE, SCRIPT, Edge

SHELL = b'<div id="app"></div>'
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; "
    "img-src 'self' blob: data:; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types reelwire-scripts"
)


@pytest.mark.parametrize("path", ["/", "/index.html", "/@ann", "/videos/019a0000-0000-7000-8000-000000000000", "/settings?tab=1"])
async def test_every_page_is_the_client(edge: Edge, path: str) -> None:
    answer, body = await edge.get(path, Accept="text/html,*/*;q=0.8", Accept_Encoding="identity")
    assert (answer.status, answer.content_type, answer.charset) == (200, "text/html", "utf-8")
    assert SHELL in body
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert "microphone=(self)" in answer.headers["Permissions-Policy"]
    assert "geolocation=()" in answer.headers["Permissions-Policy"]


async def test_the_front_page_is_for_programs_too(edge: Edge) -> None:
    assert SHELL in (await edge.get("/", Accept="*/*", Accept_Encoding="identity"))[1]


@pytest.mark.parametrize("path", ["/logo.png", "/@ann", "/.env", "/assets/", "/assets/main-ffffffff.js"])
async def test_what_is_no_page_and_not_there_is_a_problem(edge: Edge, path: str) -> None:
    answer, body = await edge.get(path, Accept="image/*")
    assert (answer.status, answer.content_type, json.loads(body)["code"]) == (404, "application/problem+json", "not_found")


async def test_names_with_a_hash_never_change(edge: Edge) -> None:
    answer, body = await edge.get("/assets/main-0a1b2c3d.js")
    assert (answer.status, answer.content_type, body) == (200, "application/javascript", SCRIPT)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again, _ = await edge.get("/assets/main-0a1b2c3d.js", If_None_Match=answer.headers["ETag"])
    assert again.status == 304


@pytest.mark.parametrize("path", ["/apiary", "/medialib", "/docsearch"])
async def test_names_that_only_begin_like_ours_are_pages(edge: Edge, path: str) -> None:
    answer, _ = await edge.get(path, Accept="text/html")
    assert answer.content_type == "text/html"
    assert "X-Cache" not in answer.headers


async def test_pages_of_the_application_get_the_policy_unless_they_bring_one(edge: Edge) -> None:
    from tests.edge.origin import Thing

    edge.origin.things["/docs"] = Thing(PAGE, kind="text/html")
    assert (await edge.get("/docs"))[0].headers.getall("Content-Security-Policy") == [POLICY]
    edge.origin.things["/docs"].headers["Content-Security-Policy"] = "default-src 'none'"
    assert (await edge.get("/docs"))[0].headers.getall("Content-Security-Policy") == ["default-src 'none'"]
