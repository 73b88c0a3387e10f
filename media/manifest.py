"""What the steps make: the files in their folder, and every fact about them that a server has to keep."""

from typing import Annotated, Literal

import msgspec

# A child may have been taken over by the file it decodes: names are checked before the parent opens anything by them.
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,40}\.(mp4|m3u8|jpg)$")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Size = Annotated[int, msgspec.Meta(ge=1, le=1 << 14)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Codecs = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9.]{1,40}$")]
Kind = Literal["video_track", "audio_track", "media_playlist", "iframe_playlist", "progressive", "poster"]
ContentType = Literal["video/mp4", "audio/mp4", "application/vnd.apple.mpegurl", "image/jpeg"]


class File(msgspec.Struct, frozen=True):
    """One object to be stored under its name, with its type for `Content-Type`."""

    name: Name
    kind: Kind
    content_type: ContentType
    bytes: Count
    sha256: Digest


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
    iframe_bandwidth: Count
    iframe_average_bandwidth: Count
    default: bool
    playlist: Name
    iframes: Name
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
    """A whole file with its index first. `bitrate` is its average, bit/s."""

    name: Name
    width: Size
    height: Size
    bitrate: Count
    bytes: Count


class Poster(msgspec.Struct, frozen=True, kw_only=True):
    """The still, and its thumbhash (base64) for the moment before it is there: https://evanw.github.io/thumbhash/."""

    name: Name
    width: Size
    height: Size
    bytes: Count
    thumbhash: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]{4,60}={0,2}$")]


class FirstSource(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a video playable. `seconds` is what plays; width and height are the upload's, upright."""

    seconds: float
    width: Size
    height: Size
    rendition: Rendition
    audio: AudioTrack | None
    mp4: Mp4
    poster: Poster
    files: list[File]


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """The other rungs, best first."""

    renditions: list[Rendition]
    mp4s: list[Mp4]
    files: list[File]
