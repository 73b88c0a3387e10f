"""How many sessions an account has on all processes together: one too many ends the oldest, wherever that is."""

import asyncio
import logging
import random
from contextlib import suppress
from itertools import islice
from uuid import UUID

from pubsub.broker import Broker, BrokerUnavailable
from pubsub.roster import Present, Roster
from server.live import envelopes
from server.live.limits import (
    QUOTA_AT_ONCE,
    QUOTA_GATHER_SECONDS,
    QUOTA_REFRESH_SECONDS,
    RETRY_LAST_SECONDS,
    SESSIONS_PER_ACCOUNT,
)
from server.live.presence import Presence
from server.live.session import Session

log = logging.getLogger(__name__)


class Quota:
    """Keeps the roster of sessions true; `run` is a task of the process.

    No session waits for it. While the broker is away each process counts its own (see `Presence`), and all of them
    are counted together when it is back.
    """

    def __init__(self, roster: Roster, broker: Broker, presence: Presence) -> None:
        self._roster = roster
        self._broker = broker
        self._presence = presence
        self._changed: dict[UUID, set[bytes]] = {}
        self._news = asyncio.Event()
        self._refresh_at = 0.0
        self._failing = False

    def began(self, session: Session) -> None:
        """A session has begun here."""
        self._changed.setdefault(session.account_id, set())
        self._news.set()

    def left(self, session: Session) -> None:
        """A session is over."""
        self._changed.setdefault(session.account_id, set()).add(session.id.bytes)
        self._news.set()

    async def run(self) -> None:
        """Tell what changes, and everything anew at a slow pace; it ends only by being cancelled."""
        while True:
            await self._wait()
            try:
                await self._tell(list(islice(self._changed, QUOTA_AT_ONCE)))
                self._failing = False
            except BrokerUnavailable as error:
                if not self._failing:
                    log.warning("sessions are counted on this process alone, the broker is away: %s", error)
                self._failing = True
                await self._pause()
            except Exception:
                log.exception("the count of sessions stumbled")
                await self._pause()

    async def _wait(self) -> None:
        if not self._changed:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._refresh_at):
                    await self._news.wait()
            await asyncio.sleep(QUOTA_GATHER_SECONDS)
        now = asyncio.get_running_loop().time()
        if now >= self._refresh_at:
            # What is not said again within SESSION_KEPT_SECONDS is forgotten, as after the death of a process.
            self._refresh_at = now + random.uniform(0.8, 1) * QUOTA_REFRESH_SECONDS  # noqa: S311 - jitter
            for account_id in {session.account_id for session in self._presence}:
                self._changed.setdefault(account_id, set())

    async def _pause(self) -> None:
        """Try again later. Who has left is forgotten meanwhile, here and, in time, in the roster."""
        self._changed = {account_id: set() for account_id in self._changed if self._presence.audience(account_id)}
        await asyncio.sleep(random.uniform(0.5, 1) * RETRY_LAST_SECONDS)  # noqa: S311 - jitter

    async def _tell(self, account_ids: list[UUID]) -> None:
        if not account_ids:
            return
        gone = {account_id: self._changed.pop(account_id) for account_id in account_ids}
        try:
            present = [self._present(account_id, gone[account_id]) for account_id in account_ids]
            counted = await self._roster.keep(present, SESSIONS_PER_ACCOUNT)
            excess = [
                (account_id, UUID(bytes=oldest))
                for account_id, everywhere in zip(account_ids, counted, strict=True)
                for oldest in sorted(everywhere)[:-SESSIONS_PER_ACCOUNT]  # their ids sort by their beginnings
            ]
            if excess:
                await self._broker.publish([envelopes.one_too_many(*which) for which in excess])
        except BrokerUnavailable:
            for account_id in account_ids:
                self._changed.setdefault(account_id, set())
            raise

    def _present(self, account_id: UUID, gone: set[bytes]) -> Present:
        audience = self._presence.audience(account_id)
        sessions = audience.sessions if audience else []
        here = [session.id.bytes for session in sessions if session.attached and session.open]
        ending = {session.id.bytes for session in sessions if not session.open}
        return Present(str(account_id), here, gone | ending)
