"""A lean session leaves nothing with aiohttp, answers in order, and holds nothing while it is silent."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.web_protocol import RequestHandler

from server.sockets import lean
from server.sockets.codes import Close
from server.sockets.lean import LeanLine
from server.sockets.limits import PARSED_BYTES, WAITING_MESSAGES
from server.sockets.lines import Lines
from server.sockets.wires import Transport
from tests.server.live.stage import Node, Stage, both_ways, position_now
from tests.server.sockets.test_codes import upgrade_request
from tests.server.sockets.test_echo import BINARY, CLOSE, CONT, PING, TEXT, bye, frame, part
from tests.waiting import LIMIT_SECONDS, until

# With aiohttp


def test_what_we_rely_on_is_in_this_version_of_aiohttp() -> None:
    names = {name for kind in RequestHandler.__mro__ for name in getattr(kind, "__slots__", ())}
    assert names >= {"_message_tail", "_upgraded"}, (
        f"aiohttp {aiohttp.__version__} keeps what a client sends behind its upgrade elsewhere than 3.14 did: every session is a "
        "stock one. Read web_protocol.py (data_received, set_parser, finish_response), then mend server/sockets/lean.py."
    )


async def test_a_session_is_unknown_to_aiohttp_and_has_no_task(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    async with node.listen(ann) as ear:
        await ear.answered()
        (session,) = node.gateway.hub.presence
        line = session._transport
        assert isinstance(line, LeanLine)
        assert node.server.runner is not None
        theirs = node.server.runner.server
        assert theirs is not None
        await until(lambda: not theirs.connections, "the end of aiohttp's part")
        await until(lambda: line._reading is None, "nothing to hold")
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "answers"]
        await ear.answered()  # and it goes on


@both_ways
async def test_a_resume_that_comes_in_one_piece_with_the_upgrade_is_heard(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    video_id = await stage.publish(ben)
    await node.applied(video_id)
    for cut in (0, 1, 7):
        reader, writer = await asyncio.open_connection(node.server.host, node.server.port)
        said = frame(TEXT, json.dumps({"type": "resume", "position": position}).encode())
        writer.write(upgrade_request(ann.token) + said[: len(said) - cut])
        if cut:
            await reader.readuntil(b"max_message_bytes")
            writer.write(said[len(said) - cut :])
        answer = await asyncio.wait_for(reader.readuntil(b'"caught_up"'), LIMIT_SECONDS)
        assert str(video_id).encode() in answer
        writer.close()


@both_ways
async def test_everything_may_come_with_the_upgrade_also_the_end(stage: Stage, node: Node) -> None:
    reader, writer = await asyncio.open_connection(node.server.host, node.server.port)
    pings = b"".join(frame(TEXT, b'{"type":"ping","id":%d}' % nth) for nth in range(100))
    writer.write(upgrade_request((await stage.somebody()).token) + pings + bye(4321))
    answer = await asyncio.wait_for(reader.read(-1), LIMIT_SECONDS)
    numbers = [int(part.split(b"}")[0]) for part in answer.split(b'"pong","id":')[1:]]
    assert numbers == list(range(100))
    assert answer.endswith(b"\x88\x02\x10\xe1")
    writer.close()
    await until(lambda: not len(node.gateway.hub.presence), "the end of the session")


async def test_what_cannot_be_taken_from_aiohttp_is_carried_by_it(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.sockets.upgrade._told", set())
    monkeypatch.setattr("server.sockets.door.Doors.knock", lambda *_: None)
    monkeypatch.setattr(lean, "obstacle", lambda _: "it is a test")
    for _ in range(2):
        async with node.listen(await stage.somebody()) as ear:
            await ear.answered()
            (session,) = [session for session in node.gateway.hub.presence if session.open]
            assert not isinstance(session._transport, LeanLine)
    assert caplog.text.count("a live session is a stock one: it is a test") == 1


# One line


class Slow:
    """A `Talk` that answers when a test lets it."""

    most_bytes = 100_000

    def __init__(self) -> None:
        self.open = True
        self.go_on = asyncio.Event()
        self.said: list[str | bytes | Close] = []
        self.pings: list[bytes] = []
        self.failures: list[BaseException] = []
        self.over = False

    def begin(self, transport: Transport) -> None:
        pass

    def heard(self, now: float) -> None:
        assert now
        assert not self.over

    async def text(self, text: str) -> None:
        if text == "fail":
            raise RuntimeError("a fault")
        self.said.append(text)
        await self.go_on.wait()

    async def binary(self, data: bytes) -> None:
        self.said.append(data)

    def pinged(self, payload: bytes) -> None:
        self.pings.append(payload)

    def close(self, why: Close) -> None:
        self.open = False
        self.said.append(why)

    def failed(self, error: BaseException) -> None:
        self.failures.append(error)
        self.close(Close(1011))

    def ended(self) -> None:
        assert not self.over
        self.over = True


class Scene:
    def __init__(self, lines: Lines) -> None:
        ours, self.peer = socket.socketpair()
        ours.setblocking(False)
        self.peer.setblocking(False)
        self.talk = Slow()
        self.line = LeanLine(lines, ours.detach(), self.talk, b"")

    async def say(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.peer, data)

    async def said(self, count: int) -> None:
        await until(lambda: len(self.talk.said) >= count, "what was said")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    lines = Lines()
    found = Scene(lines)
    yield found
    found.peer.close()
    lines.close()
    found.talk.go_on.set()
    await until(lambda: found.talk.over, "the end")


async def test_messages_wait_for_the_answer_to_the_one_before_and_pings_do_not(scene: Scene) -> None:
    await scene.say(frame(TEXT, b"one") + frame(BINARY, b"two") + part(TEXT, b"th") + frame(PING, b"!") + frame(CONT, b"ree"))
    await until(lambda: scene.talk.pings == [b"!"], "the ping")
    assert scene.talk.said == ["one"]
    scene.talk.go_on.set()
    await scene.said(3)
    assert scene.talk.said == ["one", b"two", "three"]
    await until(lambda: scene.line._reading is None, "nothing to hold")


async def test_a_close_comes_after_what_was_said_before_and_nothing_after_it(scene: Scene) -> None:
    await scene.say(frame(TEXT, b"one") + frame(TEXT, b"two") + bye(4000) + frame(TEXT, b"three") + frame(PING))
    await scene.said(1)
    scene.talk.go_on.set()
    await scene.said(3)
    assert scene.talk.said == ["one", "two", Close(4000)]
    assert await asyncio.get_running_loop().sock_recv(scene.peer, 1) == b""  # our direction has ended, theirs not yet
    await scene.say(frame(TEXT, b"four"))
    await until(lambda: scene.line._reading is None, "nothing to hold")
    assert len(scene.talk.said) == 3
    assert scene.talk.pings == []


async def test_a_close_that_comes_just_when_the_last_answer_ends_is_not_forgotten(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the task's last look at what waits, and before the loop tells that it has ended."""
    loop = asyncio.get_running_loop()

    async def text(text: str) -> None:
        scene.talk.said.append(text)
        loop.call_soon(scene.line.received, bye(4000), loop.time())

    monkeypatch.setattr(scene.talk, "text", text)
    await scene.say(frame(TEXT, b"one"))
    await scene.said(2)
    assert scene.talk.said == ["one", Close(4000)]


