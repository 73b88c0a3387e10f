"""Checks of fragments: times without a gap, durations that are true, and IDR pictures where they belong (sections 7 and 8)."""

from itertools import pairwise
from typing import Final

from media.lint.finding import Findings
from media.lint.track import Loaded, Track

SLACK_SECONDS: Final = 0.5  # of a segment over the target
IDR_SECONDS: Final = 2.0


def check(track: Track, findings: Findings) -> None:
    """The segments of pictures or sound."""
    for segment in track.segments:
        _cmaf(track, segment, findings)
        if track.header.video and not segment.fragments[0].begins_with_idr:
            findings.error("7.4", _where(track, segment), "the segment does not begin with an IDR picture")
    if not track.whole:
        return
    _times(track, findings)
    _bytes(track, findings)
    _durations(track, findings)
    if track.header.video:
        _spacing(track, findings)


def check_iframes(track: Track, findings: Findings) -> None:
    """The segments of an I-frame playlist: a moof and one whole IDR picture each, at the times that EXTINF adds up to."""
    said = 0.0
    for segment in track.segments:
        first, where = segment.fragments[0], _where(track, segment)
        if not first.begins_with_idr:
            findings.error("RFC 8216 4.3.3.6", where, "the range does not begin with an IDR picture")
        if first.first_end > segment.size:
            findings.error(
                "RFC 8216 4.3.3.6", where, f"the range ends {first.first_end - segment.size} bytes too early for the picture"
            )
        if track.whole and abs(first.time / track.header.timescale - said) > track.frame:
            findings.error("8.1", where, f"the picture is of {first.time / track.header.timescale:.3f} s, not of {said:.3f}")
        said += segment.said.seconds


def _where(track: Track, segment: Loaded) -> str:
    return f"{track.place}:{segment.said.line}"


def _cmaf(track: Track, segment: Loaded, findings: Findings) -> None:
    where = _where(track, segment)
    for part in segment.fragments:
        if part.tracks != 1:
            findings.error("CMAF track", where, f"a fragment has {part.tracks} tracks, not one")
        if not part.base_is_moof:
            findings.error("CMAF tfhd", where, "a fragment does not set default-base-is-moof")
    if not segment.fragments[0].begins_with_sync:
        findings.error("CMAF fragment", where, "it does not begin with a sync sample")


def _times(track: Track, findings: Findings) -> None:
    """Decode times go on where the fragment before ends, from 0."""
    expected = 0
    for segment in track.segments:
        for part in segment.fragments:
            if part.time != expected:
                clause = "7.3" if expected else "CMAF tfdt"
                findings.error(clause, _where(track, segment), f"tfdt is {part.time}, and {expected} is where it goes on")
            expected = part.time + part.ticks


def _bytes(track: Track, findings: Findings) -> None:
    """The header, the segments and the end of a file meet (what lies between them may be an index, so it is no error)."""
    header, first, last = track.playlist.header, track.segments[0], track.segments[-1]
    span = last.said.span
    if header and header.size and header.uri == first.said.span.uri and header.start + header.size != first.said.span.start:
        findings.warn("7.1", track.place, "other bytes lie between the header and the first segment")
    if span.start + last.size != last.total:
        findings.warn("7.1", _where(track, last), f"{last.total - span.start - last.size} bytes behind it belong to no segment")


def _durations(track: Track, findings: Findings) -> None:
    """Any run of EXTINF is true to within a picture, and no segment is much longer than the target."""
    drift = [0.0]
    for segment in track.segments:
        seconds = segment.ticks / track.header.timescale
        drift.append(drift[-1] + segment.said.seconds - seconds)
        if seconds > track.playlist.target + SLACK_SECONDS:
            findings.error("7.7", _where(track, segment), f"{seconds:.3f} s is over half a second more than the target")
        if max(drift) - min(drift) > track.frame:
            where = _where(track, segment)
            findings.error("8.1", where, f"EXTINF and the media differ by {max(drift) - min(drift):.3f} s, more than a picture")
            return


def _spacing(track: Track, findings: Findings) -> None:
    """An IDR picture at least every two seconds."""
    end = round(track.seconds * track.header.timescale)
    moments = [moment for segment in track.segments for part in segment.fragments for moment in part.idr]
    widest = max((after - before for before, after in pairwise([*moments, end])), default=end) / track.header.timescale
    if widest > IDR_SECONDS + track.frame:
        findings.warn("1.13", track.place, f"IDR pictures are up to {widest:.3f} s apart")
