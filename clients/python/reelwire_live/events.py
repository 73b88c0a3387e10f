"""What a client hears: the server's events, each with its name on the wire as `event`, and what becomes of the session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from reelwire_live.shapes import (
    Comment,
    LiveCounts,
    NewLike,
    RemovedComment,
    RemovedVideo,
    User,
    Video,
    VideoChange,
    VideoState,
)


@dataclass(frozen=True, slots=True)
class VideoPublished:
    """A video of somebody whom the account follows can be played. It comes for every one, and once."""

    event: ClassVar[str] = "video.published"
    data: Video


@dataclass(frozen=True, slots=True)
class VideoProgress:
    """A video of the account has come further."""

    event: Literal["video.progress", "video.ready", "video.failed"]
    data: VideoState


@dataclass(frozen=True, slots=True)
class VideoUpdated:
    """A video of somebody followed, or one that is watched, has changed."""

    event: ClassVar[str] = "video.updated"
    data: VideoChange


@dataclass(frozen=True, slots=True)
class VideoRemoved:
    """A video of somebody followed, or one that is watched, is not to be seen any more."""

    event: ClassVar[str] = "video.removed"
    data: RemovedVideo


@dataclass(frozen=True, slots=True)
class CommentCreated:
    """Somebody commented on a video that is watched."""

    event: ClassVar[str] = "comment.created"
    data: Comment


@dataclass(frozen=True, slots=True)
class CommentRemoved:
    """A comment on a video that is watched is gone."""

    event: ClassVar[str] = "comment.removed"
    data: RemovedComment


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a video that is watched: once at first, then at most twice a second."""

    event: ClassVar[str] = "counts"
    data: LiveCounts


@dataclass(frozen=True, slots=True)
class FollowerNew:
    """Somebody follows the account."""

    event: ClassVar[str] = "follower.new"
    data: User


@dataclass(frozen=True, slots=True)
class CommentOnYours:
    """Somebody commented on a video of the account."""

    event: ClassVar[str] = "comment.on_yours"
    data: Comment


@dataclass(frozen=True, slots=True)
class LikeOnYours:
    """Somebody likes a video of the account."""

    event: ClassVar[str] = "like.on_yours"
    data: NewLike


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event that this version does not know, as it came."""

    event: str
    data: Any


@dataclass(frozen=True, slots=True)
class Connected:
    """A session is open. After a break, reload whatever shows events other than publications: those are not replayed."""

    session: str


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was missed has come, `missed` publications.

    `recovered` is false when too much was missed to be replayed: reload the feed over HTTP.
    """

    recovered: bool
    missed: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """There is no session for now (`code` 1006 or 401, say, and why); the next try comes after `again_in` seconds."""

    code: int
    reason: str
    again_in: float


@dataclass(frozen=True, slots=True)
class WatchEnded:
    """A video that was watched could not be watched again after a break, and why; it may have been deleted."""

    video_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server refused something that it could not relate to a command of ours."""

    code: str
    detail: str


Event: TypeAlias = (
    VideoPublished
    | VideoProgress
    | VideoUpdated
    | VideoRemoved
    | CommentCreated
    | CommentRemoved
    | Counts
    | FollowerNew
    | CommentOnYours
    | LikeOnYours
    | UnknownEvent
)
Happening: TypeAlias = Event | Connected | CaughtUp | Disconnected | WatchEnded | Refused

PROGRESS = ("video.progress", "video.ready", "video.failed")
KINDS: Mapping[str, type[Any]] = {
    kind.event: kind
    for kind in (
        VideoPublished,
        VideoUpdated,
        VideoRemoved,
        CommentCreated,
        CommentRemoved,
        Counts,
        FollowerNew,
        CommentOnYours,
        LikeOnYours,
    )
} | dict.fromkeys(PROGRESS, VideoProgress)
"""Which class an event is, by its name on the wire."""


def event_of(name: str, data: Any) -> Event:
    """The event that a message carries; one that has no class here is an `UnknownEvent`."""
    kind = KINDS.get(name)
    if kind is None:
        return UnknownEvent(name, data)
    event: Event = VideoProgress(name, data) if kind is VideoProgress else kind(data)  # type: ignore[arg-type]
    return event
