"""Playlists line by line: tags and addresses (RFC 8216, 4.1), and the attribute lists in tags (4.2)."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from media.lint.finding import Findings

MASTER_TAGS: Final = frozenset({"EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-MEDIA"})
MEDIA_TAGS: Final = frozenset({"EXTINF", "EXT-X-TARGETDURATION", "EXT-X-BYTERANGE", "EXT-X-MAP", "EXT-X-ENDLIST"})
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",\s]+)(?:,|$)')
_STRING, _NUMBER, _WORD = r'"[^"]*"', r"\d{1,18}", r"[A-Z0-9-]+"
_ADDRESS = re.compile(r"[!-~]{1,4096}")  # printable ASCII, no space
_FORMS: Final = {
    **dict.fromkeys(("URI", "CODECS", "GROUP-ID", "NAME", "LANGUAGE", "CHANNELS", "AUDIO"), re.compile(_STRING)),
    **dict.fromkeys(("BANDWIDTH", "AVERAGE-BANDWIDTH"), re.compile(_NUMBER)),
    **dict.fromkeys(("TYPE", "DEFAULT", "AUTOSELECT", "VIDEO-RANGE"), re.compile(_WORD)),
    "BYTERANGE": re.compile(r'"\d{1,18}(@\d{1,18})?"'),
    "RESOLUTION": re.compile(r"\d{1,5}x\d{1,5}"),
    "FRAME-RATE": re.compile(r"\d{1,4}(\.\d{1,9})?"),
}


class Entry(NamedTuple):
    """A line: a tag with what stands behind its colon, or, without a tag, an address."""

    line: int
    tag: str
    value: str


def entries(text: str, place: str, findings: Findings) -> list[Entry]:
    """The lines that mean something; comments and empty ones are left out."""
    lines = re.split(r"\r?\n", text)
    if lines[0] != "#EXTM3U":
        findings.error("RFC 8216 4.3.1.1", f"{place}:1", "the first line is not #EXTM3U")
    if any(ord(character) < 32 and character not in "\r\n" for character in text):
        findings.error("RFC 8216 4.1", place, "it holds control characters")
    found = [entry for entry in _meaning(lines) if entry.tag or _is_address(entry.value, f"{place}:{entry.line}", findings)]
    tags = {entry.tag for entry in found}
    if tags & MASTER_TAGS and tags & MEDIA_TAGS:
        findings.error("RFC 8216 4.1", place, "it mixes tags of master and media playlists")
    if len([entry for entry in found if entry.tag == "EXT-X-VERSION"]) > 1:
        findings.error("RFC 8216 4.3.1.2", place, "it names its version twice")
    return found


def _meaning(lines: list[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        if line.startswith("#EXT"):
            tag, _, value = line[1:].partition(":")
            yield Entry(number, tag, value)
        elif line.strip() and not line.startswith("#"):
            yield Entry(number, "", line)


def _is_address(value: str, where: str, findings: Findings) -> bool:
    """Whether this is an address (RFC 3986); others are reported, and nobody is asked for them."""
    try:
        _ = urlsplit(value).port
    except ValueError:
        return _no_address(where, findings)
    return bool(_ADDRESS.fullmatch(value)) or _no_address(where, findings)


def _no_address(where: str, findings: Findings) -> bool:
    findings.error("RFC 8216 4.1", where, "this is no address")
    return False


def attributes(entry: Entry, place: str, findings: Findings) -> dict[str, str]:
    """The attributes of a tag, without the quotes; those that are malformed are reported and left out (4.2)."""
    found: dict[str, str] = {}
    at, where = 0, f"{place}:{entry.line}"
    while at < len(entry.value):
        match = _ATTRIBUTE.match(entry.value, at)
        if match is None:
            findings.error("RFC 8216 4.2", where, f"the attributes of {entry.tag} cannot be read from character {at + 1} on")
            break
        (name, value), at = match.groups(), match.end()
        form = _FORMS.get(name)
        if name in found:
            findings.error("RFC 8216 4.2", where, f"{name} is there twice")
        elif form and not form.fullmatch(value):
            findings.error("RFC 8216 4.2", where, f"{name} has a value of the wrong form: {value[:40]}")
        elif name != "URI" or _is_address(value.strip('"'), where, findings):
            found[name] = value.strip('"')
    return found


def number(value: str, most: int = 18) -> int | None:
    """A decimal integer (4.2), or None."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= most else None


def version(found: list[Entry], place: str, findings: Findings) -> int:
    """What EXT-X-VERSION says; 1 where it is not there (RFC 8216, 7)."""
    for entry in found:
        if entry.tag == "EXT-X-VERSION":
            named = number(entry.value, 3)
            if named is None:
                findings.error("RFC 8216 4.3.1.2", f"{place}:{entry.line}", "the version is no number")
            return named or 1
    return 1
