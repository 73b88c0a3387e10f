"""Checks of tracks against each other: one length, one target, the same boundaries (7.x, 8.2, 8.3, 8.7, 8.22)."""

from itertools import accumulate
from typing import Final

from media.lint.finding import Findings
from media.lint.playlist import Playlist
from media.lint.track import Track

SOUND_SLACK: Final = 0.5  # seconds between a boundary of sound and one of pictures, as much as 7.7 gives a segment


def check_targets(playlists: list[Playlist], findings: Findings) -> None:
    """Pictures and sound name one target; I-frame playlists may have another (6.12)."""
    for playlist in playlists:
        if playlist.target != playlists[0].target:
            findings.error(
                "8.2", playlist.place, f"the target is {playlist.target} s, and {playlists[0].target} s in {playlists[0].place}"
            )


def check(pictures: list[Track], sounds: list[Track], iframes: list[Track], findings: Findings) -> None:
    """All tracks against the first one of pictures."""
    if not pictures:
        return
    first = pictures[0]
    for track in pictures[1:]:
        _length(first, track, "8.7", findings)
        _same(first, track, findings)
    for track in sounds:
        _length(first, track, "8.3", findings)
        _near(first, track, findings)
    for track in iframes:
        if abs(track.playlist.seconds - first.playlist.seconds) > first.frame:
            findings.error(
                "8.7", track.place, f"{track.playlist.seconds:.3f} s of I-frames for {first.playlist.seconds:.3f} s of pictures"
            )


def _length(first: Track, track: Track, clause: str, findings: Findings) -> None:
    """The same length, to within a frame of each."""
    if abs(track.seconds - first.seconds) > first.frame + track.frame:
        findings.error(clause, track.place, f"{track.seconds:.3f} s long, and {first.place} is {first.seconds:.3f}")


def _ends(track: Track) -> list[float]:
    return [time / track.header.timescale for time in accumulate(segment.ticks for segment in track.segments)]


def _same(first: Track, track: Track, findings: Findings) -> None:
    """Boundaries of variants are the same to within half a picture."""
    ours, theirs, slack = _ends(first)[:-1], _ends(track)[:-1], min(first.frame, track.frame) / 2
    if len(ours) != len(theirs) or any(abs(a - b) > slack for a, b in zip(ours, theirs, strict=True)):
        findings.error("8.22", track.place, f"its segments have other boundaries than those of {first.place}")


def _near(first: Track, track: Track, findings: Findings) -> None:
    """Each boundary of sound has one of pictures near it: frames of sound have a length of their own."""
    ends = _ends(first)
    if any(min(abs(at - end) for end in ends) > SOUND_SLACK for at in _ends(track)):
        findings.warn("8.22", track.place, f"its segments end more than {SOUND_SLACK} s from those of {first.place}")
