"""Carries events from committed work to the broker: at most once, in order, and never in anybody's way."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import msgspec

from pubsub import channels
from pubsub.broker import Broker, BrokerUnavailable, Message
from pubsub.opening import open_broker
from server.comments.wire import CommentDeleted, Commented
from server.follows.wire import Followed
from server.kit.invalidation import Heard, Invalidated, Invalidations
from server.likes.wire import Liked, Unliked
from server.live import envelopes, metrics
from server.live.limits import ANNOUNCEMENTS
from server.live.wire import Progress, ProgressEvent, VideoState
from server.videos.wire import (
    JobQueued,
    VideoEdited,
    VideoProgressed,
    VideoPublished,
    VideoPublishing,
    VideoWithdrawn,
)

AT_ONCE = 500
"""Messages in one go: a batch of comments is told in two."""
MOST_TOUCHED = 10_000
"""Of each that wait to be told; what is left out is known when what was read of it is too old."""
TOLD_AT_ONCE = 60
"""Of each in one message: three times so many ids fit into MAX_PAYLOAD_BYTES (pubsub/broker.py)."""

log = logging.getLogger(__name__)


class Touches:
    """What many do at once is told together, to every process."""

    def __init__(self) -> None:
        self._commented: dict[UUID, None] = {}
        self._liked: dict[UUID, None] = {}
        self._accounts: dict[UUID, None] = {}

    def add(self, event: msgspec.Struct) -> None:
        """Somebody has commented, liked, or taken that back; MOST_TOUCHED of each are told at once."""
        match event:
            case Commented(comment) if len(self._commented) < MOST_TOUCHED:
                self._commented[comment.video_id] = None
            case Liked() | Unliked() if len(self._accounts) < MOST_TOUCHED:
                self._liked[event.video_id] = None
                self._accounts[event.account_id] = None

    def taken(self) -> list[Message]:
        """The messages of all that has come, if anything has; then it is taken."""
        told = [list(some) for some in (self._commented, self._liked, self._accounts)]
        self._commented, self._liked, self._accounts = {}, {}, {}
        return [
            envelopes.touched(*(some[at : at + TOLD_AT_ONCE] for some in told))
            for at in range(0, max(map(len, told)), TOLD_AT_ONCE)
        ]


class BrokerAnnouncer:
    """See `Announcer`; `run` is a task of the process.

    Nothing here is the only way of anything that matters: publications are rows, invalidations and jobs are polled.

    Attributes:
        tap: is told each event of this process at once.
    """

    def __init__(self, broker: Broker, invalidations: Invalidations | None = None) -> None:
        self._broker = broker
        self._invalidations = invalidations
        self._waiting: deque[Message] = deque()
        self._touched = Touches()
        self._news = asyncio.Event()
        self._failing = False
        self.tap: Callable[[msgspec.Struct], None] | None = None

    def announce(self, event: msgspec.Struct) -> None:
        """Take the event."""
        if isinstance(event, Invalidated) and self._invalidations is not None:
            self._invalidations.take(event)  # this process need not wait for the broker
            event = msgspec.structs.replace(event, by=self._invalidations.id)
        if self.tap is not None:
            self.tap(event)
        self._touched.add(event)
        messages = _messages(event)
        if not messages:
            log.error("nobody knows how to announce %s", type(event).__name__)
        elif len(self._waiting) >= ANNOUNCEMENTS:
            metrics.DROPPED.inc(len(messages))
        else:
            self._waiting.extend(messages)
            self._news.set()

    async def settled(self, events: Sequence[msgspec.Struct]) -> None:
        """See `Announcer`. Sessions that end are not waited for; neither is anything where nobody is asked (commands, jobs)."""
        waited = [event.id for event in events if isinstance(event, Invalidated) and event.kind != "session"]
        if waited and self._invalidations is not None:
            await self._invalidations.echoes.wait(waited)

    async def run(self) -> None:
        """Send what waits, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
                await self._send(some + self._touched.taken())

    async def _send(self, messages: list[Message]) -> None:
        try:
            await self._broker.publish(messages)
            self._failing = False
        except BrokerUnavailable as error:
            metrics.DROPPED.inc(len(messages))
            if not self._failing:
                log.warning("events are dropped, the broker is away: %s", error)
            self._failing = True
        except Exception:
            metrics.DROPPED.inc(len(messages))
            log.exception("events are dropped")


async def send(url: str, events: Iterable[msgspec.Struct]) -> None:
    """Announce committed work from a command, which ends when this returns: the broker at the URL has all of it then.

    Raises:
        BrokerUnavailable: the broker does not answer.
    """
    messages = [message for event in events for message in _messages(event)]
    if messages:
        async with open_broker(url) as broker:
            await broker.publish(messages)


def _messages(event: msgspec.Struct) -> list[Message]:
    match event:
        case VideoPublished():
            return [(channels.OUTBOX, b"")]
        case JobQueued():
            return [(channels.JOBS, b"")]
        case Invalidated():
            return [envelopes.invalidated(event)]
        case Heard():
            return [envelopes.heard(event)]
        case VideoPublishing():
            return [envelopes.publishing(event)]
        case VideoProgressed():
            return [envelopes.to_account(event.author_id, msgspec.json.encode(_of_progress(event)))]
    return _of_people(event)


def _of_people(event: msgspec.Struct) -> list[Message]:
    """What people do, for whoever watches, follows or is concerned; nobody is told of what they do themselves."""
    match event:
        case Commented(comment, author_id):
            told = [envelopes.noticed(author_id, event)] if author_id != comment.author_id else []
            return [envelopes.to_watchers(comment.video_id, event), *told]
        case Liked(video_id, author_id, account_id):
            told = [envelopes.noticed(author_id, event)] if author_id != account_id else []
            return [envelopes.to_watchers(video_id, event), *told]
        case CommentDeleted() | Unliked():
            return [envelopes.to_watchers(event.video_id, event)]
        case Followed():
            return [envelopes.noticed(event.author_id, event)]
        case VideoEdited():
            told = [envelopes.to_followers(event.author_id, event)] if event.known else []
            return [envelopes.to_watchers(event.video_id, event), *told]
        case VideoWithdrawn():
            return [envelopes.to_followers(event.author_id, event)]
    return []


def _of_progress(event: VideoProgressed) -> ProgressEvent:
    name: Progress = "video.progress"
    if event.status == "ready":
        name = "video.ready"
    elif event.status == "failed":
        name = "video.failed"
    return ProgressEvent(name, None, VideoState(event.video_id, event.status, round(event.progress, 3), event.error))
