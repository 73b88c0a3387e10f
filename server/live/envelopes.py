"""What travels on the broker: small, tagged, in MessagePack."""

from typing import TypeAlias
from uuid import UUID

import msgspec

from pubsub import channels
from pubsub.broker import MAX_PAYLOAD_BYTES, Message
from server.comments.wire import CommentDeleted, Commented
from server.follows.wire import Followed
from server.kit.invalidation import Heard, Invalidated
from server.likes.wire import Liked, Unliked
from server.videos.wire import VideoEdited, VideoPublishing, VideoWithdrawn


class Published(msgspec.Struct, frozen=True, tag="published"):
    """The next entry of the log.

    Attributes:
        video: the video's JSON; None where it is too large for the broker, or where nobody may see it (`shown` is false).
        shown: false for an entry that is skipped; it is sent so that the numbers have no gap.
    """

    epoch: str
    seq: int
    author_id: UUID
    video_id: UUID
    video: bytes | None
    shown: bool


class Pulse(msgspec.Struct, frozen=True, tag="pulse"):
    """The relay lives, and has sent everything up to `seq`."""

    epoch: str
    seq: int


class ToAccount(msgspec.Struct, frozen=True, tag="to_account"):
    """A message for every session of one account, as JSON."""

    account_id: UUID
    message: bytes


class OneTooMany(msgspec.Struct, frozen=True, tag="one_too_many"):
    """The oldest session of an account that has more than it may; the process that has it closes it."""

    account_id: UUID
    session_id: UUID


class WatchersChanged(msgspec.Struct, frozen=True, tag="watchers_changed"):
    """A process has told the tally another number of accounts that watch the video."""

    node: str


class ToWatchers(msgspec.Struct, frozen=True, tag="to_watchers"):
    """Something happened at a video that matters to whoever watches it."""

    video_id: UUID
    fact: Commented | CommentDeleted | Liked | Unliked | VideoEdited | WatchersChanged


class ToFollowers(msgspec.Struct, frozen=True, tag="to_followers"):
    """Something happened to a video that matters to the followers of its author."""

    author_id: UUID
    fact: VideoEdited | VideoWithdrawn


class Noticed(msgspec.Struct, frozen=True, tag="noticed"):
    """Somebody did something that an account is told of."""

    account_id: UUID
    fact: Followed | Liked | Commented


class Touched(msgspec.Struct, frozen=True, tag="touched"):
    """What is shown of these videos beside themselves, and what these accounts like, is worth reading again.

    Attributes:
        commented: videos that were.
        liked: videos that were, or are not any more.
        accounts: who did that.
    """

    commented: list[UUID]
    liked: list[UUID]
    accounts: list[UUID]


Envelope: TypeAlias = (
    Published
    | Pulse
    | ToAccount
    | OneTooMany
    | Invalidated
    | Heard
    | ToWatchers
    | ToFollowers
    | Noticed
    | Touched
    | VideoPublishing
)

_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Envelope] = msgspec.msgpack.Decoder(Envelope)


def published(epoch: str, seq: int, author_id: UUID, video_id: UUID, video: bytes | None) -> Message:
    """The message of an entry; `video` is None where nobody may see it."""
    payload = _encode(Published(epoch, seq, author_id, video_id, video, video is not None))
    if len(payload) > MAX_PAYLOAD_BYTES:
        payload = _encode(Published(epoch, seq, author_id, video_id, None, True))
    return channels.LOG, payload


def pulse(epoch: str, seq: int) -> Message:
    return channels.LOG, _encode(Pulse(epoch, seq))


def to_account(account_id: UUID, message: bytes) -> Message:
    return channels.of(account_id), _encode(ToAccount(account_id, message))


def one_too_many(account_id: UUID, session_id: UUID) -> Message:
    return channels.of(account_id), _encode(OneTooMany(account_id, session_id))


def to_watchers(video_id: UUID, fact: Commented | CommentDeleted | Liked | Unliked | VideoEdited | WatchersChanged) -> Message:
    return channels.video(video_id), _encode(ToWatchers(video_id, fact))


def to_followers(author_id: UUID, fact: VideoEdited | VideoWithdrawn) -> Message:
    return channels.news(author_id), _encode(ToFollowers(author_id, fact))


def noticed(account_id: UUID, fact: Followed | Liked | Commented) -> Message:
    return channels.of(account_id), _encode(Noticed(account_id, fact))


def invalidated(event: Invalidated) -> Message:
    return channels.news(event.account_id), _encode(event)


def heard(event: Heard) -> Message:
    return channels.process(event.by), _encode(event)


def touched(commented: list[UUID], liked: list[UUID], accounts: list[UUID]) -> Message:
    """For every process; it says little, and is sent at most once for all that has come together."""
    return channels.ALL_NEWS[0], _encode(Touched(commented, liked, accounts))


def publishing(event: VideoPublishing) -> Message:
    return channels.news(event.author_id), _encode(event)


def read(payload: bytes) -> Envelope | None:
    """The envelope; None for what another version sends, which this one cannot know."""
    try:
        return _decoder.decode(payload)
    except msgspec.DecodeError:
        return None
