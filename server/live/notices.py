"""What an account is told of others: who follows it, who comments on its videos, and now and then who likes them."""

import asyncio
import logging
import random
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import msgspec

from server.accounts import queries as accounts
from server.cards import actions as cards
from server.cards.wire import Author, Comment
from server.comments import queries as comments
from server.comments.wire import Commented, CommentRow
from server.counts import queries as counts
from server.counts.wire import VideoTotals
from server.follows.wire import Followed
from server.kit.invalidation import Invalidated
from server.likes.wire import Liked
from server.live import metrics
from server.live.envelopes import Noticed
from server.live.limits import LIKE_SECONDS, NOTICES_KEPT, RETRY_LAST_SECONDS
from server.live.presence import Presence
from server.live.wire import CommentEvent, FollowerEvent, LikeEvent, LikeOfYours
from server.profiles import actions as profiles
from server.profiles.wire import User
from server.sight import queries as sight
from server.sockets import frames
from server.videos import queries as videos
from storage.postgres import AWAY, Pool, connection

log = logging.getLogger(__name__)

Clock = Callable[[], float]
Fact = Followed | Liked | Commented


class Notice(NamedTuple):
    """Something that an account is to be told."""

    account_id: UUID
    fact: Fact

    @property
    def by(self) -> UUID:
        """Whose doing it is."""
        return self.fact.comment.author_id if isinstance(self.fact, Commented) else self.fact.account_id


@dataclass(slots=True)
class _Window:
    """The time after a like was told, at whose end the newest one that came meanwhile is."""

    ends_at: float
    newest: Liked | None = None


@dataclass(slots=True)
class _Read:
    """Everything that notices are made of, as it is now."""

    there: set[UUID]
    users: Mapping[UUID, User] = field(default_factory=dict)
    people: Mapping[UUID, Author] = field(default_factory=dict)
    comments: Mapping[UUID, Comment] = field(default_factory=dict)
    counts: Mapping[UUID, VideoTotals] = field(default_factory=dict)


class Notices:
    """Tells those who are here; `run` is a task of the process.

    What is told is read in the moment before: nothing of whom a block hides by then, nothing of videos that are gone. Of a
    block that this process hears of while it reads, it need not be asked.
    """

    def __init__(self, pool: Pool, presence: Presence, clock: Clock | None = None) -> None:
        self._pool = pool
        self._presence = presence
        self._clock = clock or asyncio.get_running_loop().time
        self._waiting: defaultdict[UUID, deque[Notice]] = defaultdict(lambda: deque(maxlen=NOTICES_KEPT))
        self._windows: dict[tuple[UUID, UUID], _Window] = {}
        self._in_sight: set[tuple[UUID, UUID]] = set()
        self._news = asyncio.Event()

    def hear(self, event: Invalidated) -> None:
        """From the invalidations: nothing that was read before this block is told after it."""
        if event.kind == "block":
            self._in_sight.discard((event.account_id, event.subject_id))

    def take(self, envelope: Noticed) -> None:
        """From the hub."""
        if self._presence.audience(envelope.account_id) is None:
            return
        if isinstance(envelope.fact, Liked):
            window = self._windows.setdefault((envelope.account_id, envelope.fact.video_id), _Window(float("-inf")))
            window.newest = envelope.fact
        else:
            self._waiting[envelope.account_id].append(Notice(envelope.account_id, envelope.fact))
        self._news.set()

    async def run(self) -> None:
        """Tell what comes; it ends only by being cancelled. What cannot be read is not told."""
        while True:
            await self._wait()
            try:
                await self.turn()
            except Exception as error:
                log.warning("accounts are not told their news: %r", error, exc_info=not isinstance(error, AWAY))
                await asyncio.sleep(random.uniform(0.5, 1) * RETRY_LAST_SECONDS)  # noqa: S311 - jitter

    async def _wait(self) -> None:
        ends = [window.ends_at for window in self._windows.values()]
        pause = min(ends) - self._clock() if ends else None
        if not self._waiting and (pause is None or pause > 0):
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._news.wait()
        self._news.clear()

    async def turn(self) -> None:
        """Tell what may be told by now."""
        due = [notice for waiting in self._waiting.values() for notice in waiting] + self._due_likes(self._clock())
        due = [notice for notice in due if self._presence.audience(notice.account_id) is not None]
        self._waiting.clear()
        if not due:
            return
        self._in_sight = {(notice.account_id, notice.by) for notice in due}
        read = await self._read(due)
        for notice in due:
            if (notice.account_id, notice.by) in self._in_sight and (frame := _frame(notice, read)) is not None:
                self._tell(notice, frame)

    def _due_likes(self, now: float) -> list[Notice]:
        """The newest like of each window that is over, for which another one begins; the others are forgotten."""
        due = []
        for key, window in list(self._windows.items()):
            if window.ends_at > now:
                continue
            if window.newest is None:
                del self._windows[key]
            else:
                due.append(Notice(key[0], window.newest))
                self._windows[key] = _Window(now + LIKE_SECONDS)
        return due

    async def _read(self, due: Sequence[Notice]) -> _Read:
        followed: list[UUID] = []
        liked: list[Liked] = []
        rows: list[CommentRow] = []
        for _, fact in due:
            match fact:
                case Followed():
                    followed.append(fact.account_id)
                case Liked():
                    liked.append(fact)
                case Commented():
                    rows.append(fact.comment)
        asked = {like.video_id for like in liked} | {row.video_id for row in rows}
        async with connection(self._pool) as conn:
            read = _Read({head.id for head in await videos.heads(conn, asked)})
            if followed:
                read.users = {user.id: user for user in await profiles.users(conn, followed, None)}
            if rows:
                stored = await comments.stored(conn, rows)
                read.comments = {comment.id: comment for comment in await cards.comments(conn, stored)}
            if liked:
                people = await accounts.get(conn, list({like.account_id for like in liked}))
                read.people = {row.id: cards.author(row) for row in people.values()}
                read.counts = await counts.videos(conn, list({like.video_id for like in liked}))
            # Last, for whatever is read before may take its time.
            hidden = await sight.hidden_pairs(conn, self._in_sight)
        self._in_sight -= hidden
        return read

    def _tell(self, notice: Notice, frame: bytes) -> None:
        audience = self._presence.audience(notice.account_id)
        for session in audience.sessions if audience else ():
            if not session.crowded:
                session.deliver(frame, (notice.by,))


def _frame(notice: Notice, read: _Read) -> bytes | None:
    """None where something that it speaks of is gone."""
    event: FollowerEvent | CommentEvent | LikeEvent | None = None
    match notice.fact:
        case Followed(account_id):
            if (user := read.users.get(account_id)) is not None:
                event = FollowerEvent("follower.new", None, user)
        case Commented(row):
            if (comment := read.comments.get(row.id)) is not None and row.video_id in read.there:
                event = CommentEvent("comment.on_yours", None, comment)
        case Liked(video_id, _, account_id):
            if (person := read.people.get(account_id)) is not None and video_id in read.there:
                event = LikeEvent("like.on_yours", None, LikeOfYours(video_id, person, read.counts[video_id].likes))
    if event is None:
        return None
    metrics.EVENTS.labels(event.event).inc()
    return frames.text(msgspec.json.encode(event))
