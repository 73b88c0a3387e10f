"""A media playlist with what its addresses lead to: the header, and the facts of every segment."""

import struct
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import urljoin

import msgspec

from media.errors import Internal
from media.lint import fragment, header, playlist
from media.lint.finding import Findings
from media.lint.fragment import Fragment
from media.lint.header import Header
from media.lint.playlist import Playlist, Segment, Span
from media.lint.reading import HEADER_BYTES, SEGMENT_BYTES, AbsentError, Part, Reader

UNREADABLE: Final = (Internal, struct.error, IndexError, StopIteration, RuntimeError)
Read = TypeVar("Read")


class Loaded(msgspec.Struct, frozen=True):
    """One segment as it is: what the playlist says, how many bytes it has, how many its file, and its fragments."""

    said: Segment
    size: int
    total: int
    fragments: list[Fragment]

    @property
    def time(self) -> int:
        return self.fragments[0].time

    @property
    def ticks(self) -> int:
        return sum(part.ticks for part in self.fragments)


class Track(msgspec.Struct, frozen=True):
    """A playlist, its header, and the segments that could be read: all of them, or `whole` is false."""

    playlist: Playlist
    header: Header
    segments: list[Loaded]

    @property
    def place(self) -> str:
        return self.playlist.place

    @property
    def whole(self) -> bool:
        return bool(self.segments) and len(self.segments) == len(self.playlist.segments)

    @property
    def seconds(self) -> float:
        return sum(segment.ticks for segment in self.segments) / self.header.timescale

    @property
    def frame(self) -> float:
        """How long one picture, or frame of sound, is shown: seconds, on average."""
        return self.seconds / max(1, sum(part.samples for segment in self.segments for part in segment.fragments))


class Loader:
    """Follows the addresses of one stream. `place` names an address for people."""

    def __init__(self, reader: Reader, findings: Findings, place: Callable[[str], str]) -> None:
        self._reader = reader
        self._findings = findings
        self._place = place

    def playlist(self, uri: str) -> Playlist | None:
        """Read a media playlist, with every address in it resolved; None, and a finding, where that is not possible.

        A playlist that leads to further playlists is not followed: there are two levels, not more.
        """
        try:
            found = playlist.read(self._reader.playlist(uri), self._place(uri), self._findings)
        except AbsentError as error:
            self._findings.error("RFC 8216 4.1", self._place(uri), f"the playlist {error}")
            return None
        if not found.segments:
            self._findings.error("RFC 8216 4.1", found.place, "it has no segments")
            return None
        found.header = found.header and _resolved(uri, found.header)
        found.segments = [msgspec.structs.replace(one, span=_resolved(uri, one.span)) for one in found.segments]
        return found

    def track(self, found: Playlist) -> Track | None:
        """Read everything that a playlist names; None, and a finding, where there is no header to begin with."""
        if found.header is None:
            self._findings.error("8.20", found.place, "there is no EXT-X-MAP")
            return None
        part = self._part(found.header, HEADER_BYTES, found.place)
        head = part and self._read(lambda: header.read(part.data), found.place, "the init segment")
        if not head:
            return None
        if not head.fragmented:
            self._findings.error("CMAF header", found.place, "the init segment has no mvex, so no fragments belong to it")
        loaded = (self._segment(found, segment, head) for segment in found.segments)
        return Track(found, head, [segment for segment in loaded if segment])

    def _segment(self, found: Playlist, segment: Segment, head: Header) -> Loaded | None:
        where = f"{found.place}:{segment.line}"
        part = self._part(segment.span, SEGMENT_BYTES, where)
        if part is None:
            return None
        fragments = self._read(lambda: fragment.read(part.data, head), where, "the segment")
        return Loaded(segment, len(part.data), part.total, fragments) if fragments else None

    def _part(self, span: Span, most: int, where: str) -> Part | None:
        name = self._place(span.uri)
        if span.size and span.size > most:
            self._findings.error("RFC 8216 10", where, f"{span.size} bytes of {name} are more than this check reads ({most})")
            return None
        try:
            part = self._reader.part(span.uri, span.start, span.size)
        except AbsentError as error:
            self._findings.error("RFC 8216 3", where, f"{name} {error}")
            return None
        if len(part.data) < (span.size or 1):
            end = span.start + (span.size or 1)
            self._findings.error(playlist.BYTE_RANGE, where, f"the range ends at {end}, {name} at {part.total}")
            return None
        return part

    def _read(self, reading: Callable[[], Read], where: str, what: str) -> Read | None:
        try:
            return reading()
        except UNREADABLE as error:
            self._findings.error("CMAF boxes", where, f"{what} cannot be read: {error}")
            return None


def _resolved(base: str, span: Span) -> Span:
    return msgspec.structs.replace(span, uri=urljoin(base, span.uri))
