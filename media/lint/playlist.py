"""A media playlist read: its segments, where they lie, and what it says of them (RFC 8216, 4.3.2 and 4.3.3)."""

import re
from typing import Final

import msgspec

from media.lint.entries import Entry, attributes, entries, number, version
from media.lint.finding import Findings
from media.lint.reading import MOST_SEGMENTS

_SECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,12})?),")
_RANGE = re.compile(r"(\d{1,18})(?:@(\d{1,18}))?")
BYTE_RANGE: Final = "RFC 8216 4.3.2.2"


class Span(msgspec.Struct, frozen=True):
    """Bytes of a file; without `size` all from `start` on."""

    uri: str
    start: int
    size: int | None


class Segment(msgspec.Struct, frozen=True):
    """One entry: how long it says it is (seconds), and its bytes."""

    line: int
    seconds: float
    span: Span


class Playlist(msgspec.Struct, kw_only=True):
    """What a media playlist says. `target` is 0 and `kind` empty where nothing is said."""

    place: str
    version: int = 1
    target: int = 0
    kind: str = ""
    ended: bool = False
    iframes_only: bool = False
    independent: bool = False
    header: Span | None = None
    segments: list[Segment] = []
    tags: set[str] = set()
    fractions: bool = False

    @property
    def seconds(self) -> float:
        return sum(segment.seconds for segment in self.segments)


def read(text: str, place: str, findings: Findings) -> Playlist:
    """Read a media playlist; what cannot be understood is reported and left out."""
    found = entries(text, place, findings)
    playlist = Playlist(place=place, version=version(found, place, findings), tags={entry.tag for entry in found})
    pending: dict[str, Entry] = {}
    for entry in found:
        if not entry.tag:
            _segment(playlist, entry, pending, findings)
            pending = {}
        elif entry.tag in ("EXTINF", "EXT-X-BYTERANGE"):
            pending[entry.tag] = entry
        else:
            _head(playlist, entry, findings)
        if len(playlist.segments) >= MOST_SEGMENTS:
            findings.error("RFC 8216 10", f"{place}:{entry.line}", f"more segments than this check follows ({MOST_SEGMENTS})")
            break
    return playlist


def _head(playlist: Playlist, entry: Entry, findings: Findings) -> None:
    """A tag that speaks of the whole playlist."""
    match entry.tag:
        case "EXT-X-TARGETDURATION":
            playlist.target = number(entry.value, 6) or 0
        case "EXT-X-PLAYLIST-TYPE":
            playlist.kind = entry.value
        case "EXT-X-ENDLIST":
            playlist.ended = True
        case "EXT-X-I-FRAMES-ONLY":
            playlist.iframes_only = True
        case "EXT-X-INDEPENDENT-SEGMENTS":
            playlist.independent = True
        case "EXT-X-MAP":
            _map(playlist, entry, findings)


def _map(playlist: Playlist, entry: Entry, findings: Findings) -> None:
    named, where = attributes(entry, playlist.place, findings), f"{playlist.place}:{entry.line}"
    if "URI" not in named:
        findings.error("RFC 8216 4.3.2.5", where, "EXT-X-MAP has no URI")
    elif playlist.header:
        findings.error("CMAF track", where, "a second EXT-X-MAP: a CMAF track has one header")
    else:
        start, size = 0, None
        if match := _RANGE.fullmatch(named.get("BYTERANGE", "")):
            size, start = int(match[1]), int(match[2] or 0)
        playlist.header = Span(named["URI"], start, size)


def _segment(playlist: Playlist, entry: Entry, pending: dict[str, Entry], findings: Findings) -> None:
    where = f"{playlist.place}:{entry.line}"
    length = _SECONDS.match(pending["EXTINF"].value) if "EXTINF" in pending else None
    if length is None:
        findings.error("RFC 8216 4.3.2.1", where, "no EXTINF with a duration and a comma stands before the address")
        return
    playlist.fractions = playlist.fractions or "." in length[1]
    start, size = 0, None
    if "EXT-X-BYTERANGE" in pending:
        match = _RANGE.fullmatch(pending["EXT-X-BYTERANGE"].value)
        before = playlist.segments[-1].span if playlist.segments else None
        if match is None or not int(match[1]):
            findings.error(BYTE_RANGE, where, "a byte range must be a size that is not 0, and perhaps @ and an offset")
            return
        size = int(match[1])
        if match[2]:
            start = int(match[2])
        elif before and before.uri == entry.value and before.size:
            start = before.start + before.size
        else:
            findings.error(BYTE_RANGE, where, "a byte range without an offset follows no other range of its file")
            return
    playlist.segments.append(Segment(entry.line, float(length[1]), Span(entry.value, start, size)))
