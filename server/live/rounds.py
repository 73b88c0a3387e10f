"""What watchers are shown: comments and counts, gathered for each video and sent in rounds, the first of which comes at once."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import msgspec

from server.cards import actions as card_actions
from server.cards.actions import Cards
from server.cards.wire import Comment, Video
from server.comments import queries as comment_queries
from server.comments.wire import CommentDeleted, Commented
from server.counts import queries as count_queries
from server.kit.invalidation import Invalidations
from server.live import changes, fanout, metrics
from server.live.batch import Batch, Event
from server.live.envelopes import ToWatchers, WatchersChanged
from server.live.limits import PAGE, POLL_SECONDS, RETRY_LAST_SECONDS, ROUND_SECONDS, SLICE, VIEWS_SECONDS
from server.live.presence import Audience
from server.live.tallies import Tallies
from server.live.watchers import Pending, Watched, Watcher, Watchers
from server.live.wire import CommentEvent, CommentRemovedEvent, Counts, CountsEvent, RemovedComment
from server.plays import queries as plays
from server.sockets import frames
from server.videos.wire import VideoEdited
from storage.postgres import AWAY, Pool, Rows, connection

log = logging.getLogger(__name__)

Clock = Callable[[], float]


class Shown(NamedTuple):
    """One frame of a round, and whose doing it is: who does not see that account does not get it."""

    frame: bytes
    by: UUID | None = None


async def read_counts(conn: Rows, watched: Sequence[Watched]) -> None:
    """Bring what is known of these videos' counts up to date."""
    ids = [one.id for one in watched]
    views, totals = await plays.counts(conn, ids), await count_queries.videos(conn, ids)
    for one in watched:
        one.counted = (views.get(one.id, 0), totals[one.id].likes, totals[one.id].comments)


def counts_frame(counts: Counts) -> bytes:
    return frames.text(msgspec.json.encode(CountsEvent("counts", None, counts)))


class Rounds:
    """Gathers and sends; `run` is a task of the process.

    Each video has a round at most every ROUND_SECONDS, however much happens at it, and a session gets what a round has for it
    in one write. Who may see it is decided at that write.
    """

    def __init__(
        self,
        pool: Pool,
        cards: Cards,
        watchers: Watchers,
        tallies: Tallies,
        invalidations: Invalidations,
        clock: Clock | None = None,
    ) -> None:
        self._pool = pool
        self._cards = cards
        self._watchers = watchers
        self._tallies = tallies
        self._invalidations = invalidations
        self.clock = clock or asyncio.get_running_loop().time
        self._marked: dict[UUID, None] = {}
        self._news = asyncio.Event()
        self._viewed_at = float("-inf")
        self._failing = False
        tallies.listen(self.moved)

    # What happens

    def take(self, envelope: ToWatchers) -> None:
        """From the hub."""
        watched = self._watchers.get(envelope.video_id)
        if watched is None:
            return
        match envelope.fact:
            case WatchersChanged():
                self._tallies.heard(watched.id, envelope.fact)
                return
            case Commented(comment):
                watched.pending.add(comment)
            case CommentDeleted(_, comment_id, author_id):
                watched.pending.delete(comment_id, author_id)
            case VideoEdited():
                watched.pending.fields.update(envelope.fact.fields)
            case _:
                watched.pending.counts = True
        self._mark(watched)

    def moved(self, video_id: UUID) -> None:
        """A count of it may be another one now."""
        if (watched := self._watchers.get(video_id)) is not None:
            watched.pending.counts = True
            self._mark(watched)

    def all_moved(self) -> None:
        """What happened at any of them may have been missed."""
        for watched in self._watchers:
            self.moved(watched.id)

    def settled(self, watched: Watched) -> None:
        """It is known again who may see it."""
        watched.doubtful = False
        if watched.pending:
            self._mark(watched)

    def _mark(self, watched: Watched) -> None:
        if watched.id not in self._marked:
            self._marked[watched.id] = None
            self._news.set()

    # Rounds

    async def run(self) -> None:
        """Hold a round whenever one is due; it ends only by being cancelled. What cannot be read now is shown later."""
        while True:
            await self._wait()
            if not self._invalidations.fresh:
                await asyncio.sleep(POLL_SECONDS)  # who may see what is not known now
                continue
            try:
                await self.turn()
                self._failing = False
            except Exception as error:
                if not self._failing:
                    log.warning("watchers have to wait: %r", error, exc_info=not isinstance(error, AWAY))
                self._failing = True
                await asyncio.sleep(random.uniform(0.5, 1) * RETRY_LAST_SECONDS)  # noqa: S311 - jitter

    async def _wait(self) -> None:
        due_at = [self._viewed_at + VIEWS_SECONDS] if len(self._watchers) else []
        due_at += [watched.due_at for watched in self._waiting()]
        pause = min(due_at) - self.clock() if due_at else None
        if pause is None or pause > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._news.wait()
        self._news.clear()

    def _waiting(self) -> list[Watched]:
        """The videos for which something waits; those in doubt come by `settled`."""
        found = [watched for video_id in self._marked if (watched := self._watchers.get(video_id)) and not watched.doubtful]
        self._marked = dict.fromkeys(watched.id for watched in found)
        return found

    async def turn(self) -> None:
        """Show what is due by now."""
        now = self.clock()
        await self._look_at_views(now)
        due = [watched for watched in self._waiting() if watched.due_at <= now]
        if not due:
            return
        taken: list[_Taken] = []
        for watched in due:
            del self._marked[watched.id]
            taken.append(_Taken(watched, watched.pending, watched.changes))
            watched.pending = Pending()
        try:
            videos, comments = await self._read(taken)
        except BaseException:
            for one in taken:
                self._put_back(one)
            raise
        for one in taken:
            if one.stale:
                self._put_back(one)
            else:
                await self._show(one, _shown(one, comments, videos))

    def _put_back(self, taken: "_Taken") -> None:
        taken.watched.pending.put_before(taken.pending)
        self._mark(taken.watched)

    async def _look_at_views(self, now: float) -> None:
        if now - self._viewed_at < VIEWS_SECONDS:
            return
        self._viewed_at = now
        everything = list(self._watchers)
        for at in range(0, len(everything), PAGE):
            some = everything[at : at + PAGE]
            async with connection(self._pool) as conn:
                views = await plays.counts(conn, [watched.id for watched in some])
            for watched in some:
                if views.get(watched.id, 0) != watched.counted[0]:
                    self.moved(watched.id)

    async def _read(self, taken: Sequence["_Taken"]) -> tuple[Mapping[UUID, Video], Mapping[UUID, Comment]]:
        """The videos that have changed and the comments that are new, as they are now; and the counts."""
        rows = [row for one in taken for row in one.pending.comments.values()]
        edited = [one.watched.id for one in taken if one.pending.fields]
        async with connection(self._pool) as conn:
            await read_counts(conn, [one.watched for one in taken if one.pending.counts])
            # What is said of a comment that another process has deleted may come after the news of its end.
            stored = await comment_queries.stored(conn, rows) if rows else []
            comments = {comment.id: comment for comment in await card_actions.comments(conn, stored)} if stored else {}
            videos = await self._cards.videos(conn, edited) if edited else {}
        return videos, comments

    # To the sessions

    async def _show(self, taken: "_Taken", shown: Sequence[Shown]) -> None:
        metrics.ROUNDS.inc()
        watched = taken.watched
        writing = _Writing(watched, shown, watched.counts if taken.pending.counts else None, self.clock())
        watched.due_at = writing.now + ROUND_SECONDS
        for part in fanout.slices(list(watched.watchers.values())):
            for watcher in part:
                writing.write(watcher)
            if len(part) == SLICE:
                await asyncio.sleep(0)
        if writing.left_out:
            watched.pending.counts = True
            self._mark(watched)


