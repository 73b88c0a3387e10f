"""Slow consumers are cut, never waited for, and nobody else notices; who takes a replay slowly is heard and lives."""

import asyncio
import json
import struct
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from server.live.limits import REPLAY_WINDOW_BYTES
from server.live.session import Session
from server.sockets.codes import TOO_SLOW
from tests.server.live.stage import Node, Somebody, Stage, both_ways, position_now
from tests.server.sockets.test_codes import raw_session
from tests.waiting import until

pytestmark = both_ways


async def test_a_peer_that_reads_nothing_is_cut_and_others_hear_everything(stage: Stage, node: Node) -> None:
    slow, quick, author = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(slow, author)
    await stage.follow(quick, author)
    reader, writer = await raw_session(node, slow.token, receive_buffer=4096)
    (session,) = [s for s in node.gateway.hub.presence if s.account_id == slow.id]
    session._budget = 20_000  # of the default, a mebibyte, nobody would see the end soon
    async with node.listen(quick) as ear:
        published = []
        while session.open:
            published += [await stage.publish(author, description="é" * 2000) for _ in range(20)]
            await ear.heard(published[-1])
            assert len(published) < 3000
        assert session.ending == TOO_SLOW
        assert ear.videos == [str(video_id) for video_id in published]
        received = bytearray()
        async with asyncio.timeout(60):
            while struct.pack("!H", TOO_SLOW.code) not in received:
                received += await reader.read(65_536)
        writer.close()
        await until(lambda: not [s for s in node.gateway.hub.presence if s.account_id == slow.id], "its end")


async def test_a_peer_that_never_answers_the_close_is_cut_off(stage: Stage, node: Node) -> None:
    who = await stage.somebody()
    _, writer = await raw_session(node, who.token)
    (session,) = [s for s in node.gateway.hub.presence if s.account_id == who.id]
    session.close(TOO_SLOW)
    session._closed_at -= 10.1  # its ten seconds are over
    await until(lambda: not list(node.gateway.hub.presence), "the cut")
    writer.close()


@dataclass
class Replay:
    """A replay that waits for its peer, who reads and says only what the test makes it."""

    follower: Somebody
    author: Somebody
    missed: list[UUID]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    session: Session

    def say(self, **message: Any) -> None:
        """A masked text frame (RFC 6455, 5.2); the mask is zero."""
        payload = json.dumps(message).encode()
        self.writer.write(struct.pack("!BBH", 0x81, 0x80 | 126, len(payload)) + bytes(4) + payload)

    async def read_until(self, wanted: bytes) -> bytes:
        """Everything up to and with this."""
        received = bytearray()
        async with asyncio.timeout(60):
            while wanted not in received:
                part = await self.reader.read(65_536)
                assert part, "closed"
                received += part
        return bytes(received)


async def blocked_replay(stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch) -> Replay:
    monkeypatch.setattr("server.live.resume.RESUME_SECONDS", 100.0)  # no slow machine ends what the test holds up
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    missed = [await stage.publish(ben, description="é" * 2000) for _ in range(150)]
    await node.applied(missed[-1])
    await until(lambda: not list(node.gateway.hub.presence), "nobody")
    reader, writer = await raw_session(node, ann.token, receive_buffer=4096)
    (session,) = node.gateway.hub.presence
    replay = Replay(ann, ben, missed, reader, writer, session)
    replay.say(type="resume", position=position)
    await until(lambda: session.unsent > REPLAY_WINDOW_BYTES, "the replay's pause")
    return replay


async def test_while_a_replay_runs_the_client_is_heard_and_live_events_wait(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = await blocked_replay(stage, node, monkeypatch)
    ann, session = replay.follower, replay.session
    before = session.expires_at = session.expires_at - 600
    replay.say(type="auth", token=stage.token(ann.id, ann.login_id), id=1)
    await until(lambda: session.expires_at > before, "the new token")
    replay.say(type="ping", id=2)
    replay.say(type="resume", position="x", id=3)
    live = await stage.publish(replay.author)
    await until(lambda: session.holds(live), "the live event")
    assert session.unsent > REPLAY_WINDOW_BYTES
    received = await replay.read_until(str(live).encode())
    ended = received.index(b'"caught_up"')
    for answer in (b'{"type":"ack","id":1', b'{"type":"pong","id":2}', b'"code":"resume_too_late"'):
        assert received.index(answer) < ended
    assert received.rindex(str(replay.missed[-1]).encode()) < ended < received.index(str(live).encode())
    assert received.count(b'"caught_up"') == 1
    replay.writer.close()


async def test_a_peer_that_takes_its_replay_slowly_is_alive(stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    replay = await blocked_replay(stage, node, monkeypatch)
    session = replay.session
    for _ in range(2):
        session.heard_at -= 45.0  # it has said nothing for almost two heartbeats, and says nothing
        silent_since = session.heard_at
        received = bytearray()
        async with asyncio.timeout(60):
            while session.heard_at == silent_since:
                received += await replay.reader.read(16_384)
        assert b'"caught_up"' not in received
    await replay.read_until(b'"caught_up"')
    assert session.open
    replay.writer.close()


async def test_a_replay_ends_with_its_connection(stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    replay = await blocked_replay(stage, node, monkeypatch)
    assert [task for task in asyncio.all_tasks() if task.get_name() == "replay"]
    replay.writer.transport.abort()
    await until(lambda: not list(node.gateway.hub.presence), "the end of the session")
    await until(lambda: not [task for task in asyncio.all_tasks() if task.get_name() == "replay"], "the end of the replay")
