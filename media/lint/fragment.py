"""The fragments of a segment read: times, sync samples, and the types of the pictures themselves (not what flags say)."""

import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from media.boxes import NOT_SYNC, Box, boxes, find, samples
from media.errors import Internal
from media.lint.header import H264, HEVC, Header

BASE_OFFSET, BASE_IS_MOOF = 0x1, 0x20000  # flags of tfhd (ISO/IEC 14496-12, 8.8.7)
SLICES: Final = range(1, 6)  # NAL units of H.264 with a picture (table 7-1)
IDR: Final = 5
HEVC_SLICES, HEVC_IDR = range(32), (19, 20)
MOST_UNITS: Final = 64  # NAL units before the first slice of a picture
MOST_FRAGMENTS, MOST_SAMPLES = 256, 20_000  # of a segment, of a fragment: counts alone cost their writer nothing


class Sample(msgspec.Struct, frozen=True):
    """One picture or frame of sound: ticks from the start of the fragment, bytes in the file, whether flags call it sync."""

    time: int
    start: int
    size: int
    sync: bool


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """One moof with its samples. `time` and `ticks` in the track's timescale; `idr` are the times of IDR pictures."""

    time: int
    ticks: int
    tracks: int
    samples: int
    begins_with_sync: bool
    begins_with_idr: bool
    base_is_moof: bool
    first_end: int
    idr: tuple[int, ...]


def read(data: bytes, header: Header) -> list[Fragment]:
    """The fragments in these bytes; the media of the last one may be cut off, as I-frame playlists do.

    Raises:
        Internal, struct.error, IndexError: these are no fragments.
    """
    moofs = [box for box in _outer(data) if box.kind == b"moof"]
    if not 0 < len(moofs) <= MOST_FRAGMENTS:
        raise Internal(f"{len(moofs)} fragments")
    return [_fragment(data, moof, header) for moof in moofs]


def _outer(data: bytes) -> Iterator[Box]:
    """The outermost boxes; the last one may reach over the end."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"mdat" and size >= 8 and at + size > len(data):
            return
        yield next(boxes(data, at, len(data)))
        at += size if size != 1 else struct.unpack_from(">Q", data, at + 8)[0]


def _fragment(data: bytes, moof: Box, header: Header) -> Fragment:
    trafs = [box for box in boxes(data, moof.content, moof.end) if box.kind == b"traf"]
    traf = find(data, "traf", moof.content, moof.end)
    tfhd = find(data, "tfhd", traf.content, traf.end)
    flags = int.from_bytes(data[tfhd.content + 1 : tfhd.content + 4])
    tfdt = find(data, "tfdt", traf.content, traf.end)
    time = struct.unpack_from(">Q" if data[tfdt.content] else ">I", data, tfdt.content + 4)[0]
    found, ticks = _samples(data, moof, traf, _defaults(data, tfhd, flags, header))
    idr = [sample for sample in found if sample.sync and header.video and is_idr(data, sample, header)]
    return Fragment(
        time=time,
        ticks=ticks,
        tracks=len(trafs),
        samples=len(found),
        begins_with_sync=found[0].sync,
        begins_with_idr=bool(idr) and idr[0] is found[0],
        base_is_moof=bool(flags & BASE_IS_MOOF) and not flags & BASE_OFFSET,
        first_end=found[0].start + found[0].size,
        idr=tuple(time + sample.time for sample in idr),
    )


def _defaults(data: bytes, tfhd: Box, flags: int, header: Header) -> list[int]:
    """Description, duration, size and flags of samples of which trun says nothing (8.8.7)."""
    at, values = tfhd.content + 8 + 8 * bool(flags & BASE_OFFSET), list(header.defaults)
    for place, bit in enumerate((0x2, 0x8, 0x10, 0x20)):
        if flags & bit:
            values[place] = struct.unpack_from(">I", data, at)[0]
            at += 4
    return values


def _samples(data: bytes, moof: Box, traf: Box, defaults: list[int]) -> tuple[list[Sample], int]:
    """Every sample, and the sum of their ticks."""
    found: list[Sample] = []
    time, at = 0, moof.end + 8
    for trun in boxes(data, traf.content, traf.end):
        if trun.kind != b"trun":
            continue
        if data[trun.content + 3] & 1:
            at = moof.start + struct.unpack_from(">i", data, trun.content + 8)[0]
        for ticks, size, flags in samples(data, trun, defaults):
            if len(found) >= MOST_SAMPLES:
                raise Internal(f"a fragment of more than {MOST_SAMPLES} samples")
            found.append(Sample(time, at, size, not flags & NOT_SYNC))
            time, at = time + ticks, at + size
    if not found or not time:
        raise Internal("a fragment without samples or without length")
    return found, time


def is_idr(data: bytes, sample: Sample, header: Header) -> bool:
    """Whether the first slice of a picture says that it is an IDR picture (H.264, table 7-1; HEVC, table 7-1)."""
    at, end = sample.start, min(sample.start + sample.size, len(data))
    for _ in range(MOST_UNITS):
        if not 0 <= at < end - header.length_size:
            return False
        size = int.from_bytes(data[at : at + header.length_size])
        kind = data[at + header.length_size]
        if header.entry in H264 and kind & 31 in SLICES:
            return kind & 31 == IDR
        if header.entry in HEVC and kind >> 1 & 63 in HEVC_SLICES:
            return kind >> 1 & 63 in HEVC_IDR
        if header.entry not in H264 | HEVC:
            return sample.sync
        at += header.length_size + size
    return False
