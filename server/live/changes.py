"""What followers are told of videos they know: that one has changed, or must not be shown any more."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec

from server.cards.actions import Cards
from server.cards.wire import Video
from server.kit.invalidation import Invalidated
from server.live import fanout, metrics
from server.live.envelopes import ToFollowers
from server.live.hub import Hub
from server.live.session import Session
from server.live.wire import ChangedVideo, RemovedEvent, RemovedVideo, UpdatedEvent
from server.sockets import frames
from server.videos.wire import PLAYS, VideoEdited
from storage.postgres import AWAY, Pool, connection

URLS = frozenset({"sources", "poster_url", "preview_url", "storyboard_url"})
FIELDS = frozenset(ChangedVideo.__struct_fields__) - {"id"}

log = logging.getLogger(__name__)


def removed(video_id: UUID) -> bytes:
    """The frame that says so."""
    return frames.text(msgspec.json.encode(RemovedEvent("video.removed", None, RemovedVideo(video_id))))


def updated(video: Video, fields: Collection[str]) -> bytes:
    """The frame with these fields of a video as they are now. With its visibility all URLs change: they are signed, or not."""
    wanted = (URLS.union(fields) if "visibility" in fields else FIELDS.intersection(fields)) & FIELDS
    changed = ChangedVideo(id=video.id, **{name: getattr(video, name) for name in wanted})
    return frames.text(msgspec.json.encode(UpdatedEvent("video.updated", None, changed)))


class _Waiting:
    """What was said of one video since it was told of last."""

    __slots__ = ("author_id", "fields", "withdrawn")

    def __init__(self, author_id: UUID) -> None:
        self.author_id = author_id
        self.fields: set[str] = set()
        self.withdrawn = False


class Changes:
    """Tells the followers who are here, one event after the other; `run` is a task of the process.

    A changed video is read here and now: whatever was said of it in between is in it, and what is hidden by now is not told.
    Whoever watches it as well hears of it as a watcher (`Rounds`, `Access`).
    """

    def __init__(self, pool: Pool, cards: Cards, hub: Hub) -> None:
        self._pool = pool
        self._cards = cards
        self._hub = hub
        self._waiting: dict[UUID, _Waiting] = {}
        self._current: set[UUID] = set()
        self._news = asyncio.Event()

    def hear(self, event: Invalidated) -> None:
        """From the invalidations: what was read of this video before may not be told any more."""
        if event.kind == "video":
            self._current.discard(event.subject_id)

    def take(self, envelope: ToFollowers) -> None:
        """From the hub."""
        fact = envelope.fact
        if not self._hub.presence.followers(envelope.author_id):
            return
        waiting = self._waiting.setdefault(fact.video_id, _Waiting(envelope.author_id))
        if isinstance(fact, VideoEdited):
            waiting.fields.update(fact.fields)
        else:
            waiting.withdrawn = True
        self._news.set()

    async def run(self) -> None:
        """Tell what comes; it ends only by being cancelled. What cannot be read is not told."""
        while True:
            await self._news.wait()
            self._news.clear()
            waiting, self._waiting = self._waiting, {}
            try:
                await self._tell(waiting)
            except Exception as error:
                log.warning("changed videos are not told: %r", error, exc_info=not isinstance(error, AWAY))

    async def _tell(self, waiting: Mapping[UUID, _Waiting]) -> None:
        self._current = set(waiting)
        async with connection(self._pool) as conn:
            cards = await self._cards.videos(conn, list(waiting))
        for video_id, said in waiting.items():
            video = cards.get(video_id)
            if video is None or video.visibility == "private" or video.status not in PLAYS:
                if said.withdrawn:  # else its followers have not seen it, or know that already
                    await self._send(said.author_id, video_id, "video.removed", removed(video_id))
            elif said.fields and video.published_at is not None:
                await self._send(said.author_id, video_id, "video.updated", updated(video, said.fields))
                if video_id not in self._current:
                    self._put_back(video_id, said)
            self._hub.watchers.forget_ended(video_id)

    def _put_back(self, video_id: UUID, said: _Waiting) -> None:
        """Not everybody has been told: it is read and told again, with whatever was said meanwhile."""
        waiting = self._waiting.setdefault(video_id, _Waiting(said.author_id))
        waiting.fields |= said.fields
        waiting.withdrawn |= said.withdrawn
        self._news.set()

    async def _send(self, author_id: UUID, video_id: UUID, event: str, frame: bytes) -> None:
        """To who follows, and neither watches nor was told as a watcher, when their turn comes."""
        metrics.EVENTS.labels(event).inc()
        presence, watchers = self._hub.presence, self._hub.watchers

        def concerned(session: Session) -> bool:
            if video_id in session.watching or not presence.follows(session.account_id, author_id):
                return False
            return video_id in self._current if event == "video.updated" else session.id not in watchers.ended(video_id)

        await fanout.deliver(lambda: presence.hearing(author_id), concerned, frame, (video_id, author_id))