class _Taken(NamedTuple):
    """What one round is made of, and how much had been said of who may see it when it was taken."""

    watched: Watched
    pending: Pending
    changes: int

    @property
    def stale(self) -> bool:
        """Whether it may be older than what is known, or asked, of who may see it."""
        return self.watched.doubtful or self.watched.changes != self.changes


class _Writing:
    """One round on its way to the watchers.

    Attributes:
        left_out: somebody has not been told the counts, and has to be in the next round.
    """

    def __init__(self, watched: Watched, shown: Sequence[Shown], counts: Counts | None, now: float) -> None:
        self.now = now
        self.left_out = False
        self._watched = watched
        self._counts = counts
        self._people = {one.by for one in shown if one.by is not None}
        self._shown = [Event(frame, about=(watched.id,) if by is None else (watched.id, by)) for frame, by in shown]
        self._last = [Event(counts_frame(counts), about=(watched.id,))] if counts is not None else []
        self._whole: dict[bool, Batch] = {}

    def write(self, watcher: Watcher) -> None:
        """Everything that this watcher sees of it."""
        watched, audience = self._watched, watcher.audience
        if not watcher.ready or watched.watchers.get(watcher.session) is not watcher:
            return
        if watched.doubtful or not watched.shown_to(audience) or watcher.session.crowded:
            self.left_out = self.left_out or self._counts is not None
            return
        batch = self._batch(counted=self._takes_counts(watcher))
        if self._people and (audience.crowded or not self._people.isdisjoint(audience.hidden or ())):
            batch = Batch([event for event in batch.events if self._sees(audience, event)])
        if batch.size:
            watcher.session.take(batch)

    def _takes_counts(self, watcher: Watcher) -> bool:
        """Whether the counts are new to it, and it was not told others just now."""
        if self._counts is None or watcher.counts == self._counts:
            return False
        if self.now - watcher.counted_at < ROUND_SECONDS:
            self.left_out = True
            return False
        watcher.counts, watcher.counted_at = self._counts, self.now
        return True

    def _batch(self, *, counted: bool) -> Batch:
        """For everybody from whom nobody is hidden."""
        if counted not in self._whole:
            self._whole[counted] = Batch([*self._shown, *(self._last if counted else ())])
        return self._whole[counted]

    @staticmethod
    def _sees(audience: Audience, event: Event) -> bool:
        _, *people = event.about
        return not people or (not audience.crowded and all(audience.sees(one) for one in people))


def _shown(taken: _Taken, comments: Mapping[UUID, Comment], videos: Mapping[UUID, Video]) -> list[Shown]:
    watched, pending, _ = taken
    found: list[Shown] = []
    if pending.fields and (video := videos.get(watched.id)) is not None:
        watched.visibility = video.visibility  # the news of it may be on their way
        found.append(Shown(changes.updated(video, pending.fields)))
    for comment_id, row in pending.comments.items():
        if (comment := comments.get(comment_id)) is not None:
            event = CommentEvent("comment.created", None, comment)
            found.append(Shown(frames.text(msgspec.json.encode(event)), row.author_id))
    for comment_id, author_id in pending.deleted.items():
        removed = CommentRemovedEvent("comment.removed", None, RemovedComment(comment_id, watched.id))
        found.append(Shown(frames.text(msgspec.json.encode(removed)), author_id))
    return found
