"""What the steps make: the files in their folder, and every fact about them that a server has to keep."""

import hashlib
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

# A child may have been taken over by the file it decodes: names are checked before the parent opens anything by them.
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,40}\.(mp4|m3u8|jpg|webp|vtt)$")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Size = Annotated[int, msgspec.Meta(ge=1, le=1 << 14)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Codecs = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9.]{1,40}$")]
Kind = Literal[
    "video_track", "audio_track", "media_playlist", "iframe_playlist", "progressive",
    "poster", "preview", "storyboard", "storyboard_cues", "avatar",
]  # fmt: skip
ContentType = Literal["video/mp4", "audio/mp4", "application/vnd.apple.mpegurl", "image/jpeg", "image/webp", "text/vtt"]
TYPES: Final[dict[Kind, ContentType]] = {
    "video_track": "video/mp4",
    "audio_track": "audio/mp4",
    "media_playlist": "application/vnd.apple.mpegurl",
    "iframe_playlist": "application/vnd.apple.mpegurl",
    "progressive": "video/mp4",
    "poster": "image/jpeg",
    "preview": "image/webp",
    "storyboard": "image/jpeg",
    "storyboard_cues": "text/vtt",
    "avatar": "image/jpeg",
}


class File(msgspec.Struct, frozen=True):
    """One object to be stored under its name, with its type for `Content-Type`."""

    name: Name
    kind: Kind
    content_type: ContentType
    bytes: Count
    sha256: Digest


def listed(path: Path, kind: Kind) -> File:
    """A file that is written, as it lies there."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(name=path.name, kind=kind, content_type=TYPES[kind], bytes=path.stat().st_size, sha256=digest)


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """One variant's pictures in HLS. Bandwidths are bit/s as measured, without sound: RFC 8216, 4.3.4.2."""

    name: str
    short_edge: Size
    width: Size
    height: Size
    frame_rate: float
    codecs: Codecs
    bandwidth: Count
    average_bandwidth: Count
    default: bool
    playlist: Name
    track: Name
    bytes: Count


class IFrames(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures about a second apart, each a key, for scrubbing in HLS. Bandwidths are bit/s as measured."""

    name: str
    width: Size
    height: Size
    codecs: Codecs
    bandwidth: Count
    average_bandwidth: Count
    playlist: Name
    track: Name
    bytes: Count


class AudioTrack(msgspec.Struct, frozen=True, kw_only=True):
    """The sound that all variants share. Bandwidths are bit/s as measured."""

    codecs: Codecs
    channels: Count
    bandwidth: Count
    average_bandwidth: Count
    playlist: Name
    track: Name
    bytes: Count


class Mp4(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file with its index first. `bitrate` is its average, bit/s; `start` marks the one to begin with."""

    name: Name
    width: Size
    height: Size
    bitrate: Count
    bytes: Count
    start: bool = False


class Poster(msgspec.Struct, frozen=True, kw_only=True):
    """The still, and its thumbhash (base64) for the moment before it is there: https://evanw.github.io/thumbhash/."""

    name: Name
    width: Size
    height: Size
    bytes: Count
    thumbhash: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]{4,60}={0,2}$")]


class Still(msgspec.Struct, frozen=True, kw_only=True):
    """A poster that somebody chose, instead of the one that was picked."""

    poster: Poster
    files: list[File]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A few moving seconds without sound, for lists: an animated WebP. `starts_ms` is where in the clip it was taken."""

    name: Name
    width: Size
    height: Size
    starts_ms: Count
    frames: Count
    bytes: Count


class Storyboard(msgspec.Struct, frozen=True, kw_only=True):
    """Small pictures of the whole clip in one, row by row: what a player shows beside the thumb of its time line.

    Tile number n is seen from n * `interval_ms` on; the last one until `ends_ms`. `cues` is the WebVTT file that says the same.
    """

    name: Name
    cues: Name
    tile_width: Size
    tile_height: Size
    columns: Count
    tiles: Count
    interval_ms: Count
    ends_ms: Count
    bytes: Count


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """What is made of a rendition for those who look around."""

    preview: Preview
    storyboard: Storyboard
    files: list[File]


class FirstSource(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a video playable. `seconds` is what plays; width and height are the upload's, upright.

    Attributes:
        copied: the upload's own pictures are shown, and stay; else the ladder replaces what was encoded in a hurry.
    """

    seconds: float
    width: Size
    height: Size
    copied: bool
    mp4: Mp4
    poster: Poster
    files: list[File]


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """All rungs, the sound that they share, and what is shown while somebody scrubs.

    Attributes:
        replaces: files of the first source that better ones stand in for.
        unlisted: names of renditions that must not be listed; `reasons` are the rules that they break.
    """

    renditions: list[Rendition]
    audio: AudioTrack | None = None
    iframes: list[IFrames] = []
    mp4s: list[Mp4]
    replaces: list[Name] = []
    unlisted: list[str] = []
    reasons: list[str] = []
    files: list[File] = []
