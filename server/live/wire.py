"""Messages of the live socket, in both directions; the AsyncAPI document is made from them."""

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta

from server.cards.wire import Video
from server.plays.wire import MOST_AT_ONCE, WatchedVideo
from server.videos.wire import Failure, Status

SUBPROTOCOL = "reelwire.v1"

MessageId = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
"""A client's number for a command; whole, and exact in every JSON parser."""
Progress = Literal["video.progress", "video.ready", "video.failed"]


class Ticket(msgspec.Struct, frozen=True):
    """What `POST /live/tickets` answers: good once, within so many seconds."""

    ticket: str
    expires_in: int


class Welcome(msgspec.Struct, frozen=True, tag_field="type", tag="welcome"):
    """The first message. Everything published after `position` is delivered, or replayed when asked for."""

    session: UUID
    position: str
    heartbeat_ms: int
    max_message_bytes: int


class VideoState(msgspec.Struct, frozen=True):
    """How far an author's own video has come."""

    id: UUID
    status: Status
    progress: float
    error: Failure | None


class PublishedEvent(msgspec.Struct, frozen=True, tag_field="type", tag="event"):
    """To every follower of its author: a video can be played. A replay carries it as it is then."""

    event: Literal["video.published"]
    position: str
    data: Video


class ProgressEvent(msgspec.Struct, frozen=True, tag_field="type", tag="event"):
    """To the author: a video has come further, to its end or to a failure. Sent at most once."""

    event: Progress
    position: None
    data: VideoState


class RawPublishedEvent(msgspec.Struct, frozen=True, tag_field="type", tag="event"):
    """A `PublishedEvent` around JSON that was made before."""

    event: Literal["video.published"]
    position: str
    data: msgspec.Raw


class CaughtUp(msgspec.Struct, frozen=True, tag_field="type", tag="caught_up"):
    """The end of a replay.

    Attributes:
        recovered: false when the gap cannot be replayed: reload the feed over HTTP.
        missed: how many `video.published` came before this message.
        position: everything up to here has been delivered, or must be reloaded.
    """

    recovered: bool
    missed: int
    position: str


class Ack(msgspec.Struct, frozen=True, tag_field="type", tag="ack"):
    """The command with this id was done."""

    id: MessageId | None
    data: dict[str, str] = {}


class Error(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """A message was refused; ten in a minute end the session."""

    id: MessageId | None
    code: str
    detail: str


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    """The answer to `ping`."""

    id: MessageId | None


class Reauthenticate(msgspec.Struct, frozen=True, tag_field="type", tag="reauthenticate"):
    """The access token expires in a minute: send `auth` with a new one."""


class Resume(msgspec.Struct, frozen=True, tag_field="type", tag="resume"):
    """As the first message: replay what was published after this position."""

    position: str
    id: MessageId | None = None


class Auth(msgspec.Struct, frozen=True, tag_field="type", tag="auth"):
    """A new access token of the same account; answered by `ack`."""

    token: str
    id: MessageId | None = None


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    """Answered by `pong`."""

    id: MessageId | None = None


class View(msgspec.Struct, frozen=True, tag_field="type", tag="view"):
    """What was watched since the last one, as over HTTP; answered by `ack` when it is on disk.

    Videos that are gone, hidden or not playable are left out without a word.
    """

    views: Annotated[list[WatchedVideo], Meta(max_length=MOST_AT_ONCE)]
    id: MessageId | None = None


ServerMessage: TypeAlias = Welcome | PublishedEvent | ProgressEvent | CaughtUp | Ack | Error | Pong | Reauthenticate
ClientMessage: TypeAlias = Resume | Auth | Ping | View
