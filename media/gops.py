"""Closed groups of pictures found in the packets of an upload, without decoding: what can be cut into segments as it is.

H.264 in ISO base media files (ISO/IEC 14496-15): a sample is NAL units, each with its length in front.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import msgspec
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from media import opening

NAL_TYPE: Final = 0x1F  # ITU-T H.264, 7.3.1
IDR: Final = 5  # ITU-T H.264, table 7-1
AVCC_VERSION: Final = 1
LEVEL_BYTE: Final = 3
LENGTH_BYTE, LENGTH_BITS = 4, 3  # avcC: where it says how many bytes a length has, less one
UNEVEN: Final = 0.5  # of a usual step: further away than this, a picture is not where a constant rate has it


class Gops(msgspec.Struct, frozen=True):
    """Groups that each begin with an IDR picture, and show nothing of an earlier one.

    Attributes:
        starts: when each begins, in seconds after the first picture.
        longest: how many seconds one lasts at the most.
        level: ten times the level that the stream asks of a decoder (ITU-T H.264, annex A).
    """

    starts: tuple[float, ...]
    longest: float
    level: int


def closed(container: InputContainer, stream: VideoStream, step: float) -> Gops | None:
    """The groups of a stream; None where one is open, a picture is hidden or missing, or times are not those of a constant rate.

    Args:
        container: just opened.
        stream: H.264 in avcC form.
        step: the usual distance of two pictures in seconds.
    """
    extra = stream.codec_context.extradata or b""
    if len(extra) <= LENGTH_BYTE or extra[0] != AVCC_VERSION:
        return None
    length = (extra[LENGTH_BYTE] & LENGTH_BITS) + 1
    times: list[int] = []
    keys: list[int] = []
    last: int | None = None
    for packet in opening.packets(container, [stream]):
        if not packet.size:
            continue
        if packet.pts is None or packet.dts is None or packet.is_discard or packet.pts < packet.dts:
            return None
        if last is not None and packet.dts <= last:
            return None
        last = packet.dts
        if packet.is_keyframe:
            if IDR not in _kinds(packet, length):
                return None
            keys.append(packet.pts)
        if not keys or packet.pts < keys[-1]:
            return None  # a leading picture, which needs the group before
        times.append(packet.pts)
    return _steady(sorted(times), keys, float(stream.time_base or 0), step, extra[LEVEL_BYTE])


def _kinds(packet: "Packet[Stream]", length: int) -> Iterator[int]:
    """The types of a sample's NAL units."""
    data, at = bytes(packet), 0
    while at + length < len(data):
        size = int.from_bytes(data[at : at + length])
        yield data[at + length] & NAL_TYPE
        at += length + size


def _steady(times: list[int], keys: list[int], unit: float, step: float, level: int) -> Gops | None:
    if not times or any(abs((after - before) * unit - step) > step * UNEVEN for before, after in pairwise(times)):
        return None
    starts = tuple(round((key - times[0]) * unit, 6) for key in keys)
    if starts[0] or list(starts) != sorted(starts):
        return None
    ends = [*starts[1:], (times[-1] - times[0]) * unit + step]
    return Gops(starts, round(max(end - start for start, end in zip(starts, ends, strict=True)), 6), level)
