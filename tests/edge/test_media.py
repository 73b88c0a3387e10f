"""Objects of public videos: one fetch, ranges, revalidation, withdrawal; X-Cache on every answer."""

import asyncio
import json
import uuid

import pytest

from tests.edge.conftest import Edge
from tests.edge.origin import Thing

IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
VIDEO = "019a0000-0000-7000-8000-000000000000"
ABSENT = "019a0000-0000-7000-8000-000000000001"
BODY = bytes(range(256)) * 400


def hold(edge: Edge, *, fresh: int = 60, body: bytes = BODY, name: str = "720.mp4") -> str:
    """The path of a new object that the origin has."""
    path = f"/media/{uuid.uuid4()}/o/1/{name}"
    edge.origin.things[path] = Thing(body, headers={**IMMUTABLE, "X-Accel-Expires": str(fresh)})
    return path


async def test_the_second_request_is_answered_from_the_cache(edge: Edge) -> None:
    path = hold(edge)
    first, _ = await edge.get(path)
    second, body = await edge.get(path)
    assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")
    assert body == BODY
    assert second.headers["Cache-Control"] == IMMUTABLE["Cache-Control"]
    assert second.headers["ETag"] == '"1"'
    assert "X-Accel-Expires" not in second.headers
    assert len(edge.origin.asked) == 1


async def test_a_query_makes_no_other_object(edge: Edge) -> None:
    path = hold(edge)
    await edge.get(f"{path}?a=1")
    again, _ = await edge.get(f"{path}?b=2")
    assert again.headers["X-Cache"] == "HIT"
    assert edge.origin.asked[0].query_string == ""


