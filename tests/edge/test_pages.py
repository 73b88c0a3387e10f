"""What the server says of a page stands in it, whoever asks; when it says nothing the page is there all the same."""

import asyncio

import pytest

from tests.edge.conftest import Edge
from tests.edge.origin import Thing

VIDEO = "/videos/019a0000-0000-7000-8000-000000000000"
TYPED = "/videos/019A0000-0000-7000-8000-00000000000A/"
HEAD, NOSCRIPT = b"<title>told of it</title>", b"<main>told without scripts</main>"
PLAIN_HEAD, PLAIN_NOSCRIPT = b"<title>reelwire</title>", b"reelwire plays videos with JavaScript."


def told(edge: Edge, head: bytes = HEAD) -> None:
    """The server says that of every page."""
    headers = {"X-Accel-Expires": "10"}
    edge.origin.things["/pages/head"] = Thing(head, kind="text/html", headers=headers)
    edge.origin.things["/pages/noscript"] = Thing(NOSCRIPT, kind="text/html", headers=headers)


async def page(edge: Edge, path: str, **headers: str) -> bytes:
    answer, body = await edge.get(path, Accept="text/html", Accept_Encoding="identity", **headers)
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (200, "text/html", "no-cache")
    assert "ETag" not in answer.headers
    assert "Last-Modified" not in answer.headers
    return body


@pytest.mark.parametrize(
    "path",
    [
        "/",
        VIDEO,
        TYPED,
        "/@ann_1",
        "/%40ann_1/",
        "/hashtags/caf%C3%A9_1",
        "/hashtags/a/",
    ],
)
async def test_a_page_says_what_the_server_tells_of_it(own_edge: Edge, path: str) -> None:
    told(own_edge)
    body = await page(own_edge, f"{path}?from=elsewhere", Authorization="Bearer mine", Cookie="mine=1", Range="bytes=0-1")
    assert body.index(b"<head>") < body.index(HEAD) < body.index(b"</head>") < body.index(NOSCRIPT)
    assert PLAIN_HEAD not in body
    assert PLAIN_NOSCRIPT not in body
    assert b"<!--#" not in body
    for asked in own_edge.origin.asked:
        assert asked.rel_url.raw_query_string == f"of={path}".replace("%40", "@")  # which yarl decodes
        assert not {"Authorization", "Cookie", "Range", "Accept"} & asked.headers.keys()
    assert {asked.path for asked in own_edge.origin.asked} == {"/pages/head", "/pages/noscript"}
    await page(own_edge, path)
    assert len(own_edge.origin.asked) == 2, "what was told is not asked for again at once"


@pytest.mark.parametrize("accept", ["*/*", "image/avif,image/webp,*/*;q=0.8", ""])
async def test_whoever_makes_a_preview_gets_the_page(edge: Edge, accept: str) -> None:
    assert (await edge.get(VIDEO, Accept=accept))[0].content_type == "text/html"


@pytest.mark.parametrize(
    "path", ["/settings", "/@ann/followers", "/videos/1", "/@", "/hashtags/a/b", "/hashtags/" + "x" * 601, "/told/x"]
)
async def test_of_other_pages_the_server_is_not_asked(edge: Edge, path: str) -> None:
    told(edge)
    body = await page(edge, path)
    assert PLAIN_HEAD in body
    assert PLAIN_NOSCRIPT in body
    assert not edge.origin.asked


async def test_of_what_is_not_public_the_page_says_what_it_says_of_what_is_absent(edge: Edge) -> None:
    absent = await page(edge, VIDEO.replace("9", "8"))
    assert len(edge.origin.asked) == 2
    assert absent == await page(edge, "/nowhere")
    edge.origin.things["/pages/head"] = Thing(b"", gone={})
    assert absent == await page(edge, VIDEO.replace("9", "7"))
    assert len(edge.origin.asked) == 4
    await page(edge, VIDEO.replace("9", "7"))
    assert len(edge.origin.asked) == 4, "it stands in the cache where something withdrawn stood"


async def test_the_page_is_there_when_the_server_is_not(own_edge: Edge) -> None:
    plain = await page(own_edge, "/nowhere")
    own_edge.origin.ill = True
    assert await page(own_edge, VIDEO) == plain
    own_edge.origin.ill = False
    own_edge.origin.open.clear()  # it says nothing at all
    assert await page(own_edge, VIDEO) == plain
    own_edge.origin.open.set()
    await asyncio.gather(*(server.cleanup() for server in own_edge.servers))
    assert await page(own_edge, VIDEO) == plain


async def test_nobody_asks_for_the_pieces_themselves(edge: Edge) -> None:
    told(edge)
    for path in ("/told/head", "/told/noscript", "/pages/head?of=/"):
        answer, _ = await edge.get(path, Accept="*/*")
        assert answer.status == 404
