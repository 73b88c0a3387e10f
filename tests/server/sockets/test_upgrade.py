"""Who may upgrade, and what the kernel is told of the connection."""

import os
import socket

import pytest
from aiohttp import ClientSession

from server.sockets import upgrade
from server.sockets.limits import SEND_BUFFER_BYTES
from tests.server.live.stage import Node, Stage
from tests.server.sockets.test_echo import KEY

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