@pytest.mark.parametrize("cached", [False, True])
async def test_ranges_are_cut_at_the_edge_and_the_origin_gives_the_whole(edge: Edge, cached: bool) -> None:
    path = hold(edge)
    if cached:
        await edge.get(path)
    part, body = await edge.get(path, Range="bytes=1000-1999")
    assert (part.status, body) == (206, BODY[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(BODY)}"
    tail, body = await edge.get(path, Range="bytes=-100")
    assert (tail.status, body) == (206, BODY[-100:])
    assert [request.headers.get("Range") for request in edge.origin.asked] == [None]


@pytest.mark.parametrize("cached", [False, True])
async def test_a_range_beyond_the_end_is_a_problem(edge: Edge, cached: bool) -> None:
    path = hold(edge)
    if cached:
        await edge.get(path)
    answer, body = await edge.get(path, Range=f"bytes={len(BODY) + 10}-")
    assert (answer.status, answer.content_type) == (416, "application/problem+json")
    assert json.loads(body)["code"] == "range_not_satisfiable"
    assert answer.headers.getall("X-Cache") == ["HIT" if cached else "MISS"]
    assert answer.headers.getall("Cache-Control")[-1] == "no-store"
    assert answer.headers["Content-Range"] == f"bytes */{len(BODY)}"


async def test_a_browser_that_has_it_is_told_so(edge: Edge) -> None:
    path = hold(edge)
    await edge.get(path)
    answer, body = await edge.get(path, If_None_Match='"1"')
    assert (answer.status, body) == (304, b"")
    assert answer.headers["X-Cache"] == "HIT"


async def test_what_is_not_fresh_any_more_is_asked_for_by_its_etag(edge: Edge) -> None:
    path = hold(edge, fresh=1)
    await edge.get(path)

    async def revalidated() -> bool:
        answer, body = await edge.get(path)
        assert body == BODY
        return answer.headers["X-Cache"] == "REVALIDATED"

    await _until(revalidated)
    assert edge.origin.asked[-1].headers["If-None-Match"] == '"1"'


async def test_what_the_origin_withdraws_is_refused_when_its_life_here_is_over(edge: Edge) -> None:
    path = hold(edge, fresh=3)
    await edge.get(path)
    del edge.origin.things[path]

    async def refused() -> bool:
        return (await edge.get(path))[0].status == 404

    await _until(refused)


async def test_pictures_of_accounts_are_kept_and_withdrawn_as_open_media_are(edge: Edge) -> None:
    path = f"/media/avatars/{uuid.uuid4()}/0123456789abcdef-1-320.jpg"
    edge.origin.things[path] = Thing(BODY, headers={**IMMUTABLE, "X-Accel-Expires": "3"}, kind="image/jpeg")
    answers = [(await edge.get(f"{path}?a={number}"))[0] for number in range(2)]
    assert [answer.headers["X-Cache"] for answer in answers] == ["MISS", "HIT"]
    assert {(answer.content_type, answer.headers["Access-Control-Allow-Origin"]) for answer in answers} == {("image/jpeg", "*")}
    edge.origin.things[path].gone = {"X-Accel-Expires": "1"}

    async def refused() -> bool:
        answer, _ = await edge.get(path)
        return answer.status == 404 and "X-Cache" in answer.headers

    await _until(refused)


async def test_while_the_origin_is_away_the_old_one_is_served(edge: Edge) -> None:
    path = hold(edge, fresh=1)
    await edge.get(path)
    edge.origin.ill = True

    async def stale() -> bool:
        answer, body = await edge.get(path)
        assert (answer.status, body) == (200, BODY)
        return answer.headers["X-Cache"] == "STALE"

    await _until(stale)


async def test_what_was_withdrawn_does_not_come_back_while_the_origin_is_away(edge: Edge) -> None:
    path = hold(edge, fresh=1)
    await edge.get(path)
    edge.origin.things[path].gone = {"X-Accel-Expires": "1"}

    async def refused() -> bool:
        return (await edge.get(path))[0].status == 404

    await _until(refused)
    edge.origin.ill = True

    async def stale() -> bool:
        answer, body = await edge.get(path)
        assert answer.status == 404
        assert json.loads(body)["code"] == "not_found"
        return answer.headers["X-Cache"] == "STALE"

    await _until(stale)


async def test_an_answer_without_a_life_is_not_kept(edge: Edge) -> None:
    path = hold(edge, fresh=0, name="master.m3u8")
    for _ in range(2):
        answer, _ = await edge.get(path)
        assert answer.headers["X-Cache"] == "MISS"
    assert len(edge.origin.asked) == 2


@pytest.mark.parametrize("lines", [1, 400])
async def test_playlists_are_compressed_however_short(edge: Edge, lines: int) -> None:
    path = hold(edge, body=b"#EXTM3U\n" * lines, name="master.m3u8")
    edge.origin.things[path].kind = "application/vnd.apple.mpegurl"
    answer, body = await edge.get(path, Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(body) < 400


@pytest.mark.parametrize("path", ["/media/x", "/media/", "/media", f"/media/{ABSENT}/nothing.mp4", f"/media/{ABSENT}/o/1/no.mp4"])
async def test_what_is_not_there_the_origin_refuses(edge: Edge, path: str) -> None:
    answer, body = await edge.get(path)
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert json.loads(body)["title"] == "of the origin"
    assert answer.headers["X-Cache"] in {"NONE", "MISS"}


async def test_media_are_for_reading(edge: Edge) -> None:
    async with edge.http.post(edge.url + hold(edge)) as answer:
        assert (answer.status, answer.headers["Allow"], answer.headers["X-Cache"]) == (405, "GET, HEAD", "NONE")
        assert (await answer.json(content_type="application/problem+json"))["code"] == "method_not_allowed"


async def test_pages_of_any_origin_may_play_them(edge: Edge) -> None:
    for path, status in ((hold(edge), 200), ("/media/x", 404)):
        answer, _ = await edge.get(path)
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")
        assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        async with edge.http.options(edge.url + path, headers={"Origin": "https://elsewhere.example"}) as before:
            assert (before.status, before.headers["Access-Control-Allow-Origin"]) == (204, "*")
            assert before.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
            assert "Range" in before.headers["Access-Control-Allow-Headers"]
    answer, _ = await edge.get("/")
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_head_fills_the_cache_too(edge: Edge) -> None:
    path = hold(edge)
    async with edge.http.head(edge.url + path) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(BODY)))
    assert (await edge.get(path))[0].headers["X-Cache"] == "HIT"


async def _until(reached: object, limit: float = 60) -> None:
    """Ask until the answer is as wanted; the cache counts in whole seconds, and nothing tells us when one has passed."""
    assert callable(reached)
    async with asyncio.timeout(limit):
        while not await reached():
            await asyncio.sleep(0.05)
