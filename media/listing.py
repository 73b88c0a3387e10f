"""What of a stream may be listed: everything is checked as `reelwire lint-hls` does, and what breaks a rule is left out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from media import playlist
from media.errors import Internal
from media.lint import Finding, check_folder
from media.manifest import AudioTrack, IFrames, Rendition

MASTER: Final = "master.m3u8"
MOST_REASONS: Final = 20


class Refused(NamedTuple):
    """Names of renditions, and the findings that speak against them."""

    names: list[str]
    reasons: list[str]


def refused(folder: Path, renditions: Sequence[Rendition], audio: AudioTrack | None, iframes: Sequence[IFrames] = ()) -> Refused:
    """The renditions that break a rule, by name, and what they break.

    Raises:
        Internal: no rendition is without fault, or the fault is in what all of them share.
    """
    kept, names, reasons = list(renditions), list[str](), list[str]()
    while kept:
        text = playlist.master(kept, audio, iframes)
        errors = [finding for finding in check_folder(folder, text, MASTER) if finding.severity == "error"]
        if not errors:
            return Refused(names, reasons[:MOST_REASONS])
        reasons += map(str, errors)
        broken = [rendition for rendition in kept if any(_is_of(finding, rendition, text) for finding in errors)]
        if not broken:
            break
        names += [rendition.name for rendition in broken]
        kept = [rendition for rendition in kept if rendition not in broken]
    raise Internal(f"the stream breaks rules: {'; '.join(reasons[:MOST_REASONS])}")


def _is_of(finding: Finding, rendition: Rendition, master: str) -> bool:
    """Whether a finding is about this rendition: about one of its files, or about its lines in the master playlist."""
    name, _, line = finding.place.partition(":")
    if name == MASTER and line.isdigit():
        name = " ".join(master.splitlines()[int(line) - 1 : int(line) + 1])
        return rendition.playlist in name
    return name in (rendition.playlist, rendition.track)
