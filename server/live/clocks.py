"""The clocks of all sessions of a process: one round for everybody instead of timers for each."""

import asyncio
import time
from collections import deque

from server.live import codes, fanout, frames
from server.live.commands import Conversation, encoded
from server.live.limits import HEARTBEAT_SECONDS, HOLD_SECONDS, REAUTHENTICATE_SECONDS
from server.live.presence import Presence
from server.live.session import Session
from server.live.wire import Reauthenticate

TICK_SECONDS = 0.1
SWEEP_SECONDS = 1.0
LATE_SECONDS = 1.0
"""After such a stall of ours, what peers have sent is read before anybody is called silent."""

PING = frames.ping()
REAUTHENTICATE = encoded(Reauthenticate())


class Clocks:
    """`run` is a task of the process."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._fresh: deque[tuple[float, Conversation]] = deque()
        self._due: list[Conversation] = []

    def wait_for_first_message(self, conversation: Conversation) -> None:
        """Let it go on without one after HOLD_SECONDS."""
        self._fresh.append((asyncio.get_running_loop().time() + HOLD_SECONDS, conversation))

    async def run(self) -> None:
        """Tick; it ends only by being cancelled."""
        loop = asyncio.get_running_loop()
        swept = pinged = loop.time()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = loop.time()
            self._settle(now)
            if now - swept >= SWEEP_SECONDS:
                self._sweep(stalled=now - swept > SWEEP_SECONDS + LATE_SECONDS)
                swept = now
            if now - pinged >= HEARTBEAT_SECONDS:
                await fanout.send(self._presence, PING)
                pinged = now

    def _settle(self, now: float) -> None:
        # A tick later than due: after a stall of ours a `resume` that has long arrived is read first.
        for conversation in self._due:
            conversation.settle()
        self._due.clear()
        while self._fresh and self._fresh[0][0] <= now:
            self._due.append(self._fresh.popleft()[1])

    def _sweep(self, *, stalled: bool) -> None:
        now = time.time()
        for session in self._presence:
            if session.overdue:
                session.abort()
            elif session.silent and not stalled:
                session.close(codes.SILENT)
            elif session.expires_at - now <= REAUTHENTICATE_SECONDS:
                _near_expiry(session, now)


def _near_expiry(session: Session, now: float) -> None:
    if session.expires_at <= now:
        session.close(codes.TOKEN_EXPIRED)
    elif session.ask_for_token():
        session.send(REAUTHENTICATE)
