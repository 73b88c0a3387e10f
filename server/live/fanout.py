"""Rounds: whatever has come meanwhile goes to each session in one write, some sessions at a time.

What comes while a round runs is the next one. Few messages cost a write each and wait for nothing. Many share one: behind a large
round of several there is a rest, so that the next one has more, and much of the process' time is everybody else's.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import TypeVar
from uuid import UUID

from server.live import metrics
from server.live.batch import Batch, Event
from server.live.limits import MOST_IN_ROUND, REST_BELOW, REST_FROM_SECONDS, REST_SECONDS, SLICE, WRITE_BYTES
from server.live.log import Entry
from server.live.presence import Presence
from server.live.session import Session
from server.sockets import codes

T = TypeVar("T")
AsItIsNow = Callable[[Entry], Awaitable[bytes | None]]
"""The frame of a publication as it is now; None when it may not be seen any more."""


class Group:
    """One audience as it was when the round's first event for it came, and its events, numbered in the order of the round."""

    __slots__ = ("events", "sessions", "size")

    def __init__(self, sessions: Iterable[Session]) -> None:
        self.sessions = list(sessions)
        self.events: list[tuple[int, Event]] = []
        self.size = 0


class Round:
    """Is filled without waiting, and then run once.

    A session gets the events of all groups that it is in, in the order in which they were added. Who comes while the round
    runs is not in it, who goes moves nobody, and who begins to hold back keeps its share. An author who is not followed any
    more and a video that has changed are left out, or renewed, for everybody whose turn has not come.

    Attributes:
        full: it should run before more is added.
        events: how many have been added.
    """

    def __init__(self, presence: Presence, as_it_is_now: AsItIsNow) -> None:
        self._presence = presence
        self._as_it_is_now = as_it_is_now
        self._groups: dict[Hashable, Group] = {}
        self.events = 0
        self._videos: set[UUID] = set()
        self._changed: set[UUID] = set()
        self._unfollows = presence.unfollows
        self.full = False

    def add(self, key: Hashable, sessions: Iterable[Session], frame: bytes, entry: Entry | None = None) -> None:
        """An event for these sessions, who are the same for every event with this key."""
        group = self._groups.get(key)
        if group is None:
            if not self._groups:
                self._unfollows = self._presence.unfollows
            group = self._groups[key] = Group(sessions)
        group.events.append((self.events, Event(frame, entry)))
        group.size += len(frame)
        self.events += 1
        self.full |= group.size >= WRITE_BYTES or self.events >= MOST_IN_ROUND
        if entry is not None:
            self._videos.add(entry.video_id)

    def change(self, video_id: UUID) -> None:
        """This video must not go out any more as it was."""
        if video_id in self._videos:
            self._changed.add(video_id)

    async def run(self) -> None:
        """Write everything. Whoever it cannot reach for an error of ours is closed, and resumes.

        Raises:
            one of `AWAY`: a video has changed, and PostgreSQL cannot tell how.
        """
        parts = [(groups, part) for groups, sessions in await self._audiences() for part in slices(sessions)]
        parts.reverse()
        written = 0
        try:
            while parts:
                while self._changed:
                    await self._renew(self._changed.pop())
                groups, part = parts[-1]
                self._write(_in_order(groups), part)
                parts.pop()
                written += len(part)
                if written >= SLICE or not parts:
                    written = 0
                    await asyncio.sleep(0)
        finally:
            for _, part in parts:
                for session in part:
                    session.close(codes.retry_soon())

    async def _audiences(self) -> list[tuple[tuple[Group, ...], list[Session]]]:
        """The sessions by the groups that they are in."""
        if len(self._groups) == 1:
            (group,) = self._groups.values()
            return [((group,), group.sessions)]
        memberships: dict[Session, tuple[Group, ...]] = {}
        for group in self._groups.values():
            for session in group.sessions:
                memberships[session] = (*memberships.get(session, ()), group)
            if len(group.sessions) > SLICE:
                await asyncio.sleep(0)
        found: defaultdict[tuple[Group, ...], list[Session]] = defaultdict(list)
        for session, groups in memberships.items():
            found[groups].append(session)
        return list(found.items())

    def _write(self, events: Sequence[Event], sessions: Sequence[Session]) -> None:
        if self._presence.unfollows == self._unfollows:
            batch = Batch(events)
            metrics.DELIVERIES.inc(batch.publications * len(sessions))
            for session in sessions:
                session.take(batch)
            return
        for session in sessions:
            if mine := [event for event in events if self._concerns(event, session)]:
                batch = Batch(mine)
                metrics.DELIVERIES.inc(batch.publications)
                session.take(batch)

    def _concerns(self, event: Event, session: Session) -> bool:
        return event.entry is None or self._presence.follows(session.account_id, event.entry.author_id)

    async def _renew(self, video_id: UUID) -> None:
        for group in self._groups.values():
            renewed = []
            for place, event in group.events:
                frame: bytes | None = event.frame
                if event.entry is not None and event.entry.video_id == video_id:
                    frame = await self._as_it_is_now(event.entry)
                if frame is not None:
                    renewed.append((place, Event(frame, event.entry)))
            group.events = renewed


def rest(events: int, took: float, waiting: int) -> float:
    """Seconds from the end of a round of so many events that took so many seconds to the next one, for which messages wait."""
    return min(took, REST_SECONDS) if events > 1 and took >= REST_FROM_SECONDS and waiting < REST_BELOW else 0.0


async def send(sessions: Iterable[Session], frame: bytes) -> None:
    """A frame that waits for nothing, to all of them."""
    for part in slices(list(sessions)):
        for session in part:
            session.send(frame)
        await asyncio.sleep(0)


async def deliver(
    hearing: Callable[[], Iterable[Session]], concerned: Callable[[Session], bool], frame: bytes, about: Collection[UUID]
) -> None:
    """An event without a position to those who hear and are concerned when their turn comes; who comes meanwhile is the last.

    Args:
        hearing: who may be concerned; asked again for those who have come since.
        concerned: whether a session is told, asked right before.
        frame: of the event.
        about: which videos and accounts it is.
    """
    batch = Batch([Event(frame, about=about)])
    asked: set[Session] = set()
    # It ends, for telling those who have come takes less time than they took to come (`Admission`).
    while waiting := [session for session in hearing() if session not in asked]:
        asked.update(waiting)
        for part in slices(waiting):
            for session in part:
                if concerned(session):
                    session.take(batch)
            await asyncio.sleep(0)


def _in_order(groups: Sequence[Group]) -> list[Event]:
    if len(groups) == 1:
        return [event for _, event in groups[0].events]
    return [event for _, event in sorted(chain.from_iterable(group.events for group in groups), key=itemgetter(0))]


def slices(targets: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of which each is one turn of the event loop."""
    for at in range(0, len(targets), SLICE):
        yield targets[at : at + SLICE]
