"""Who may upgrade, and what the kernel is told of the connection."""

import asyncio
import os
import socket

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from server.kit.problems import problems
from server.settings import SOCKET_SESSIONS
from server.sockets import upgrade
from server.sockets.echo import Echo
from server.sockets.limits import SEND_BUFFER_BYTES
from tests.server.live.stage import Node, Stage
from tests.server.sockets.test_echo import KEY
from tests.waiting import LIMIT_SECONDS

ASKED = {"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY}


@pytest.mark.parametrize(
    "wrong",
    [
        {"Upgrade": "h2c"},
        {"Connection": "keep-alive"},
        {"Sec-WebSocket-Version": "12"},
        {"Sec-WebSocket-Key": ""},
        {"Sec-WebSocket-Key": "c2hvcnQ="},
        {"Sec-WebSocket-Key": "not base64 at all, but l"},
    ],
)
async def test_what_is_no_upgrade_is_told_so(stage: Stage, node: Node, wrong: dict[str, str]) -> None:
    headers = ASKED | wrong | {"Authorization": f"Bearer {(await stage.somebody()).token}"}
    async with ClientSession() as http, http.get(f"{node.url}/api/v1/live", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "malformed")
        assert answer.headers["Sec-WebSocket-Version"] == "13"


class Told(Echo):
    """Remembers that it was told of the end."""

    over = False

    def ended(self) -> None:
        self.over = True
        super().ended()


@pytest.mark.parametrize("sessions", SOCKET_SESSIONS)
async def test_a_client_that_left_before_the_answer_is_no_failure(sessions: str, caplog: pytest.LogCaptureFixture) -> None:
    talk = Told()

    async def late(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return await upgrade.carry(request, talk)

    app = web.Application(middlewares=[problems])
    app.router.add_get("/", late)
    with upgrade.lines(sessions) as app[upgrade.LINES]:
        async with TestServer(app) as server:
            reader, writer = await asyncio.open_connection(server.host, server.port)
            headers = "".join(f"{name}: {value}\r\n" for name, value in ASKED.items())
            writer.write(f"GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
            assert await asyncio.wait_for(reader.read(), LIMIT_SECONDS) == b""
            writer.close()
    assert talk.over
    assert not caplog.records


async def test_the_kernel_keeps_little_and_gives_up_in_time(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.of_type("welcome")
        (session,) = node.gateway.hub.presence
        with socket.socket(fileno=os.dup(session._transport._descriptor)) as connection:  # type: ignore[union-attr]
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 50_000
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * SEND_BUFFER_BYTES  # Linux doubles it


def test_without_epoll_sessions_are_stock_ones(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(upgrade, "AVAILABLE", False)
    with upgrade.lines("lean") as found:
        assert found is None
    assert "no epoll" in caplog.text
    with upgrade.lines("stock") as found:
        assert found is None
    assert caplog.text.count("no epoll") == 1
