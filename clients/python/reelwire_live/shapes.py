"""What events and commands carry, as the JSON has it: ids are UUIDs, times RFC 3339, media URLs paths from the root.

A newer server may add fields; they are there, but have no type yet.
"""

from typing import Literal, Required, TypeAlias, TypedDict

Visibility: TypeAlias = Literal["public", "followers", "private"]
Status: TypeAlias = Literal["uploaded", "processing", "playable", "ready", "failed"]
ViewSource: TypeAlias = Literal["following", "suggested", "profile", "link"]


class Author(TypedDict):
    """Who made a video or wrote a comment."""

    id: str
    username: str
    display_name: str
    avatar_url: str | None


class Failure(TypedDict):
    """Why a video cannot be played."""

    code: str
    detail: str


class Source(TypedDict):
    """One way to play a video: `bitrate` in bit/s (the peak for HLS); `bytes` is null for HLS."""

    type: str
    url: str
    width: int
    height: int
    bitrate: int
    bytes: int | None
    expires_at: str | None


class VideoCounts(TypedDict):
    """Global counts, the same for everybody."""

    views: int
    likes: int
    comments: int


class Viewer(TypedDict):
    """What a video is to whoever asks; over the socket nobody asks."""

    liked: bool


class Video(TypedDict):
    """A video as the HTTP API answers it."""

    id: str
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
    preview_url: str | None
    thumbhash: str | None
    storyboard_url: str | None
    counts: VideoCounts
    viewer: Viewer | None
    archived: bool


class VideoState(TypedDict):
    """How far one's own video has come; `progress` is 0..1, and 1 exactly when `ready`."""

    id: str
    status: Status
    progress: float
    error: Failure | None


class VideoChange(TypedDict, total=False):
    """A video's id, and those of its fields that have changed, as they are now."""

    id: Required[str]
    title: str
    description: str
    hashtags: list[str]
    visibility: Visibility
    sources: list[Source]
    poster_url: str | None
    preview_url: str | None
    storyboard_url: str | None
    thumbhash: str | None
    archived: bool


class RemovedVideo(TypedDict):
    """A video that is gone, or no longer to be seen."""

    id: str


class Comment(TypedDict):
    """A comment as the HTTP API answers it."""

    id: str
    video_id: str
    author: Author
    text: str
    created_at: str


class RemovedComment(TypedDict):
    """A comment that is gone, or no longer to be seen."""

    id: str
    video_id: str


class LiveCounts(TypedDict):
    """The counts of a video that is watched; `watchers` is how many accounts watch it now."""

    video_id: str
    views: int
    likes: int
    comments: int
    watchers: int


class UserCounts(TypedDict):
    """Of an account, without deleted ones."""

    followers: int
    following: int
    videos: int


class UserViewer(TypedDict):
    """What an account is to whoever asks."""

    following: bool


class User(TypedDict):
    """An account as the HTTP API answers it."""

    id: str
    username: str
    display_name: str
    avatar_url: str | None
    bio: str
    created_at: str
    counts: UserCounts
    viewer: UserViewer | None


class NewLike(TypedDict):
    """Who liked a video of the account last, and how many do; at most one in five seconds is told for each video."""

    video_id: str
    user: Author
    likes: int


class View(TypedDict):
    """How a video was watched, told once it was left.

    `watched_ms` is for how long pictures moved, repeats included; `completed`: to its end at least once; `replays`: how
    often to its end after that; `source`: where it was come upon.
    """

    video_id: str
    watched_ms: int
    completed: bool
    replays: int
    source: ViewSource
