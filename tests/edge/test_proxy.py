"""What goes through to the application: bodies as they come, sockets, true addresses; and what is written down about it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from server.keys import derive
from server.kit.address import EDGE_HEADER
from server.kit.ids import new_id
from server.kit.tokens import Tokens
from tests.edge.conftest import SECRETS, Edge
from tests.edge.origin import listening
from tests.waiting import until


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/v1/uploads/1"),
        ("POST", "/api/v1/videos"),
        ("PUT", "/api/v1/videos/1/poster"),
        ("PUT", "/api/v1/me/avatar"),
    ],
)
async def test_an_upload_reaches_the_application_while_it_is_sent(edge: Edge, method: str, path: str) -> None:
    more = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        await more.wait()
        yield b"second"

    sending = asyncio.create_task(edge.http.request(method, edge.url + path, data=body()))
    await until(lambda: b"".join(edge.origin.arrived) == b"first", "the first piece")
    more.set()
    assert (await sending).status == 200
    assert b"".join(edge.origin.arrived) == b"firstsecond"


def _taken_by(edge: Edge) -> list[str]:
    """The sockets that requests came to, in order."""
    taken = [request.transport.get_extra_info("sockname") for request in edge.origin.asked if request.transport is not None]
    edge.origin.asked.clear()
    return taken


async def test_all_requests_of_an_account_go_to_one_process(edge: Edge) -> None:
    tokens = Tokens(tuple(map(derive, SECRETS)), 900, 900)
    accounts = [new_id() for _ in range(20)]
    homes = set()
    for account_id in accounts:
        for scheme in ("Bearer", "bearer"):
            await edge.get("/api/v1/me", Authorization=f"{scheme} {tokens.access(account_id, new_id())}")
        (home,) = set(_taken_by(edge))
        homes.add(home)
    assert len(homes) == 2


async def test_requests_of_nobody_go_to_all_processes(edge: Edge) -> None:
    for _ in range(40):
        await edge.get("/api/v1/feed/latest")
    assert len(set(_taken_by(edge))) == 2


async def test_another_process_stands_in_for_one_that_is_away(own_edge: Edge) -> None:
    tokens = Tokens(tuple(map(derive, SECRETS)), 900, 900)
    await own_edge.servers[0].cleanup()
    for _ in range(10):
        answer, _ = await own_edge.get("/api/v1/me", Authorization=f"Bearer {tokens.access(new_id(), new_id())}")
        assert answer.status == 200


async def test_the_application_itself_refuses_uploads_that_are_too_large(edge: Edge) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(b"POST /api/v1/videos HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000000\r\n\r\n")
    await until(lambda: edge.origin.asked, "the request")
    assert edge.origin.asked[0].content_length == 99_000_000_000
    writer.close()
    await until(lambda: not reader.at_eof(), "the end")


async def test_other_bodies_are_held_back_until_they_are_whole(edge: Edge) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n{}")
    answer, _ = await edge.get("/healthz")
    assert answer.status != 502
    assert edge.origin.asked_for("/api/v1/sessions") == []
    writer.write(b"  ")
    assert b" 200 " in await reader.readline()
    writer.close()


async def test_a_socket_passes_with_its_protocol(edge: Edge) -> None:
    async with edge.http.ws_connect(f"{edge.url}/api/v1/live?ticket=t", protocols=("reelwire.v1",)) as socket:
        assert socket.protocol == "reelwire.v1"
        await socket.send_str("hello")
        message = await socket.receive(timeout=60)
        assert (message.type, message.data) == (WSMsgType.TEXT, "hello")


async def test_whoever_comes_back_after_all_processes_had_died_gets_in_at_once(own_edge: Edge) -> None:
    """nginx leaves out what has failed, and tries it with one request at a time; a socket is one that does not end."""
    paths = [Path(str(address)) for server in own_edge.servers for address in server.addresses]
    for server in own_edge.servers:
        await server.cleanup()
    for _ in range(10):
        with pytest.raises(WSServerHandshakeError) as caught:
            await own_edge.http.ws_connect(f"{own_edge.url}/api/v1/live")
        assert caught.value.status == 503
    for path in paths:
        path.unlink(missing_ok=True)
    async with listening(own_edge.origin, *paths), contextlib.AsyncExitStack() as stack:
        for _ in range(20):
            socket = await stack.enter_async_context(own_edge.http.ws_connect(f"{own_edge.url}/api/v1/live"))
            await socket.send_str("hello")
            assert (await socket.receive(timeout=60)).data == "hello"


async def test_http_1_0_has_no_sockets(edge: Edge) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(b"GET /api/v1/live HTTP/1.0\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert b" 200 " in await reader.readline()  # as any other request
    writer.close()


async def test_a_socket_and_an_upload_outlive_the_limits_of_other_calls(impatient_edge: Edge) -> None:
    edge = impatient_edge
    async with edge.http.ws_connect(f"{edge.url}/api/v1/live/echo") as socket:
        edge.origin.open.clear()
        uploading = asyncio.create_task(edge.get("/api/v1/uploads/slow"))
        await until(lambda: edge.origin.asked_for("/api/v1/uploads/slow"), "the upload")
        assert (await edge.get("/api/v1/me"))[0].status == 503, "its limit is over"
        edge.origin.open.set()
        assert (await uploading)[0].status == 200
        await socket.send_str("still here")
        assert (await socket.receive(timeout=60)).data == "still here"


async def test_addresses_are_the_edges_word(edge: Edge) -> None:
    said = {
        "X_Forwarded_For": "192.0.2.1",
        "X_Real_IP": "192.0.2.1",
        "Forwarded": "for=192.0.2.1",
        "X_Forwarded_Host": "evil.example",
    }
    _, body = await edge.get("/api/v1/me", **said)
    headers = {name.lower(): value for name, value in json.loads(body)["headers"].items()}
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["host"] == f"127.0.0.1:{edge.port}"
    assert len(headers["x-request-id"]) == 32
    assert not {"x-real-ip", "forwarded", "x-forwarded-host"} & headers.keys()


async def test_only_the_edge_has_the_key_that_says_so(edge: Edge) -> None:
    _, body = await edge.get("/api/v1/me", X_Reelwire_Edge="a guess")
    told = [value for name, value in json.loads(body)["headers"].items() if name.lower() == EDGE_HEADER.lower()]
    assert told == [derive(SECRETS[0]).edge]


async def test_an_address_that_asks_too_often_is_told_when_to_come_again(limited_edge: Edge) -> None:
    answers = [await limited_edge.get("/api/v1/me", X_Forwarded_For="192.0.2.1") for _ in range(30)]
    assert [answer.status for answer, _ in answers[:3]] == [200] * 3  # one a second, and two more at once
    answer, body = next(told for told in answers if told[0].status != 200)
    assert (answer.status, json.loads(body)["code"]) == (429, "rate_limited")
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = {name: answer.headers[name] for name in ("Retry-After", "RateLimit-Policy", "RateLimit")}
    assert told == {"Retry-After": "1", "RateLimit-Policy": '"requests";q=1;w=1', "RateLimit": '"requests";r=0;t=1'}
    for address, path in (("192.0.2.1", "/healthz"), ("192.0.2.2", "/api/v1/me")):
        assert (await limited_edge.get(path, X_Forwarded_For=address))[0].status != 429


@pytest.mark.parametrize("network", ["2001:db8:1:2:{}:4:5:6", "2001:db8::{}", "2001:db8:1::{}", "2001:db8:1:2::{}"])
async def test_of_ipv6_the_network_is_counted(limited_edge: Edge, network: str) -> None:
    answers = [await limited_edge.get("/api/v1/me", X_Forwarded_For=network.format(n)) for n in range(1, 31)]
    assert {answer.status for answer, _ in answers} == {200, 429}


async def test_json_is_compressed_and_never_guessed_at(edge: Edge) -> None:
    answer, _ = await edge.get("/api/v1/" + "x" * 2000, Accept_Encoding="gzip")
    assert (answer.headers["Content-Encoding"], answer.headers["X-Content-Type-Options"]) == ("gzip", "nosniff")


async def test_paths_reach_the_application_as_they_were_written(edge: Edge) -> None:
    _, body = await edge.get("/api/v1/users/a%2Fb%20c?cursor=1%2B2")
    assert json.loads(body)["path"] == "/api/v1/users/a/b c"
    assert edge.origin.asked[0].raw_path == "/api/v1/users/a%2Fb%20c?cursor=1%2B2"


async def test_no_log_holds_a_query(own_edge: Edge) -> None:
    marker = "s3cr3tt1ck3t"
    await own_edge.get(f"/api/v1/live?ticket={marker}")
    for server in own_edge.servers:
        await server.cleanup()
    await own_edge.get(f"/media/x?signature={marker}")
    await own_edge.get(f"/nowhere?{marker}")
    await until(lambda: own_edge.access_log.read_text().count("\n") == 3, "three lines")
    assert marker not in own_edge.access_log.read_text() + own_edge.error_log.read_text()
    assert "GET /api/v1/live 200" in own_edge.access_log.read_text()
