"""Every code with which a session can end."""

import asyncio
import re
import socket
import struct
import time

import pytest

from server.live import clocks
from server.live.limits import REAUTHENTICATE_SECONDS
from server.sockets import codes
from tests.server.live.stage import Node, Stage, both_ways
from tests.sockets import listening
from tests.waiting import LIMIT_SECONDS, until

pytestmark = both_ways

HEARTBEAT_SECONDS = 1.2
"""Two of them are longer than a stall that counts as the client's: a longer one the server takes as its own."""


async def test_a_stopping_process_asks_its_clients_back_spread_over_five_seconds(stage: Stage, node: Node) -> None:
    ears = [listening(node.url, (await stage.somebody()).token) for _ in range(20)]
    opened = [await ear.__aenter__() for ear in ears]
    for ear in opened:
        await ear.of_type("welcome")
    await node.stop()
    closed = [await ear.closed() for ear in opened]
    assert {code for code, _ in closed} == {1012}
    waits = sorted(int(re.fullmatch(r"retry_after_ms=(\d+)", reason)[1]) for _, reason in closed)  # type: ignore[index]
    assert 0 <= waits[0] < 250
    assert 4750 <= waits[-1] < 5000
    assert all(250 * nth <= wait < 250 * (nth + 1) for nth, wait in enumerate(waits))
    for context in ears:
        await context.__aexit__(None, None, None)


async def test_a_logged_out_session_ends_on_every_node(stage: Stage, node: Node) -> None:
    other, ann = await stage.node(), await stage.somebody()
    async with node.listen(ann) as one, other.listen(ann) as two:
        await one.of_type("welcome")
        await two.of_type("welcome")
        await stage.log_out(ann)
        assert await one.closed() == (4003, "session ended")
        assert await two.closed() == (4003, "session ended")


async def test_the_twenty_first_session_ends_the_oldest(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    contexts = [node.listen(ann) for _ in range(21)]
    ears = []
    for context in contexts:
        ears.append(await context.__aenter__())
        await ears[-1].of_type("welcome")
    assert (await ears[0].closed())[0] == 4008
    for ear in ears[1:]:
        await ear.answered()
    for context in contexts:
        await context.__aexit__(None, None, None)


@pytest.fixture
def sweeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are looked at with every tick."""
    monkeypatch.setattr(clocks, "SWEEP_SECONDS", clocks.TICK_SECONDS)


@pytest.mark.usefixtures("sweeping")
async def test_a_session_ends_with_its_token_after_it_was_asked_for_a_new_one(stage: Stage, node: Node) -> None:
    ann = await stage.somebody(seconds=REAUTHENTICATE_SECONDS // 2)
    async with node.listen(ann) as ear:
        await ear.of_type("reauthenticate")
        (session,) = node.gateway.hub.presence
        session.expires_at = int(time.time()) - 1
        assert await ear.closed() == (4002, "token expired")


@pytest.mark.usefixtures("sweeping")
async def test_a_new_token_lets_the_session_go_on(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(seconds=REAUTHENTICATE_SECONDS // 2), await stage.somebody()
    async with node.listen(ann) as ear:
        await ear.of_type("reauthenticate")
        (session,) = node.gateway.hub.presence
        first_end = session.expires_at
        await ear.say(type="auth", token=ben.token, id=1)
        assert (await ear.of_type("error"))["code"] == "invalid_token"
        await ear.say(type="auth", token=stage.token(ann.id, ann.login_id, REAUTHENTICATE_SECONDS + 1), id=2)
        assert await ear.of_type("ack") == {"type": "ack", "id": 2, "data": {}}
        assert session.expires_at > first_end
        await until(lambda: [f["type"] for f in ear.frames].count("reauthenticate") == 2, "being asked before the new one's end")
        await ear.answered()


async def test_a_silent_peer_is_closed(stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("clocks", "session"):
        monkeypatch.setattr(f"server.live.{module}.HEARTBEAT_SECONDS", HEARTBEAT_SECONDS)
    ann = await stage.somebody()
    async with node.listen(ann) as ear:  # this library answers pings
        reader, writer = await raw_session(node, ann.token)
        closed = asyncio.create_task(reader.readuntil(struct.pack("!H", codes.SILENT.code)), name="the end of the silent one")
        for _ in range(20):
            await asyncio.sleep(HEARTBEAT_SECONDS / 8)
            await ear.answered()
        assert b"\x89\x00" in await asyncio.wait_for(closed, LIMIT_SECONDS)  # pings, which nobody answered
        writer.close()


async def test_a_close_without_a_code_is_answered(stage: Stage, node: Node) -> None:
    reader, writer = await raw_session(node, (await stage.somebody()).token)
    writer.write(b"\x88\x80\x00\x00\x00\x00")
    assert (await asyncio.wait_for(reader.read(-1), LIMIT_SECONDS)).endswith(b"\x88\x00")
    writer.close()


async def test_a_close_is_echoed(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody(), close_timeout=60) as ear:
        await ear.wire.close(4321, "enough")
        assert ear.wire.protocol.close_rcvd is not None
        assert ear.wire.protocol.close_rcvd.code == 4321


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x81\x00\x00\x00\x00\xff", 1007),  # a text that is not UTF-8
        (b"\xc1\x81\x00\x00\x00\x00x", 1002),  # a reserved bit
        (b"\x83\x81\x00\x00\x00\x00x", 1002),  # a reserved opcode
    ],
)
async def test_a_broken_frame_ends_the_session(stage: Stage, node: Node, frame: bytes, code: int) -> None:
    reader, writer = await raw_session(node, (await stage.somebody()).token)
    writer.write(frame)
    head = await asyncio.wait_for(reader.readuntil(struct.pack("!H", code)), LIMIT_SECONDS)
    assert head[-4] == 0x88
    writer.close()


async def raw_session(node: Node, token: str, receive_buffer: int = 65_536) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has upgraded and read its welcome, and does nothing by itself."""
    plain = socket.socket()
    plain.setblocking(False)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)  # counts only before the connection is made
    await asyncio.get_running_loop().sock_connect(plain, (node.server.host, node.server.port))
    # The stream reads on by itself until this is full.
    reader, writer = await asyncio.open_connection(sock=plain, limit=receive_buffer)
    writer.write(upgrade_request(token))
    await reader.readuntil(b"max_message_bytes")
    return reader, writer


def upgrade_request(token: str) -> bytes:
    return (
        "GET /api/v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()
