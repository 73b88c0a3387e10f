"""A CMAF track of sound cut anew: a fragment for each moment given, begun at the frame nearest to it (ISO/IEC 14496-12, 8.8)."""

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from media import boxes
from media.errors import Internal

DATA_OFFSET, DURATIONS, SIZES = 0x1, 0x100, 0x200  # flags of trun (8.8.8)
HEADER_BYTES: Final = 8  # of a box: its size and its type


class Frame(NamedTuple):
    """One frame of sound: how long it is in the track's timescale, and its bytes."""

    ticks: int
    data: bytes


class _Track(NamedTuple):
    """A file taken apart: the header, what all fragments say of their frames (tfhd, 8.8.7), its default duration, the frames."""

    header: bytes
    tfhd: bytes
    usual_ticks: int
    timescale: int
    frames: list[Frame]


def cut(data: bytes, starts: Sequence[float]) -> bytes:
    """The same frames behind the same header, in other fragments.

    Args:
        data: a CMAF file of sound as libavformat writes it, in one fragment or several.
        starts: when fragments begin, in seconds, rising from 0. Where no frame is nearest to one, there is no fragment for it.

    Raises:
        Internal: its frames are not where its boxes say; we wrote it, so that is our bug.
    """
    track = _read(data)
    times = list(accumulate((frame.ticks for frame in track.frames), initial=0))
    firsts = sorted({0, *(_nearest(times, start * track.timescale) for start in starts)} - {len(track.frames)})
    pieces = [track.header]
    for number, (first, end) in enumerate(pairwise([*firsts, len(track.frames)]), start=1):
        pieces += _fragment(number, times[first], track, track.frames[first:end])
    return b"".join(pieces)


def _nearest(times: Sequence[int], wanted: float) -> int:
    """The place of the time nearest to the one that is wanted; times rise."""
    after = min(bisect_left(times, wanted), len(times) - 1)
    return after - 1 if after and wanted - times[after - 1] < times[after] - wanted else after


def _read(data: bytes) -> _Track:
    outer = list(boxes.boxes(data, 0, len(data)))
    moov = next(box for box in outer if box.kind == b"moov")
    parts = [(moof, mdat) for moof, mdat in pairwise(outer) if moof.kind == b"moof" and mdat.kind == b"mdat"]
    tfhds = [boxes.find(data, "traf/tfhd", moof.content, moof.end) for moof, _ in parts]
    defaults = [boxes.defaults(data, tfhd, boxes.track_defaults(data, moov)) for tfhd in tfhds]
    frames = [frame for part, default in zip(parts, defaults, strict=True) for frame in _frames(data, *part, default)]
    if not frames:
        raise Internal("a track without frames")
    tfhd = data[tfhds[0].start : tfhds[0].end]
    return _Track(data[: moov.end], tfhd, defaults[0][1], boxes.timescale(data, moov), frames)


def _frames(data: bytes, moof: boxes.Box, mdat: boxes.Box, default: Sequence[int]) -> Iterator[Frame]:
    """The frames of a fragment of one run, which fill its mdat."""
    at = mdat.content
    for ticks, size, _ in boxes.samples(data, boxes.find(data, "traf/trun", moof.content, moof.end), default):
        yield Frame(ticks, data[at : at + size])
        at += size
    if at != mdat.end:
        raise Internal(f"frames end at {at}, their mdat at {mdat.end}")


def _fragment(number: int, time: int, track: _Track, frames: Sequence[Frame]) -> list[bytes]:
    """The moof (8.8.4) and the mdat of some frames; `time` is when they begin, `number` counts fragments from 1."""
    own_ticks = any(frame.ticks != track.usual_ticks for frame in frames)
    flags = DATA_OFFSET | SIZES | (DURATIONS if own_ticks else 0)
    entries = b"".join(
        (struct.pack(">I", frame.ticks) if own_ticks else b"") + struct.pack(">I", len(frame.data)) for frame in frames
    )
    before = _box(b"mfhd", struct.pack(">II", 0, number))
    tfdt = _box(b"tfdt", struct.pack(">IQ", 1 << 24, time))

    def moof(offset: int) -> bytes:
        trun = _box(b"trun", struct.pack(">IIi", flags, len(frames), offset), entries)
        return _box(b"moof", before, _box(b"traf", track.tfhd, tfdt, trun))

    media = _box(b"mdat", *(frame.data for frame in frames))
    return [moof(len(moof(0)) + HEADER_BYTES), media]  # the offset counts from the moof: default-base-is-moof


def _box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I4s", HEADER_BYTES + len(content), kind) + content
