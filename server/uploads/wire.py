"""Shapes of uploads: how one is kept, and the answers of the calls that are not tus."""

from datetime import datetime
from uuid import UUID

import msgspec

from server.cards.wire import Video
from server.videos.wire import Described, Visibility


class StoredPart(msgspec.Struct, frozen=True, array_like=True):
    """A part of the multipart upload that counts; parts follow each other in the order of the list."""

    number: int
    etag: str
    bytes: int


class Tail(msgspec.Struct, frozen=True, array_like=True):
    """What one request left over after its last whole part, or several such joined.

    Attributes:
        key: an object of its own in the raw bucket.
        level: how many times its bytes were joined with others.
    """

    key: str
    level: int
    bytes: int


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload as it is stored.

    Attributes:
        length: in bytes; None for a one-shot form.
        offset: bytes that are safe.
        state: of the running SHA-256 at that offset.
        writer: fencing token of the request that writes.
        expires_at: until then it can be continued, or when finished asked for.
    """

    account_id: UUID
    id: UUID
    length: int | None
    offset: int = 0
    title: str = ""
    description: str = ""
    visibility: Visibility = "public"
    multipart_id: str | None = None
    parts: list[StoredPart] = []
    tails: list[Tail] = []
    state: bytes
    writer: int = 1
    expires_at: datetime
    video_id: UUID | None = None
    duplicate: bool = False


class Progress(msgspec.Struct, frozen=True):
    """How far an upload is after a request: the video when it is finished."""

    offset: int
    expires_at: datetime
    video_id: UUID | None = None
    duplicate: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What came of a request that began an upload, when it is about to be committed.

    Attributes:
        said: of the video.
        sha256: of the bytes that it brought; None where it brought none.
    """

    upload: Upload
    reached: Progress
    said: Described
    sha256: bytes | None


class Limits(msgspec.Struct, frozen=True):
    """What an upload may be, so that a client can refuse early; `remaining_today` is null where nothing limits it."""

    max_bytes: int
    max_duration_ms: int
    remaining_today: int | None
    accepted_types: list[str]


class UploadedVideo(msgspec.Struct, frozen=True):
    """The answer to a one-shot upload."""

    video: Video


class DuplicateVideo(msgspec.Struct, frozen=True):
    """The answer to a one-shot upload of bytes that the account had uploaded before."""

    video: Video
    duplicate: bool = True
