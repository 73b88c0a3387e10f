"""The clocks of all sessions of a process: one round for everybody instead of timers for each."""

import asyncio
import logging
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

log = logging.getLogger(__name__)

PING = frames.ping()
REAUTHENTICATE = encoded(Reauthenticate())


class Clocks:
    """`run` is a task of the process."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._fresh: deque[tuple[float, Conversation]] = deque()
        self._due: list[Conversation] = []
        self._swept = self._pinged = asyncio.get_running_loop().time()

    def wait_for_first_message(self, conversation: Conversation) -> None:
        """Let it go on without one after HOLD_SECONDS."""
        self._fresh.append((asyncio.get_running_loop().time() + HOLD_SECONDS, conversation))

    async def run(self) -> None:
        """Tick; it ends only by being cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self._tick(asyncio.get_running_loop().time())
            except Exception:
                log.exception("a clock stumbled")

    async def _tick(self, now: float) -> None:
        self._settle(now)
        self._presence.drain()
        if (since := now - self._swept) >= SWEEP_SECONDS:
            self._swept = now
            self._sweep(stalled=since > SWEEP_SECONDS + LATE_SECONDS)
        if now - self._pinged >= HEARTBEAT_SECONDS:
            self._pinged = now
            await fanout.send(self._presence, PING)

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
