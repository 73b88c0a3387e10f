"""What the edge itself refuses is a problem document with a code of the contract, and never HTML."""

import asyncio
import json

import pytest

from tests.edge.conftest import Edge
from tests.edge.origin import Thing


async def say(edge: Edge, request: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
    """Send bytes that no client library would; status, headers, problem."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(request)
    async with asyncio.timeout(60):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
    writer.close()
    return int(head.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"what is this\r\n\r\n", 400, "malformed"),
        (b"GET /api/v1/me HTTP/1.1\r\n\r\n", 400, "malformed"),  # no Host (RFC 9112, 3.2)
        (b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + b"x" * 17_000 + b"\r\n\r\n", 400, "malformed"),
        (
            b"POST /api/v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "malformed",
        ),
        (b"POST /api/v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400, "malformed"),
        (b"GET /" + b"x" * 17_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
        (b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n", 413, "body_too_large"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405, "method_not_allowed"),
        (b"GET /assets/nothing.js HTTP/1.1\r\nHost: x\r\n\r\n", 404, "not_found"),
        (b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n", 403, "forbidden"),
    ],
)
async def test_refusals_of_the_edge(edge: Edge, request_bytes: bytes, status: int, code: str) -> None:
    found, headers, problem = await say(edge, request_bytes)
    assert (found, headers["content-type"], problem["code"], problem["status"]) == (
        status,
        "application/problem+json",
        code,
        status,
    )
    assert {"type", "title", "detail"} <= problem.keys()
    assert headers["x-content-type-options"] == "nosniff"
    assert "x-cache" not in headers
    assert edge.origin.asked == []


async def test_a_malformed_request_below_media_has_its_x_cache(edge: Edge) -> None:
    status, headers, _ = await say(edge, b"GET /media/x HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")
    assert (status, headers["x-cache"]) == (400, "NONE")


async def test_a_problem_of_the_origin_passes_unchanged(edge: Edge) -> None:
    edge.origin.ill = True
    answer, body = await edge.get("/api/v1/me")
    assert (answer.status, answer.headers["Retry-After"], json.loads(body)["title"]) == (503, "7", "of the origin")


async def test_without_any_origin_it_is_503_with_retry_after(own_edge: Edge) -> None:
    for server in own_edge.servers:
        await server.cleanup()
    for path in ("/api/v1/me", "/healthz", "/media/x", "/docs", "/api/v1/live"):
        answer, body = await own_edge.get(path)
        assert (answer.status, answer.content_type) == (503, "application/problem+json")
        assert json.loads(body)["code"] == "unavailable"
        assert answer.headers["Retry-After"].isdigit()
        assert answer.headers.get("X-Cache") == ("NONE" if path.startswith("/media") else None)
    assert (await own_edge.get("/"))[0].status == 200, "the web client needs no origin"


async def test_without_any_origin_a_large_upload_is_503_too(own_edge: Edge) -> None:
    for server in own_edge.servers:
        await server.cleanup()
    for call in (b"PATCH /api/v1/uploads/1", b"POST /api/v1/videos"):
        head = call + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"
        status, headers, problem = await say(own_edge, head + b"x" * 100_000)
        assert (status, headers["content-type"], problem["code"]) == (503, "application/problem+json", "unavailable")


@pytest.mark.parametrize("condition", [{"If_Match": '"another"'}, {"If_Unmodified_Since": "Mon, 01 Jan 1990 00:00:00 GMT"}])
async def test_a_condition_on_an_object_is_refused_in_words(edge: Edge, condition: dict[str, str]) -> None:
    path = "/media/019a0000-0000-7000-8000-000000000000/o/1/720.mp4"
    edge.origin.things[path] = Thing(b"pictures", headers={"X-Accel-Expires": "60"})
    await edge.get(path)
    answer, body = await edge.get(path, **condition)
    assert answer.status == 412
    assert json.loads(body)["code"] == "precondition_failed"


async def test_one_of_two_origins_may_die(own_edge: Edge) -> None:
    await own_edge.servers[0].cleanup()
    answers = await asyncio.gather(*(own_edge.get("/api/v1/me") for _ in range(50)))
    assert {answer.status for answer, _ in answers} == {200}


async def test_an_origin_that_says_nothing_is_503_in_time(impatient_edge: Edge) -> None:
    impatient_edge.origin.open.clear()
    answer, body = await impatient_edge.get("/api/v1/me")
    assert (answer.status, json.loads(body)["code"]) == (503, "unavailable")
    assert len(impatient_edge.origin.asked) == 2, "a GET is tried with both"
    async with impatient_edge.http.post(f"{impatient_edge.url}/api/v1/sessions", data=b"{}") as posted:
        assert posted.status == 503
    assert len(impatient_edge.origin.asked) == 3, "a POST is tried once"
    impatient_edge.origin.open.set()
