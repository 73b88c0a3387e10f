"""Shapes of videos: what comes in, what other rooms hand over, what is announced."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

Visibility = Literal["public", "followers", "private"]
Status = Literal["uploaded", "processing", "playable", "ready", "failed"]
Tier = Literal["warm", "archiving", "archived", "restoring"]
Title = Annotated[str, Meta(max_length=150)]
Description = Annotated[str, Meta(max_length=2200)]

PLAYS: frozenset[Status] = frozenset({"playable", "ready"})


class Described(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an author says of a new video, by form field or by tus metadata."""

    title: Title = ""
    description: Description = ""
    visibility: Visibility = "public"


class PatchVideo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH /videos/{id}: what is absent stays as it is."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET


class Part(msgspec.Struct, frozen=True, array_like=True):
    """One part of an open S3 multipart upload."""

    number: int
    etag: str


class RawObject(msgspec.Struct, frozen=True):
    """An upload as it came, in the raw bucket.

    Attributes:
        key: its name there.
        multipart_id: the multipart upload that the job has to complete; None where the object is whole.
        parts: of that multipart upload, in order.
        bytes: its size.
    """

    key: str
    multipart_id: str | None
    parts: list[Part]
    bytes: int


class NewVideo(msgspec.Struct, frozen=True):
    """Everything that is known of a video when its last byte has arrived."""

    author_id: UUID
    title: str
    description: str
    visibility: Visibility
    sha256: bytes
    raw: RawObject


class Created(msgspec.Struct, frozen=True):
    """The video that these bytes are; `duplicate` when the author had uploaded them before.

    `ready` when it plays already, by what is stored of another author's.
    """

    video_id: UUID
    duplicate: bool
    ready: bool = False


class VideoHead(msgspec.Struct, frozen=True):
    """As much of a video as another room needs to act on it."""

    id: UUID
    author_id: UUID
    visibility: Visibility
    status: Status

    @property
    def plays(self) -> bool:
        return self.status in PLAYS


class Told(msgspec.Struct, frozen=True):
    """What an author says of a video, and since when others have heard of it."""

    title: str
    description: str
    hashtags: list[str]
    visibility: Visibility
    published_at: datetime | None

    @property
    def shown(self) -> bool:
        """Whether others than its author may see it: it was published, and so it plays."""
        return self.published_at is not None and self.visibility != "private"


class Shared(msgspec.Struct, frozen=True):
    """Files of a video's generation that are stored once, as those of another's; all of them where `names` is None."""

    generation: int
    media_id: UUID
    media_generation: int
    names: frozenset[str] | None


class MediaState(msgspec.Struct, frozen=True):
    """What the media origin has to know before it serves a byte; `shared` in the order to look things up."""

    visibility: Visibility
    plays: bool
    final: bool
    shared: list[Shared] = []


class Listed(msgspec.Struct, frozen=True):
    """A video in a list: its id and its place in the order."""

    at: datetime
    video_id: UUID


class Failure(msgspec.Struct, frozen=True):
    """Why a video cannot be played."""

    code: Annotated[str, Meta(description="One of the words of media/errors.py: unreadable, no_video, too_long and so on.")]
    detail: str


class VideoProgressed(msgspec.Struct, frozen=True, tag="video.progressed"):
    """A video's status or progress changed; for its author."""

    video_id: UUID
    author_id: UUID
    status: Status
    progress: float
    error: Failure | None = None


class VideoPublishing(msgspec.Struct, frozen=True, tag="video_publishing"):
    """The author is about to publish: told ahead of the commit, so that nobody takes what was there before for the newest."""

    author_id: UUID


class VideoPublished(msgspec.Struct, frozen=True, tag="video.published"):
    """A row of the publication log was written; the relay finds it there."""

    video_id: UUID
    author_id: UUID


class VideoEdited(msgspec.Struct, frozen=True, tag="video.edited"):
    """Something that a video shows of itself was changed.

    Attributes:
        fields: which, by their names in a card.
        known: whoever may see it now may have heard of it before; false for a video that is published only now.
    """

    video_id: UUID
    author_id: UUID
    fields: list[str]
    known: bool = True


class VideoWithdrawn(msgspec.Struct, frozen=True, tag="video.withdrawn"):
    """A video that the author's followers could see is deleted, or private, or does not play any more."""

    video_id: UUID
    author_id: UUID


class JobQueued(msgspec.Struct, frozen=True, tag="job.queued"):
    """A media job waits; workers need not wait for their next poll."""

    video_id: UUID