async def test_who_says_more_than_is_answered_is_not_read(scene: Scene) -> None:
    total = WAITING_MESSAGES * 1000
    said = b"".join(frame(TEXT, b"%d" % nth) for nth in range(total))
    scene.peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    sending = asyncio.create_task(scene.say(said), name="saying")
    await until(lambda: scene.line._paused, "the pause")
    reading = scene.line._reading
    assert reading is not None
    assert WAITING_MESSAGES <= len(reading.waiting) <= WAITING_MESSAGES + PARSED_BYTES // 7
    assert not sending.done()
    scene.talk.go_on.set()
    await sending
    await scene.said(total)
    assert scene.talk.said == [str(nth) for nth in range(total)]
    assert not scene.line._paused


async def test_a_fault_of_ours_ends_it(scene: Scene) -> None:
    scene.talk.go_on.set()
    await scene.say(frame(TEXT, b"one") + frame(TEXT, b"fail") + frame(TEXT, b"three"))
    await scene.said(2)
    assert scene.talk.said == ["one", Close(1011)]
    assert [str(error) for error in scene.talk.failures] == ["a fault"]
    await scene.say(frame(CLOSE))
    assert scene.talk.said == ["one", Close(1011)]


async def test_the_end_is_told_when_the_last_message_is_answered(scene: Scene) -> None:
    await scene.say(frame(TEXT, b"one") + frame(TEXT, b"two"))
    await scene.said(1)
    scene.talk.open = False  # as a session is not once its transport closes
    scene.peer.close()
    await until(lambda: not len(scene.line._lines), "the end of the connection")
    assert not scene.talk.over
    scene.talk.go_on.set()
    await until(lambda: scene.talk.over, "the end")
    assert scene.talk.said == ["one"]
