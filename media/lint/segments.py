"""Checks of a media playlist by itself: durations, version, ranges, and what a recording must say (section 8)."""

from itertools import pairwise
from typing import Final

from media.lint.finding import Findings
from media.lint.playlist import Playlist

DENSE_SECONDS: Final = 1.05  # between I-frames: one second, and a picture
VERSIONS: Final = {"EXT-X-BYTERANGE": 4, "EXT-X-I-FRAMES-ONLY": 4, "EXT-X-MAP": 6, "EXT-X-DEFINE": 8, "EXT-X-SKIP": 9}


def check(playlist: Playlist, iframes: bool, findings: Findings) -> None:
    """Everything that the text alone tells; `iframes` where the master calls it an I-frame playlist."""
    place = playlist.place
    if not playlist.ended:
        findings.error("RFC 8216 4.3.3.4", place, "EXT-X-ENDLIST is not there, so players wait for more")
    if playlist.kind != "VOD":
        findings.error("8.6", place, f"EXT-X-PLAYLIST-TYPE is {playlist.kind or 'not there'}, not VOD")
    if iframes != playlist.iframes_only:
        findings.error("6.8", place, f"EXT-X-I-FRAMES-ONLY is {'not there' if iframes else 'there, in a playlist of a variant'}")
    _durations(playlist, findings)
    _version(playlist, findings)
    _ranges(playlist, findings)
    if iframes and max(segment.seconds for segment in playlist.segments) > DENSE_SECONDS:
        findings.warn("6.2", place, "I-frames are further apart than a second: scrubbing shows few pictures")


def _durations(playlist: Playlist, findings: Findings) -> None:
    if not playlist.target:
        findings.error("RFC 8216 4.3.3.1", playlist.place, "EXT-X-TARGETDURATION is not there")
        return
    for segment in playlist.segments:
        if int(segment.seconds + 0.5) > playlist.target:
            findings.error(
                "RFC 8216 4.3.3.1",
                f"{playlist.place}:{segment.line}",
                f"{segment.seconds:g} s, rounded, is more than the target of {playlist.target} s",
            )


def _version(playlist: Playlist, findings: Findings) -> None:
    """RFC 8216, section 7: which version a tag needs."""
    needed = {tag: VERSIONS[tag] for tag in playlist.tags & VERSIONS.keys()}
    if "EXT-X-MAP" in needed and playlist.iframes_only:
        needed["EXT-X-MAP"] = 5
    if playlist.fractions:
        needed["EXTINF with a fraction"] = 3
    for tag, version in sorted(needed.items()):
        if playlist.version < version:
            findings.error("RFC 8216 7", playlist.place, f"{tag} needs version {version}, the playlist has {playlist.version}")


def _ranges(playlist: Playlist, findings: Findings) -> None:
    """Ranges of one file follow each other without a gap; those of I-frames only go forward."""
    for before, after in pairwise(playlist.segments):
        one, other = before.span, after.span
        if one.uri != other.uri or one.size is None:
            continue
        gap = other.start - one.start - one.size
        if gap < 0 or (gap and not playlist.iframes_only):
            what = f"{gap} bytes between" if gap > 0 else f"{-gap} bytes in both of"
            findings.error("7.1", f"{playlist.place}:{after.line}", f"{what} this range and the one before")
