"""The init segment of a CMAF track read (ISO/IEC 14496-12 and -15): its brands, its tracks, and what the decoder is told."""

import struct
from typing import Final

import msgspec

from media.boxes import Box, boxes, find
from media.lint.sps import interlaced

VIDEO_ENTRY, AUDIO_ENTRY = 78, 28  # bytes of a sample entry before its boxes (14496-12, 12.1.3 and 12.2.3)
H264: Final = frozenset({b"avc1", b"avc3"})
HEVC: Final = frozenset({b"hvc1", b"hev1", b"dvh1", b"dvhe"})
OTHER_VIDEO: Final = frozenset({b"av01"})
_MPEG4_AUDIO: Final = 0x40  # objectTypeIndication (14496-1, 7.2.6.6)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What an init segment says of its first track; `codec` is its value for CODECS (RFC 6381), or the bare sample entry."""

    brands: frozenset[bytes]
    tracks: int
    fragmented: bool
    timescale: int
    defaults: tuple[int, int, int, int]
    entry: bytes
    codec: str
    size: tuple[int, int] = (0, 0)
    channels: int = 0
    profile: int = 0
    level: int = 0
    interlaced: bool = False
    length_size: int = 4

    @property
    def video(self) -> bool:
        return self.entry in H264 | HEVC | OTHER_VIDEO

    @property
    def stereo_aac(self) -> bool:
        """AAC-LC, HE-AAC v1 or v2 (object types 2, 5, 29) of two channels; v2 makes two of one."""
        kind = self.codec.removeprefix("mp4a.40.")
        return (kind in ("2", "5") and self.channels == 2) or (kind == "29" and self.channels in (1, 2))


def read(data: bytes) -> Header:
    """Read an init segment.

    Raises:
        Internal, struct.error, IndexError, ZeroDivisionError: it is none.
    """
    outer = {box.kind: box for box in boxes(data, 0, len(data))}
    moov = find(data, "moov")
    inner = list(boxes(data, moov.content, moov.end))
    brands = outer[b"ftyp"] if b"ftyp" in outer else Box(b"ftyp", 0, 0, 0)
    stsd = find(data, "trak/mdia/minf/stbl/stsd", moov.content, moov.end)
    entry = next(boxes(data, stsd.content + 8, stsd.end))
    fragmented = any(box.kind == b"mvex" for box in inner)
    common = Header(
        brands=frozenset(_words(data, brands)),
        tracks=sum(box.kind == b"trak" for box in inner),
        fragmented=fragmented,
        timescale=_timescale(data, moov),
        defaults=struct.unpack_from(">IIII", data, find(data, "mvex/trex", moov.content, moov.end).content + 8)
        if fragmented
        else (1, 0, 0, 0),
        entry=entry.kind,
        codec=entry.kind.decode("latin-1"),
    )
    return msgspec.structs.replace(common, **_described(data, entry))


def _words(data: bytes, ftyp: Box) -> list[bytes]:
    """The major brand and the compatible ones (14496-12, 4.3)."""
    words = [data[at : at + 4] for at in range(ftyp.content, ftyp.end, 4)]
    return words[:1] + words[2:]


def _timescale(data: bytes, moov: Box) -> int:
    mdhd = find(data, "trak/mdia/mdhd", moov.content, moov.end)
    found = int(struct.unpack_from(">I", data, mdhd.content + (20 if data[mdhd.content] == 1 else 12))[0])
    if not found:
        raise IndexError("a timescale of 0")
    return found


def _described(data: bytes, entry: Box) -> dict[str, object]:
    """What the sample entry says, by the fields of `Header`."""
    if entry.kind == b"mp4a":
        return _sound(data, entry)
    if entry.kind not in H264 | HEVC | OTHER_VIDEO:
        return {}
    size = struct.unpack_from(">HH", data, entry.content + 24)
    if entry.kind in H264:
        return {"size": size, **_h264(data, entry)}
    if entry.kind in HEVC:
        at = find(data, "hvcC", entry.content + VIDEO_ENTRY, entry.end).content
        return {"size": size, "length_size": (data[at + 21] & 3) + 1}
    return {"size": size}


def _h264(data: bytes, entry: Box) -> dict[str, object]:
    """The decoder configuration record (14496-15, 5.3.3.1)."""
    at = find(data, "avcC", entry.content + VIDEO_ENTRY, entry.end).content
    length = int(struct.unpack_from(">H", data, at + 6)[0])
    return {
        "codec": f"{entry.kind.decode()}.{data[at + 1 : at + 4].hex()}",
        "profile": data[at + 1],
        "level": data[at + 3],
        "length_size": (data[at + 4] & 3) + 1,
        "interlaced": interlaced(data[at + 8 : at + 8 + length]),
    }


def _sound(data: bytes, entry: Box) -> dict[str, object]:
    """The audio specific configuration in the descriptors of esds (14496-1, 7.2.6.5; 14496-3, 1.6.2.1)."""
    esds = find(data, "esds", entry.content + AUDIO_ENTRY, entry.end)
    at = _inside(data, esds.content + 4, 3)
    flags = data[at + 2]
    at += 3 + 2 * bool(flags & 0x80) + (1 + data[at + 3] if flags & 0x40 else 0) + 2 * bool(flags & 0x20)
    at = _inside(data, at, 4)
    kind = data[at]
    if kind != _MPEG4_AUDIO:
        return {"codec": f"mp4a.{kind:02x}", "channels": int(struct.unpack_from(">H", data, entry.content + 16)[0])}
    at = _inside(data, at + 13, 5)
    bits, left = int.from_bytes(data[at : at + 8]), 59
    object_type = bits >> left & 31
    if object_type == 31:
        left -= 6
        object_type = 32 + (bits >> left & 63)
    left -= 4
    if bits >> left & 15 == 15:
        left -= 24
    return {"codec": f"mp4a.40.{object_type}", "channels": _CHANNELS.get(bits >> (left - 4) & 15, 0)}


_CHANNELS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8}  # 14496-3, table 1.19


def _inside(data: bytes, at: int, tag: int) -> int:
    """Where the content of the descriptor at a position begins (14496-1, 8.3.3: seven bits of size a byte)."""
    if data[at] != tag:
        raise IndexError(f"descriptor {data[at]} where {tag} belongs")
    at += 1
    while data[at] & 0x80:
        at += 1
    return at + 1
