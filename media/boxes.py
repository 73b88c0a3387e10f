"""The boxes of ISO base media files (ISO/IEC 14496-12), as much as is needed to cut tracks into segments and to check them."""

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from media.errors import Internal

CONTAINERS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex", b"edts"})
NOT_SYNC: Final = 0x10000  # sample_is_non_sync_sample, ISO/IEC 14496-12, 8.8.3.1
MOST_SAMPLES: Final = 100_000  # of a run: a count alone costs its writer nothing, and its reader memory


class Box(NamedTuple):
    """One box: its type, where its content begins and ends in the file."""

    kind: bytes
    start: int
    content: int
    end: int


class Segment(msgspec.Struct, frozen=True):
    """One fragment: bytes `offset` to `offset + size`; `ticks` long from `time`."""

    offset: int
    size: int
    time: int
    ticks: int
    samples: int
    begins_with_sync: bool


class Track(msgspec.Struct, frozen=True):
    """A CMAF track in one file: the header, and the segments behind it without a gap."""

    init_size: int
    timescale: int
    codecs: str
    segments: tuple[Segment, ...]
    bytes: int

    @property
    def seconds(self) -> float:
        return sum(segment.ticks for segment in self.segments) / self.timescale


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes side by side between two positions.

    Raises:
        Internal: one reaches over the end; we wrote these files, so that is our bug.
    """
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, start + 8)[0], 16
        if size < head or start + size > end:
            raise Internal(f"box {kind!r} at {start} reaches over its end")
        yield Box(kind, start, start + head, start + size)
        start += size


def find(data: bytes, path: str, start: int = 0, end: int | None = None) -> Box:
    """The first box at a path such as `moov/trak/mdia/mdhd`.

    Raises:
        Internal: there is none.
    """
    kind, _, rest = path.partition("/")
    for box in boxes(data, start, len(data) if end is None else end):
        if box.kind == kind.encode():
            return find(data, rest, box.content, box.end) if rest else box
    raise Internal(f"no box {kind}")


def order(path: Path) -> list[bytes]:
    """The types of the outermost boxes, in their order."""
    data = path.read_bytes()
    return [box.kind for box in boxes(data, 0, len(data))]


def track(path: Path) -> Track:
    """Read a single-track CMAF file."""
    data = path.read_bytes()
    outer = list(boxes(data, 0, len(data)))
    moov = next(box for box in outer if box.kind == b"moov")
    default = track_defaults(data, moov)
    segments, begin = [], moov.end
    for moof, mdat in pairwise(outer):
        if moof.kind == b"moof" and mdat.kind == b"mdat":
            segments.append(_segment(data, begin, moof, mdat, default))
            begin = mdat.end
    return Track(moov.end, timescale(data, moov), _codecs(data, moov), tuple(segments), len(data))


def grouped(track: Track, starts: Sequence[float]) -> Track:
    """The same track with longer segments: those fragments that begin at none of `starts` (seconds) belong to the one before."""
    segments: list[Segment] = []
    for fragment in track.segments:
        begins = any(abs(fragment.time / track.timescale - start) < fragment.ticks / track.timescale / 2 for start in starts)
        if begins or not segments:
            segments.append(fragment)
        else:
            before = segments[-1]
            segments[-1] = replace(
                before,
                size=before.size + fragment.size,
                ticks=before.ticks + fragment.ticks,
                samples=before.samples + fragment.samples,
            )
    return replace(track, segments=tuple(segments))


def timescale(data: bytes, moov: Box) -> int:
    """Ticks a second of the first track."""
    mdhd = find(data, "trak/mdia/mdhd", moov.content, moov.end)
    at = 20 if data[mdhd.content] == 1 else 12
    return int(struct.unpack_from(">I", data, mdhd.content + at)[0])


def _codecs(data: bytes, moov: Box) -> str:
    """The CODECS value (RFC 6381, 3.3) out of the first sample entry."""
    stsd = find(data, "trak/mdia/minf/stbl/stsd", moov.content, moov.end)
    entry = next(boxes(data, stsd.content + 8, stsd.end))
    if entry.kind == b"avc1":
        avcc = find(data, "avcC", entry.content + 78, entry.end)
        return f"avc1.{data[avcc.content + 1 : avcc.content + 4].hex()}"
    if entry.kind == b"mp4a":
        return "mp4a.40.2"  # we write AAC-LC only
    raise Internal(f"sample entry {entry.kind!r}")


def track_defaults(data: bytes, moov: Box) -> tuple[int, ...]:
    """Description, duration, size and flags of samples of which fragments say nothing (trex, 8.8.3)."""
    return struct.unpack_from(">IIII", data, find(data, "mvex/trex", moov.content, moov.end).content + 8)


def defaults(data: bytes, tfhd: Box, default: Sequence[int]) -> list[int]:
    """The same within one fragment (tfhd, 8.8.7), of which its samples say nothing; `default` are the track's."""
    flags, at = int.from_bytes(data[tfhd.content + 1 : tfhd.content + 4]), tfhd.content + 8
    at += 8 * bool(flags & 1)
    values = list(default)
    for place, bit in enumerate((0x2, 0x8, 0x10, 0x20)):
        if flags & bit:
            values[place] = struct.unpack_from(">I", data, at)[0]
            at += 4
    return values


def _segment(data: bytes, begin: int, moof: Box, mdat: Box, default: Sequence[int]) -> Segment:
    """One fragment; `default` are the track's (`track_defaults`)."""
    traf = find(data, "traf", moof.content, moof.end)
    values = defaults(data, find(data, "tfhd", traf.content, traf.end), default)
    tfdt = find(data, "tfdt", traf.content, traf.end)
    time = struct.unpack_from(">Q" if data[tfdt.content] else ">I", data, tfdt.content + 4)[0]
    found = list(samples(data, find(data, "trun", traf.content, traf.end), values))
    return Segment(
        offset=begin,
        size=mdat.end - begin,
        time=time,
        ticks=sum(duration for duration, _, _ in found),
        samples=len(found),
        begins_with_sync=not found[0][2] & NOT_SYNC,
    )


def samples(data: bytes, trun: Box, default: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Duration, size and flags of each sample of a run (8.8.8); `default` as trex has them.

    Raises:
        Internal: it claims more samples than there can be.
    """
    flags = int.from_bytes(data[trun.content + 1 : trun.content + 4])
    count = struct.unpack_from(">I", data, trun.content + 4)[0]
    at = trun.content + 8 + 4 * bool(flags & 0x1)
    first_flags = struct.unpack_from(">I", data, at)[0] if flags & 0x4 else None
    at += 4 * bool(flags & 0x4)
    if count > MOST_SAMPLES or at + count * 4 * (flags >> 8 & 0xF).bit_count() > trun.end:
        raise Internal(f"a run of {count} samples")
    for number in range(count):
        values = [default[1], default[2], first_flags if number == 0 and first_flags is not None else default[3]]
        for place, bit in enumerate((0x100, 0x200, 0x400)):
            if flags & bit:
                values[place] = struct.unpack_from(">I", data, at)[0]
                at += 4
        at += 4 * bool(flags & 0x800)
        yield values[0], values[1], values[2]
