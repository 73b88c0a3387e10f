"""Carries events from committed work to the broker: at most once, in order, and never in anybody's way."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
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

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0
"""Before the broker is tried again by whoever has something that must be told; they double, with jitter."""
UNTOLD_SECONDS = 120.0
"""Longer than others believe it: COMMENTS_SECONDS of server/cards/kept.py, LIKED_SECONDS of server/feed/readers.py."""

log = logging.getLogger(__name__)


class Touches:
    """What many do at once is told together, to every process."""

    def __init__(self) -> None:
        self._commented: dict[UUID, None] = {}
        self._liked: dict[UUID, None] = {}
        self._accounts: dict[UUID, None] = {}

    def __bool__(self) -> bool:
        return bool(self._commented or self._accounts)

    def add(self, event: msgspec.Struct) -> None:
        """Somebody has commented, liked, or taken that back; MOST_TOUCHED of each are told at once."""
        match event:
            case Commented(comment) if len(self._commented) < MOST_TOUCHED:
                self._commented[comment.video_id] = None
            case Liked() | Unliked() if len(self._accounts) < MOST_TOUCHED:
                self._liked[event.video_id] = None
                self._accounts[event.account_id] = None

    def taken(self) -> "Touches":
        """All that has come; nothing of it is left here."""
        taken = Touches()
        taken.__dict__, self.__dict__ = self.__dict__, taken.__dict__
        return taken

    def put_back(self, taken: "Touches") -> None:
        """It could not be told."""
        for own, other in ((self._commented, taken._commented), (self._liked, taken._liked), (self._accounts, taken._accounts)):
            if len(own) < MOST_TOUCHED:
                own.update(other)

    def messages(self) -> list[Message]:
        """What tells all of it."""
        told = [list(some) for some in (self._commented, self._liked, self._accounts)]
        return [
            envelopes.touched(*(some[at : at + TOLD_AT_ONCE] for some in told))
            for at in range(0, max(map(len, told)), TOLD_AT_ONCE)
        ]


class BrokerAnnouncer:
    """See `Announcer`; `run` is a task of the process.

    Nothing here is the only way of anything that matters: publications are rows, invalidations and jobs are polled. What was
    commented on and liked has no other way, and is told once the broker is back: others have it in memory.

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
        self._untold_since: float | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._again_at = float("-inf")
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
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._again_at if self._touched else None):
                    await self._news.wait()
            self._news.clear()
            while self._waiting or self._is_due():
                some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
                await self._send(some, self._touched.taken() if self._is_due() else Touches())

    def _is_due(self) -> bool:
        """Whether somebody is to be told of touches now; not while it is but a moment that they could not be told."""
        return bool(self._touched) and asyncio.get_running_loop().time() >= self._again_at

    async def _send(self, messages: list[Message], touched: Touches) -> None:
        touches = touched.messages()
        try:
            await self._broker.publish(messages + touches)
            self._failing = False
            self._untold_since, self._pause, self._again_at = None, FIRST_PAUSE_SECONDS, float("-inf")
        except BrokerUnavailable as error:
            metrics.DROPPED.inc(len(messages))
            if not self._failing:
                log.warning("events are dropped, the broker is away: %s", error)
            self._failing = True
            if touched:
                self._keep(touched)
        except Exception:
            metrics.DROPPED.inc(len(messages) + len(touches))
            log.exception("events are dropped")

    def _keep(self, touched: Touches) -> None:
        """It could not be told: it is later, unless by then nobody believes any more what was read before it."""
        now = asyncio.get_running_loop().time()
        self._untold_since = now if self._untold_since is None else self._untold_since
        if now - self._untold_since > UNTOLD_SECONDS:
            metrics.DROPPED.inc(len(touched.messages()))
            self._untold_since = None
        else:
            self._touched.put_back(touched)
        self._again_at = now + self._pause * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)


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
