"""Follows that changed under a live session: asks PostgreSQL how, while the sessions concerned hold back."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from server.kit.invalidation import Invalidated
from server.live import queries
from server.live.hub import Hub
from server.live.limits import MOST_REPLAYED, RETRY_LAST_SECONDS
from server.live.presence import Audience
from server.live.queries import Followed
from server.live.session import Session
from storage.postgres import AWAY, Pool, connection

log = logging.getLogger(__name__)

Pair = tuple[UUID, UUID]
"""An account and an author."""


class Doubts:
    """Settles changed follows in batches; `run` is a task of the process.

    An author who is not followed any more is silent from the moment of the doubt on. One who is followed now is heard
    from the moment of the follow on: what he published before this process knew is sent along.
    """

    def __init__(self, pool: Pool, hub: Hub) -> None:
        self._pool = pool
        self._hub = hub
        self._pairs: dict[Pair, None] = {}
        self._listeners: list[Callable[[Audience, UUID], None]] = []
        self._news = asyncio.Event()

    def listen(self, listener: Callable[[Audience, UUID], None]) -> None:
        """Be told whenever an account that is online here does not follow an author any more."""
        self._listeners.append(listener)

    def hear(self, event: Invalidated) -> None:
        """From the invalidations."""
        if event.kind == "follow":
            self.doubt(event.account_id, event.subject_id)

    def doubt(self, account_id: UUID, author_id: UUID) -> None:
        """Whether this account follows this author is no longer as it is known here."""
        if self._hub.presence.doubt(account_id, author_id):
            self._pairs[account_id, author_id] = None
            self._news.set()

    async def run(self) -> None:
        """Settle what comes; while PostgreSQL is away the sessions concerned wait."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._pairs:
                asked = list(self._pairs)
                self._pairs.clear()
                try:
                    await self._settle(asked)
                except Exception as error:
                    # Whatever it is, the sessions concerned hold back until it is settled.
                    log.warning("follows cannot be read: %r", error, exc_info=not isinstance(error, AWAY))
                    self._pairs |= dict.fromkeys(asked)
                    await asyncio.sleep(RETRY_LAST_SECONDS)

    async def _settle(self, asked: Sequence[Pair]) -> None:
        async with connection(self._pool) as conn:
            followed = {(f.account_id, f.author_id): f for f in await queries.pairs(conn, asked)}
        for pair in asked:
            audience = self._hub.presence.audience(pair[0])
            # Changed again meanwhile: the next round knows. Without a doubt: everybody has left, and perhaps come anew.
            if pair not in self._pairs and audience is not None and pair[1] in audience.doubts:
                await self._settle_one(audience, pair[1], followed.get(pair))

    async def _settle_one(self, audience: Audience, author_id: UUID, followed: Followed | None) -> None:
        presence = self._hub.presence
        if followed is None:
            presence.unfollow(audience, author_id)
            for listener in self._listeners:
                listener(audience, author_id)
        elif presence.follow(audience, author_id):
            sent = False
            try:
                await self._send_along(list(audience.sessions), followed, self._hub.applied)
                sent = True
            finally:
                if not sent:
                    presence.unfollow(audience, author_id)  # the next try sends all of it
        if (audience.id, author_id) not in self._pairs:  # else it has changed again meanwhile, and the doubt goes on
            presence.settled(audience, author_id)

    async def _send_along(self, sessions: Sequence[Session], followed: Followed, up_to: int) -> None:
        """What the author published between the follow and now; from here on it comes by itself, and is held."""
        async with connection(self._pool) as conn:
            entries = await queries.since_follow(conn, followed, up_to, MOST_REPLAYED)
        bodies = await self._hub.bodies.of([entry.video_id for entry in entries])
        for entry in entries:
            if (body := bodies.get(entry.video_id)) is not None:
                frame = self._hub.published(entry, body)
                for session in sessions:
                    session.push_late(frame, entry)
