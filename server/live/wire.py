"""Messages of the live socket, in both directions; the AsyncAPI document is made from them."""

from typing import Annotated, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from server.cards.wire import Author, Comment, Source, Video
from server.plays.wire import MOST_AT_ONCE, WatchedVideo
from server.profiles.wire import User
from server.videos.wire import Failure, Status, Visibility

MessageId = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
"""A client's number for a command; whole, and exact in every JSON parser."""
Key = Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,255}$")]
"""A client's name for one command, of visible ASCII: what it says twice under the same name is done once."""
Progress = Literal["video.progress", "video.ready", "video.failed"]

Name = TypeVar("Name")
Data = TypeVar("Data")


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


class Fleeting(msgspec.Struct, Generic[Name, Data], frozen=True, tag_field="type", tag="event"):
    """An event that has no place in the log: it is sent at most once."""

    event: Name
    position: None
    data: Data


class PublishedEvent(msgspec.Struct, frozen=True, tag_field="type", tag="event"):
    """To every follower of its author: a video can be played. A replay carries it as it is then."""

    event: Literal["video.published"]
    position: str
    data: Video


class ProgressEvent(Fleeting[Progress, VideoState], frozen=True):
    """To the author: a video has come further, to its end or to a failure. Sent at most once."""


class RawPublishedEvent(msgspec.Struct, frozen=True, tag_field="type", tag="event"):
    """A `PublishedEvent` around JSON that was made before."""

    event: Literal["video.published"]
    position: str
    data: msgspec.Raw


class ChangedVideo(msgspec.Struct, frozen=True, kw_only=True):
    """What has changed of a video, as it is now; what has not is left out."""

    id: UUID
    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    hashtags: list[str] | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    sources: list[Source] | UnsetType = UNSET
    poster_url: str | UnsetType | None = UNSET
    preview_url: str | UnsetType | None = UNSET
    storyboard_url: str | UnsetType | None = UNSET
    thumbhash: str | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET


class RemovedVideo(msgspec.Struct, frozen=True):
    """A video that is gone, or not visible to this account any more."""

    id: UUID


class RemovedComment(msgspec.Struct, frozen=True):
    """A comment that was deleted."""

    id: UUID
    video_id: UUID


class Counts(msgspec.Struct, frozen=True):
    """Of one video. `watchers`: accounts that watch it now; one that does on several servers counts once on each."""

    video_id: UUID
    views: int
    likes: int
    comments: int
    watchers: int


class LikeOfYours(msgspec.Struct, frozen=True):
    """Who liked a video of yours last, and how many do."""

    video_id: UUID
    user: Author
    likes: int


class UpdatedEvent(Fleeting[Literal["video.updated"], ChangedVideo], frozen=True):
    """To followers of its author, and to whoever watches it: a video that they may see has changed."""


class RemovedEvent(Fleeting[Literal["video.removed"], RemovedVideo], frozen=True):
    """To followers of its author, and to whoever watched it: a video must not be shown any more. `unwatch` is not needed."""


class CommentEvent(Fleeting[Literal["comment.created", "comment.on_yours"], Comment], frozen=True):
    """A new comment: to whoever watches the video, and as `comment.on_yours` to the video's author unless they wrote it."""


class CommentRemovedEvent(Fleeting[Literal["comment.removed"], RemovedComment], frozen=True):
    """To whoever watches the video: a comment was deleted."""


class CountsEvent(Fleeting[Literal["counts"], Counts], frozen=True):
    """To whoever watches the video: once at the beginning, then when something has changed, at most twice in any second."""


class FollowerEvent(Fleeting[Literal["follower.new"], User], frozen=True):
    """To the account concerned: somebody follows it now. `viewer` is null."""


class LikeEvent(Fleeting[Literal["like.on_yours"], LikeOfYours], frozen=True):
    """To the video's author: somebody likes it. At most one in five seconds for each video, the newest of them."""


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


class Answer(msgspec.Struct, frozen=True, tag_field="type"):
    """To a command, with its id."""

    id: MessageId | None


class Ack(Answer, frozen=True, tag="ack"):
    """The command with this id was done."""

    data: dict[str, str] = {}


class CommentAck(Answer, frozen=True, tag="ack"):
    """The answer to `comment`: it is on disk."""

    data: Comment


class RawCommentAck(Answer, frozen=True, tag="ack"):
    """A `CommentAck` around JSON that was made before."""

    data: msgspec.Raw


class Error(Answer, frozen=True, tag="error"):
    """A message was refused; ten in a minute end the session."""

    code: str
    detail: str


class Pong(Answer, frozen=True, tag="pong"):
    """The answer to `ping`."""


class Reauthenticate(msgspec.Struct, frozen=True, tag_field="type", tag="reauthenticate"):
    """The access token expires in a minute: send `auth` with a new one."""


class Command(msgspec.Struct, frozen=True, tag_field="type", kw_only=True):
    """What a client says; whoever wants to know the answer from others gives it an id."""

    id: MessageId | None = None


class Resume(Command, frozen=True, tag="resume"):
    """As the first message: replay what was published after this position."""

    position: str


class Auth(Command, frozen=True, tag="auth"):
    """A new access token of the same account; answered by `ack`."""

    token: str


class Ping(Command, frozen=True, tag="ping"):
    """Answered by `pong`."""


class View(Command, frozen=True, tag="view"):
    """What was watched since the last one, as over HTTP; answered by `ack` when it is on disk.

    Videos that are gone, hidden or not playable are left out without a word.
    """

    views: Annotated[list[WatchedVideo], Meta(max_length=MOST_AT_ONCE)]


class Watch(Command, frozen=True, tag="watch"):
    """Hear of a video's comments and counts from now on; answered by `ack`, and then by its counts."""

    video_id: UUID


class Unwatch(Command, frozen=True, tag="unwatch"):
    """Hear of them no more; answered by `ack`, also where it was not watched."""

    video_id: UUID


class WriteComment(Command, frozen=True, tag="comment", forbid_unknown_fields=True):
    """Comment on a video, by the rules of HTTP; answered by `ack` with the comment once it is on disk.

    `key` is as `Idempotency-Key` of `POST /videos/{id}/comments`, and known to both: a repeat is answered as the first one was.
    """

    video_id: UUID
    text: str
    key: Key


ServerMessage: TypeAlias = (
    Welcome
    | PublishedEvent
    | ProgressEvent
    | UpdatedEvent
    | RemovedEvent
    | CommentEvent
    | CommentRemovedEvent
    | CountsEvent
    | FollowerEvent
    | LikeEvent
    | CaughtUp
    | Ack
    | CommentAck
    | Error
    | Pong
    | Reauthenticate
)
ClientMessage: TypeAlias = Resume | Auth | Ping | Watch | Unwatch | WriteComment | View
