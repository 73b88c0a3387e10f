"""Checks HLS streams of recordings in CMAF: Apple's authoring specification, RFC 8216 and its successor draft, CMAF.

Pure but for the reading of a folder: whoever has a stream elsewhere brings a `Reader`.

    from media.lint import check_folder

    findings = check_folder(folder, playlist.master(renditions, audio))
    broken = [finding for finding in findings if finding.severity == "error"]

Numbers of clauses are those of the authoring specification as of 2024. What it demands (MUST) is an error, what it
recommends (SHOULD) a warning. Not in it, but checked: a variant for slow networks (App Review Guidelines, 2.5.7), and
that segments begin at 0 and lie side by side in their file.
"""

from media.lint.finding import Finding
from media.lint.reading import AbsentError, Part, Reader
from media.lint.stream import check, check_folder

__all__ = ["AbsentError", "Finding", "Part", "Reader", "check", "check_folder"]
