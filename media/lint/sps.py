"""The sequence parameter set of H.264 (ITU-T H.264, 7.3.2.1.1), as far as to know whether pictures may be interlaced."""

from typing import Final

WITH_CHROMA: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})
MOST_ZEROS: Final = 31  # of an Exp-Golomb code (9.1)


class _Bits:
    """Reads bits from the left; raises IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data), 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise IndexError("the parameter set ends too early")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        """ue(v), 9.1."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > MOST_ZEROS:
                raise IndexError("an Exp-Golomb code is too long")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """se(v), 9.1.1."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def interlaced(unit: bytes) -> bool:
    """Whether frame_mbs_only_flag is 0: then pictures may be fields.

    Raises:
        IndexError: the parameter set is cut off.
    """
    bits = _Bits(unit[1:].replace(b"\0\0\3", b"\0\0"))  # emulation prevention, 7.4.1
    profile = bits.take(8)
    bits.take(16)
    bits.unsigned()
    if profile in WITH_CHROMA:
        _chroma(bits)
    bits.unsigned()
    _order(bits)
    bits.unsigned()
    bits.take(1)
    bits.unsigned()
    bits.unsigned()
    return not bits.take(1)


def _chroma(bits: _Bits) -> None:
    chroma = bits.unsigned()
    if chroma == 3:
        bits.take(1)
    bits.unsigned()
    bits.unsigned()
    bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _scaling(bits, 16 if index < 6 else 64)


def _scaling(bits: _Bits, size: int) -> None:
    """A scaling list, 7.3.2.1.1.1."""
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _order(bits: _Bits) -> None:
    """The picture order count's part."""
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()
