"""Resuming: what a client missed is replayed in order before anything live, or it is told that it must reload."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from server.follows import queries as follows
from server.follows.actions import MAX_FOLLOWS
from server.live import log, metrics, queries
from server.live.doubts import Doubts
from server.live.hub import Hub
from server.live.limits import (
    MOST_REPLAYED,
    REPLAY_CHUNK,
    REPLAY_WINDOW_BYTES,
    RESUME_SECONDS,
    RESUMES_READING,
    RETRY_FIRST_SECONDS,
    RETRY_LAST_SECONDS,
)
from server.live.log import Entry, Position
from server.live.presence import NOBODY, Audience
from server.live.session import Session
from server.live.wire import CaughtUp
from server.sockets import codes, frames
from storage.postgres import AWAY, Pool, connection

T = TypeVar("T")

WINDOW_SECONDS = 0.02
"""How often a replay looks whether its peer has taken what was sent."""


class Missed(NamedTuple):
    """What a client missed: everything of the authors it follows after its position, or None when that cannot be told."""

    entries: Sequence[Entry] | None
    up_to: Position


class Resumes:
    """Replays for the sessions of one process."""

    def __init__(self, pool: Pool, hub: Hub, doubts: Doubts) -> None:
        self._pool = pool
        self._hub = hub
        self._doubts = doubts
        self._reading = asyncio.Semaphore(RESUMES_READING)

    async def resume(self, session: Session, audience: Audience, position: str) -> None:
        """Replay what came after `position`, say so, and end one hold, so that what has come live meanwhile goes out.

        A session that cannot be served in RESUME_SECONDS is closed: its client keeps its position and comes again.
        """
        try:
            async with asyncio.timeout(RESUME_SECONDS) as limit:
                missed = await self._missed(session, audience, position)
                sent = await self._replay(session, audience, missed.entries or (), limit)
        except AWAY:
            metrics.RESUMES.labels("given_up").inc()
            session.close(codes.TOO_SLOW if session.unsent > REPLAY_WINDOW_BYTES else codes.retry_soon())
            return
        if not session.open:
            return
        recovered = missed.entries is not None
        metrics.RESUMES.labels("recovered" if recovered else "reload").inc()
        metrics.REPLAYED.inc(len(sent))
        # What was pushed live before the resume came, which is late then, belongs to what was missed as well.
        count = len(sent) + session.pushed if recovered else 0
        session.send(frames.text(msgspec.json.encode(CaughtUp(recovered, count, str(missed.up_to)))))
        session.forget_replayed(sent)
        session.release()

    async def _missed(self, session: Session, audience: Audience, text: str) -> Missed:
        await _settled(session, audience)
        position = Position.read(text)
        ours = position is not None and position.epoch == self._hub.epoch
        if position is not None and ours and position.seq > self._hub.applied:
            await _retried(partial(self._hub.catch_up, position.seq))  # another node was faster than this one
        # From here on live publications up to this number are the replay's matter, later ones are held.
        if session.pushed == 0:
            session.floor = self._hub.applied
        up_to = Position(self._hub.epoch, session.floor)
        if position is None or not ours or position.seq > self._hub.applied:
            return Missed(None, up_to)
        return Missed(await _retried(partial(self._entries, audience, position.seq, up_to.seq)), up_to)

    async def _entries(self, audience: Audience, after: int, up_to: int) -> Sequence[Entry] | None:
        """What the account missed; None when it is too old or too much.

        Whom it follows tells PostgreSQL alone, after the publications: news of a follow may be lost or late on their way
        to this process, and whoever is told that nothing was missed never asks again.
        """
        if self._hub.ring.covers(after):
            found = self._hub.ring.after(after, up_to)
            authors = await self._followed(audience.id, {entry.author_id for entry in found}) if found else NOBODY
            found = [entry for entry in found if entry.author_id in authors]
        else:
            async with self._reading, connection(self._pool) as conn:
                everybody = await follows.followed_by(conn, audience.id, MAX_FOLLOWS)
                found = await queries.of_authors(conn, everybody, after, up_to, MOST_REPLAYED + 1)
                if after < (await log.state(conn)).forgotten_seq:  # asked last, for forgetting goes on meanwhile
                    return None
        if len(found) > MOST_REPLAYED:
            return None
        for author_id in {entry.author_id for entry in found} - (audience.follows or NOBODY):
            self._doubts.doubt(audience.id, author_id)  # for the account's other sessions, and for what comes live
        return found

    async def _followed(self, account_id: UUID, author_ids: Collection[UUID]) -> Collection[UUID]:
        async with self._reading, connection(self._pool) as conn:
            return await follows.followed_among(conn, account_id, author_ids)

    async def _replay(
        self, session: Session, audience: Audience, entries: Sequence[Entry], limit: asyncio.Timeout
    ) -> Collection[int]:
        """Send them as they are now, as fast as the peer takes them; the numbers of those that were sent."""
        sent = set()
        for at in range(0, len(entries), REPLAY_CHUNK):
            # Progress earns more time: a slow peer may take long for a long replay, but not for a part of it.
            limit.reschedule(asyncio.get_running_loop().time() + RESUME_SECONDS)
            chunk = entries[at : at + REPLAY_CHUNK]
            if not session.open:
                break
            bodies = await _retried(partial(self._hub.bodies.of, [entry.video_id for entry in chunk]))
            await _settled(session, audience)
            for entry in chunk:
                if entry.video_id in bodies and audience.hears(entry.author_id):
                    session.send(self._hub.published(entry, bodies[entry.video_id]))
                    sent.add(entry.seq)
            while session.unsent > REPLAY_WINDOW_BYTES and session.open:  # noqa: ASYNC110 - a transport tells only its protocol
                await asyncio.sleep(WINDOW_SECONDS)
            session.heard()  # its peer takes what is sent, even if its answers to our pings are still to come
        return sent


async def _settled(session: Session, audience: Audience) -> None:
    """Wait until it is known whom the account follows."""
    while audience.doubts and session.open:  # noqa: ASYNC110 - nothing tells us, and it is rare
        await asyncio.sleep(WINDOW_SECONDS)


async def _retried(attempt: Callable[[], Awaitable[T]]) -> T:
    """Try again while PostgreSQL is away; the caller's time limit ends it."""
    delay = RETRY_FIRST_SECONDS
    while True:
        try:
            return await attempt()
        except AWAY:
            await asyncio.sleep(random.uniform(delay / 2, delay))  # noqa: S311 - jitter
            delay = min(delay * 2, RETRY_LAST_SECONDS)
