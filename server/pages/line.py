"""Anybody's text as one line that keeps to its place: in a title, in an attribute, in somebody else's preview."""

import unicodedata

TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn what follows round (UAX #9): behind a title there are words that are not its author's."""
JOINER = "\u200d"


def one_line(text: str, most: int) -> str:
    """The text without line breaks, controls and what turns it round; beyond `most` code points it ends in an ellipsis."""
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if c not in TURNING)
    line = " ".join("".join(kept).split())
    return line if len(line) <= most else line[:most].rstrip(f" {JOINER}") + "…"
