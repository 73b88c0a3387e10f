"""Everybody is pinged once in each heartbeat, not all at once, and a stall of ours changes neither."""

import asyncio
import time

import pytest

from server.kit.ids import new_id
from server.live.clocks import PING, REAUTHENTICATE, Clocks
from server.live.presence import Presence
from server.live.session import Session
from server.sockets.limits import HEARTBEAT_SECONDS
from server.sockets.wires import Transport

SECONDS = int(HEARTBEAT_SECONDS)


class Written(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.frames.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False


class Begun:
    def __init__(self, presence: Presence, clocks: Clocks, now: float) -> None:
        self.session = Session(new_id(), new_id(), int(time.time()) + 10_000, 1_000_000)
        self.written = Written()
        transport: Transport = self.written
        self.session.attach(transport)
        self.session.heard_at = now + 10_000.0  # it is never silent
        presence.enter(self.session)
        clocks.begin(self)
        self.settled = False

    def settle(self) -> None:
        self.settled = True

    @property
    def pings(self) -> int:
        return self.written.frames.count(PING)


async def test_a_heartbeat_pings_everybody_once_a_share_in_each_second() -> None:
    presence, now = Presence(), asyncio.get_running_loop().time()
    clocks = Clocks(presence)
    everybody = [Begun(presence, clocks, now) for _ in range(4 * SECONDS)]
    clocks._held.clear()  # their clients have said something
    for second in range(1, SECONDS + 1):
        before = sum(one.pings for one in everybody)
        await clocks._tick(now + second + 0.01)
        assert sum(one.pings for one in everybody) - before == 4
    assert {one.pings for one in everybody} == {1}


async def test_a_stall_is_made_up_for_and_a_long_one_only_once() -> None:
    presence, now = Presence(), asyncio.get_running_loop().time()
    clocks = Clocks(presence)
    everybody = [Begun(presence, clocks, now) for _ in range(4 * SECONDS)]
    clocks._held.clear()  # their clients have said something
    for at in (3.0, 3.5, 9.9, SECONDS + 0.01):
        await clocks._tick(now + at)
    assert {one.pings for one in everybody} == {1}
    await clocks._tick(now + 10 * SECONDS)
    assert {one.pings for one in everybody} == {2}


async def test_whoever_is_admitted_is_asked_for_a_token_once_there_is_a_connection() -> None:
    presence, now = Presence(), asyncio.get_running_loop().time()
    clocks = Clocks(presence)
    session, written = Session(new_id(), new_id(), int(time.time()) + 10, 1_000_000), Written()
    session.phase = -1  # of no ping
    presence.enter(session)
    await clocks._tick(now + 1.01)
    session.attach(written)
    for second in (2, 3):
        await clocks._tick(now + second + 0.01)
        assert written.frames == [REAUTHENTICATE]


async def test_a_fresh_session_is_held_until_a_while_after_its_client_was_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is frozen, or cannot be reached for a moment, may still resume as the first thing it says."""
    monkeypatch.setattr("server.live.clocks.HOLD_SECONDS", 1.0)
    presence, now = Presence(), asyncio.get_running_loop().time()
    clocks = Clocks(presence)
    quick, slow, mute = [Begun(presence, clocks, now) for _ in range(3)]
    for one in (quick, slow, mute):
        one.session.phase = -1  # of no ping in a sweep
    quick.session.heard_at = now + 0.01
    settled = []
    for tenth in range(1, 70):
        if tenth == 20:
            slow.session.heard_at = now + 2.0
        await clocks._tick(now + tenth / 10)
        settled.append([one.settled for one in (quick, slow, mute)])
    ends = [next(nth for nth, now in enumerate(settled) if now[which]) / 10 for which in range(3)]
    assert ends == pytest.approx([1.1, 2.7, 5.2], abs=0.31)
    assert [one.pings for one in (quick, slow, mute)] == [0, 1, 1]
    assert not clocks._held
