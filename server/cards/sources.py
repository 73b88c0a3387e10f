"""Which source comes first: the safe start, or the best that fits the bandwidth a client tells."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from server.cards.links import Links
from server.cards.queries import RenditionRow
from server.cards.wire import Source
from server.kit.errors import FieldError, Invalid

MP4, HLS = "video/mp4", "application/vnd.apple.mpegurl"
MASTER = "master.m3u8"
USABLE_SHARE = 0.8
"""Of the bandwidth; the rest is for its swings and for everything else."""
MAX_DIGITS = 12


class HasBitrate(Protocol):
    """Whatever tells how many bit/s it has."""

    @property
    def bitrate(self) -> int: ...


File = TypeVar("File", bound=HasBitrate)


class Mp4Facts(msgspec.Struct, frozen=True):
    """`start`: this is the one to begin with when nothing is known of the client."""

    start: bool = False


def sources(renditions: Sequence[RenditionRow], generation: int | None, links: Links, bandwidth: int | None) -> list[Source]:
    """The sources of a video, best first for a start. HLS stands second, whatever the bandwidth.

    Args:
        renditions: what plays of it.
        generation: of its stream, below which its master playlist is asked for; None without one.
        links: how its media are reached.
        bandwidth: bit/s that the client has, if it said so.
    """
    files = [row for row in renditions if row.kind == "mp4"]
    files.sort(key=lambda row: (not msgspec.json.decode(row.facts, type=Mp4Facts).start, -row.bitrate))
    if bandwidth is not None and files:
        chosen = fitting(files, bandwidth)
        files.sort(key=lambda row: row is not chosen)
    found = [
        Source(MP4, links.to(f"{f.generation}/{f.name}"), f.width, f.height, f.bitrate, f.bytes, links.expires_at) for f in files
    ]
    variants = [row for row in renditions if row.kind == "hls"]
    if generation is not None:
        top = max(variants, key=lambda row: row.bitrate)
        url = links.to(f"{generation}/{MASTER}")
        found.insert(1, Source(HLS, url, top.width, top.height, top.bitrate, None, links.expires_at))
    return found


def fitting(files: Sequence[File], bandwidth: int) -> File:
    """The best of these files that a client with this bandwidth (bit/s) can play; the smallest where none fits."""
    fitting = [row for row in files if row.bitrate <= bandwidth * USABLE_SHARE]
    return max(fitting, key=lambda row: row.bitrate) if fitting else min(files, key=lambda row: row.bitrate)


def bandwidth(query: Mapping[str, str]) -> int | None:
    """The bandwidth to choose for, from `?bandwidth_bps=` and `?save_data=1`, which halves it.

    Raises:
        Invalid: it is no whole number of bit/s.
    """
    text, save = query.get("bandwidth_bps"), query.get("save_data", "0")
    errors = [] if save in ("0", "1") else [FieldError("save_data", "must be 0 or 1")]
    if text is not None and not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and int(text) > 0):
        errors.append(FieldError("bandwidth_bps", "must be a whole number of bit/s"))
    if errors:
        raise Invalid("This choice of source cannot be understood.", errors=errors)
    if text is None:
        # Without a figure, saving data means the smallest.
        return 1 if save == "1" else None
    return int(text) // (2 if save == "1" else 1)
