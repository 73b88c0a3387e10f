"""The answers `video` and `comment`."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from server.videos.wire import Failure, Status, Visibility


class Author(msgspec.Struct, frozen=True):
    """Who made it."""

    id: UUID
    username: str
    display_name: str
    avatar_url: str | None


class Source(msgspec.Struct, frozen=True):
    """One way to play a video.

    Attributes:
        bitrate: bit/s; the peak for HLS.
        bytes: size of the file; null for HLS.
        expires_at: when a signed URL ends; null for public videos.
    """

    type: str
    url: str
    width: int
    height: int
    bitrate: int
    bytes: int | None
    expires_at: str | None


class VideoCounts(msgspec.Struct, frozen=True):
    """Global counts, the same for everybody."""

    views: int
    likes: int
    comments: int


class VideoViewer(msgspec.Struct, frozen=True):
    """What the video is to whoever asks."""

    liked: bool


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """A video as the API answers it and the socket pushes it."""

    id: UUID
    author: Author
    title: str
    description: str
    hashtags: list[str]
    visibility: Visibility
    status: Status
    progress: float
    error: Failure | None
    created_at: str
    published_at: str | None
    duration_ms: int | None
    width: int | None
    height: int | None
    sources: list[Source]
    poster_url: str | None
    preview_url: str | None = None
    thumbhash: str | None
    storyboard_url: str | None = None
    counts: VideoCounts
    viewer: VideoViewer | None
    archived: Annotated[bool, Meta(description="Hardly watched: one MP4 is there; the rest comes back.")] = False


class Comment(msgspec.Struct, frozen=True):
    """A comment as the API answers it."""

    id: UUID
    video_id: UUID
    author: Author
    text: str
    created_at: str


class FeedItem(Video, frozen=True, kw_only=True):
    """A video in a feed, with its newest comments."""

    top_comments: list[Comment]
