"""The clocks of all sessions of a process: one round for everybody instead of timers for each."""

import asyncio
import logging
import time
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple, Protocol

from server.live import fanout
from server.live.commands import encoded
from server.live.limits import HEARD_SECONDS, HOLD_SECONDS, MOST_HELD_SECONDS, REAUTHENTICATE_SECONDS
from server.live.presence import Presence
from server.live.session import Session
from server.live.wire import Reauthenticate
from server.sockets import codes, frames
from server.sockets.limits import HEARTBEAT_SECONDS, SILENT_HEARTBEATS

TICK_SECONDS = 0.1
SWEEP_SECONDS = 1.0
LATE_SECONDS = 1.0
"""After such a stall of ours, what peers have sent is read before anybody is called silent."""

log = logging.getLogger(__name__)

PING = frames.ping()
REAUTHENTICATE = encoded(Reauthenticate())


class Beginning(Protocol):
    """A session whose client may be about to resume."""

    session: Session

    def settle(self) -> None:
        """Wait for it no longer."""


class Held(NamedTuple):
    """A session whose client has said nothing yet.

    Attributes:
        look_at: when to see whether it need be waited for any longer.
        nth: for an order among equals.
        since: of its welcome.
        heard_at: when it was heard last by then.
        pinged: for a sign of life.
    """

    look_at: float
    nth: int
    since: float
    heard_at: float
    beginning: Beginning
    pinged: bool = False

    @property
    def over_at(self) -> float:
        """When it is waited for no longer, as far as is known."""
        heard_at = self.beginning.session.heard_at
        if heard_at == self.heard_at:
            return self.since + MOST_HELD_SECONDS
        return min(max(self.since + HOLD_SECONDS, heard_at + HEARD_SECONDS), self.since + MOST_HELD_SECONDS)


class Clocks:
    """`run` is a task of the process.

    Each sweep pings a share of the sessions, so that their answers do not all come at once. Which one is pinged by which sweep
    is its phase, given in turn.
    """

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._held: list[Held] = []
        self._due: list[Beginning] = []
        self._swept = asyncio.get_running_loop().time()
        self._turns = count()
        self._sweeps = 0

    def begin(self, beginning: Beginning) -> None:
        """Let it go on without a first message in HOLD_SECONDS or some more, and ping it once in each heartbeat."""
        now, nth = asyncio.get_running_loop().time(), next(self._turns)
        heappush(self._held, Held(now + HOLD_SECONDS, nth, now, beginning.session.heard_at, beginning))
        beginning.session.phase = nth % _phases()

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
            # What a stall has skipped is made up for, and the seconds are those of the clock, not of our turns.
            sweeps = min(int(since / SWEEP_SECONDS), _phases())
            self._swept = now - since % SWEEP_SECONDS
            await self._sweep(now, sweeps, stalled=since > SWEEP_SECONDS + LATE_SECONDS)

    def _settle(self, now: float) -> None:
        # A tick later than due: after a stall of ours a `resume` that has long arrived is read first.
        for beginning in self._due:
            beginning.settle()
        self._due.clear()
        while self._held and self._held[0].look_at <= now:
            held = heappop(self._held)
            if held.over_at <= now:
                self._due.append(held.beginning)
                continue
            if not held.pinged:
                held.beginning.session.send(PING)
            heappush(self._held, held._replace(look_at=min(held.over_at, now + HOLD_SECONDS / 4), pinged=True))

    async def _sweep(self, now: float, sweeps: int, *, stalled: bool) -> None:
        phases = {(self._sweeps + nth) % _phases() for nth in range(sweeps)}
        self._sweeps += sweeps
        wall = time.time()
        silent_since = now - SILENT_HEARTBEATS * HEARTBEAT_SECONDS
        look, ping = self._presence.due(silent_since=silent_since, expiring=wall + REAUTHENTICATE_SECONDS, phases=phases)
        for session in look:
            if session.overdue:
                session.abort()
            elif session.silent and not stalled:
                session.close(codes.SILENT)
            elif session.expires_at - wall <= REAUTHENTICATE_SECONDS:
                _near_expiry(session, wall)
        await fanout.send(ping + [session for session in look if session.phase in phases], PING)


def _phases() -> int:
    """In so many sweeps everybody is pinged once."""
    return max(1, int(HEARTBEAT_SECONDS / SWEEP_SECONDS))


def _near_expiry(session: Session, now: float) -> None:
    if session.expires_at <= now:
        session.close(codes.TOKEN_EXPIRED)
    elif session.ask_for_token():
        session.send(REAUTHENTICATE)
