"""Checks of answers: how playlists and media are delivered (section 10 of Apple's authoring specification)."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from media.lint.finding import Findings

PLAYLIST_TYPES: Final = ("application/vnd.apple.mpegurl", "audio/mpegurl")
MEDIA_TYPES: Final = ("video/mp4", "audio/mp4", "video/iso.segment")
SUFFIXES: Final = (".m3u8", ".m3u")
Headers = Mapping[str, str]


def check_playlist(uri: str, place: str, headers: Headers, findings: Findings) -> None:
    """The answer with a playlist."""
    kind = _kind(headers)
    if headers.get("Content-Encoding", "").lower() != "gzip":
        findings.error("10.1", place, "the playlist is not compressed with gzip for clients that take it")
    if kind not in PLAYLIST_TYPES and not urlsplit(uri).path.endswith(SUFFIXES):
        findings.error("RFC 8216 4", place, f"neither its name nor its type, {kind or 'none'}, says that it is a playlist")
    elif kind != PLAYLIST_TYPES[0]:
        findings.warn("10.4", place, f"its type is {kind or 'not there'}, not {PLAYLIST_TYPES[0]}")
    _common(place, headers, findings)


def check_media(place: str, headers: Headers, findings: Findings) -> None:
    """The answer with bytes of a track."""
    kind = _kind(headers)
    if kind not in MEDIA_TYPES:
        findings.warn("10.4", place, f"its type is {kind or 'not there'}, none of {', '.join(MEDIA_TYPES)}")
    _common(place, headers, findings)


def _common(place: str, headers: Headers, findings: Findings) -> None:
    if "Cache-Control" not in headers:
        findings.warn("RFC 9111 5.2", place, "there is no Cache-Control, so caches guess")
    if "Access-Control-Allow-Origin" not in headers:
        findings.warn("Fetch 3.3", place, "pages of other origins cannot read it (no Access-Control-Allow-Origin)")


def _kind(headers: Headers) -> str:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()
