"""A master playlist read: its variants, renditions of sound and I-frame playlists (RFC 8216, 4.3.4)."""

from typing import Final, TypeVar

import msgspec

from media.lint.entries import Entry, attributes, entries
from media.lint.finding import Findings
from media.lint.reading import MOST_ADDRESSES

VARIANT: Final = "RFC 8216 4.3.4.2"
RENDITION: Final = "RFC 8216 4.3.4.1"
IFRAMES: Final = "RFC 8216 4.3.4.3"
Kind = TypeVar("Kind")


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-STREAM-INF, or EXT-X-I-FRAME-STREAM-INF. What is not said is None; bit/s, pixels, pictures a second."""

    line: int
    uri: str
    bandwidth: int | None
    average: int | None
    codecs: tuple[str, ...] | None
    size: tuple[int, int] | None
    frame_rate: float | None
    video_range: str | None
    audio: str | None

    @property
    def short_edge(self) -> int:
        return min(self.size) if self.size else 0


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """EXT-X-MEDIA of the type AUDIO. Without `uri` the sound lies in the variants' own files."""

    line: int
    group: str
    uri: str | None
    channels: str | None


class Master(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, in its order."""

    place: str
    variants: list[Variant]
    iframes: list[Variant]
    sounds: list[Sound]
    independent: bool


def read(text: str, place: str, findings: Findings) -> Master:
    """Read a master playlist; what it lacks to be one is reported."""
    found = entries(text, place, findings)
    variants, iframes, sounds = [], [], []
    for entry, following in zip(found, [*found[1:], Entry(0, "", "")], strict=True):
        if entry.tag == "EXT-X-STREAM-INF":
            if following.tag or not following.value:
                findings.error(VARIANT, f"{place}:{entry.line}", "no address follows EXT-X-STREAM-INF")
            else:
                variants.append(_variant(entry, attributes(entry, place, findings), following.value))
        elif entry.tag == "EXT-X-I-FRAME-STREAM-INF":
            named = attributes(entry, place, findings)
            if "URI" in named:
                iframes.append(_variant(entry, named, named["URI"]))
            else:
                findings.error(IFRAMES, f"{place}:{entry.line}", "EXT-X-I-FRAME-STREAM-INF has no URI")
        elif entry.tag == "EXT-X-MEDIA":
            sounds += _sound(entry, place, findings)
    return Master(
        place=place,
        variants=_some(variants, "variants", place, findings),
        iframes=_some(iframes, "I-frame playlists", place, findings),
        sounds=_some(sounds, "renditions", place, findings),
        independent=any(entry.tag == "EXT-X-INDEPENDENT-SEGMENTS" for entry in found),
    )


def _variant(entry: Entry, named: dict[str, str], uri: str) -> Variant:
    size = named.get("RESOLUTION")
    return Variant(
        line=entry.line,
        uri=uri,
        bandwidth=_whole(named.get("BANDWIDTH")),
        average=_whole(named.get("AVERAGE-BANDWIDTH")),
        codecs=tuple(codec.strip() for codec in named["CODECS"].split(",")) if "CODECS" in named else None,
        size=(int(size.partition("x")[0]), int(size.partition("x")[2])) if size else None,
        frame_rate=float(named["FRAME-RATE"]) if "FRAME-RATE" in named else None,
        video_range=named.get("VIDEO-RANGE"),
        audio=named.get("AUDIO"),
    )


def _whole(value: str | None) -> int | None:
    return None if value is None else int(value)


def _sound(entry: Entry, place: str, findings: Findings) -> list[Sound]:
    """The rendition in a list, an empty one where it is not sound."""
    named, where = attributes(entry, place, findings), f"{place}:{entry.line}"
    for needed in ("TYPE", "GROUP-ID", "NAME"):
        if needed not in named:
            findings.error(RENDITION, where, f"EXT-X-MEDIA has no {needed}")
    if named.get("TYPE") != "VIDEO" and "LANGUAGE" not in named:
        findings.error("8.10", where, "EXT-X-MEDIA has no LANGUAGE; und stands for one that nobody knows")
    if named.get("TYPE") != "AUDIO" or "GROUP-ID" not in named:
        return []
    return [Sound(line=entry.line, group=named["GROUP-ID"], uri=named.get("URI"), channels=named.get("CHANNELS"))]


def _some(found: list[Kind], what: str, place: str, findings: Findings) -> list[Kind]:
    if len(found) > MOST_ADDRESSES:
        findings.error("RFC 8216 10", place, f"{len(found)} {what} are more than this check follows ({MOST_ADDRESSES})")
    return found[:MOST_ADDRESSES]
