"""Display matrices: which of the eight ways a phone was held, and the filters that put the picture upright.

`frame.rotation` is wrong for mirrored clips, so the signs of the matrix decide (ISO/IEC 14496-12, 8.3.2: 16.16 fixed point).
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Final, cast

import av
from av.buffer import Buffer

HALF: Final = 1 << 15  # 0.5 in 16.16
Signs = tuple[int, int, int, int]

UPRIGHT: Final[Signs] = (1, 0, 0, 1)
FILTERS: Final[dict[Signs, list[tuple[str, str]]]] = {
    UPRIGHT: [],
    (-1, 0, 0, 1): [("hflip", "")],
    (1, 0, 0, -1): [("vflip", "")],
    (-1, 0, 0, -1): [("hflip", ""), ("vflip", "")],
    (0, 1, -1, 0): [("transpose", "clock")],
    (0, -1, 1, 0): [("transpose", "cclock")],
    (0, 1, 1, 0): [("transpose", "cclock_flip")],
    (0, -1, -1, 0): [("transpose", "clock_flip")],
}


def signs(frame: av.VideoFrame) -> Signs:
    """The orientation of a decoded frame; upright where there is no matrix or one that no camera writes."""
    sides = cast("Mapping[str, Buffer]", frame.side_data)  # the stub knows one of its keys only
    try:
        data = bytes(sides["DISPLAYMATRIX"])
    except KeyError:
        return UPRIGHT
    if len(data) != struct.calcsize("9i"):
        return UPRIGHT
    a, b, _, c, d, *_ = ((entry > HALF) - (entry < -HALF) for entry in struct.unpack("9i", data))
    return (a, b, c, d) if (a, b, c, d) in FILTERS else UPRIGHT


def turns(orientation: Sequence[int]) -> bool:
    """Whether width and height change places."""
    return orientation[0] == 0


def filters(orientation: Sequence[int]) -> list[tuple[str, str]]:
    """The filters, with their arguments, that put a picture upright."""
    return FILTERS[tuple(orientation)]  # type: ignore[index]
