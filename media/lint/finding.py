"""What a check says: which clause is not kept, how bad that is, where, and one sentence."""

from typing import Final, Literal

import msgspec

MOST_FINDINGS: Final = 500  # a broken stream needs no more to be known as broken
Severity = Literal["error", "warning"]


class Finding(msgspec.Struct, frozen=True):
    """One clause that is not kept.

    `clause` is a number of Apple's authoring specification ("1.27"), a section of another text ("RFC 8216 4.3.4.2"), or
    a box of CMAF ("CMAF tfdt"). What a text demands is an error, what it recommends a warning.
    """

    severity: Severity
    clause: str
    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.place}: {self.sentence} [{self.clause}]"


class Findings:
    """Collects findings, each once, in the order in which they were made."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def error(self, clause: str, place: str, sentence: str) -> None:
        """Something that is demanded is not so."""
        self._add(Finding("error", clause, place, sentence))

    def warn(self, clause: str, place: str, sentence: str) -> None:
        """Something that is recommended is not so."""
        self._add(Finding("warning", clause, place, sentence))

    def all(self) -> list[Finding]:
        return list(self._found)

    def _add(self, finding: Finding) -> None:
        if len(self._found) < MOST_FINDINGS:
            self._found[finding] = None
