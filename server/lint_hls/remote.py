"""Streams on a server: playlists and ranges of bytes by HTTP, from one origin, within limits of time and size."""

import asyncio
import re
import time
import zlib
from collections.abc import Mapping
from types import TracebackType
from typing import Final, NamedTuple, Self
from urllib.parse import unquote, urlsplit

import aiohttp
from yarl import URL

from media.lint.finding import Finding, Findings
from media.lint.reading import PLAYLIST_BYTES, SEGMENT_BYTES, AbsentError, Part
from server.lint_hls import delivery

ANSWER_SECONDS: Final = 30.0
ALL_SECONDS: Final = 300.0
ALL_BYTES: Final = 2 << 30
CHUNK_BYTES: Final = 1 << 16
ELSEWHERE: Final = "https://elsewhere.invalid"
"""The page that we pretend to be, to hear whether pages of other origins may read the stream."""
PORTS: Final = {"http": 80, "https": 443}
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_UNSATISFIED = re.compile(r"bytes \*/(\d{1,18})")


class UnreachableError(Exception):
    """The check cannot go on: it took too long, or too much came."""


class Answer(NamedTuple):
    """What came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Remote:
    """Reads from the origin of the master playlist and from nowhere else; redirects are not followed (8.18).

    Playlists are others' text: without this, one could make us ask addresses of the network that we are in.
    """

    def __init__(self, master: str) -> None:
        self._origin = _origin_of(master)
        self._base = unquote(urlsplit(master).path).rpartition("/")[0] + "/"
        self._end = time.monotonic() + ALL_SECONDS
        self._bytes = 0
        self._findings = Findings()
        self._runner = asyncio.Runner()
        self._http: aiohttp.ClientSession | None = None

    @property
    def findings(self) -> list[Finding]:
        """What the answers were not."""
        return self._findings.all()

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._http:
            self._runner.run(self._http.close())
        self._runner.__exit__(kind, error, trace)

    def playlist(self, uri: str) -> str:
        """See `media.lint.Reader`."""
        answer = self._get(uri, {"Accept-Encoding": "gzip"}, PLAYLIST_BYTES)
        if answer.status != 200:
            raise AbsentError(f"is answered with {answer.status}")
        delivery.check_playlist(uri, self._place(uri), answer.headers, self._findings)
        try:
            return _plain(answer).decode()
        except UnicodeDecodeError as error:
            raise AbsentError("is not UTF-8") from error

    def part(self, uri: str, start: int, size: int | None) -> Part:
        """See `media.lint.Reader`."""
        whole = size is None and not start
        headers = {} if whole else {"Range": f"bytes={start}-{'' if size is None else start + size - 1}"}
        answer = self._get(uri, {"Accept-Encoding": "identity", **headers}, SEGMENT_BYTES)
        if answer.status == 416 and (unsatisfied := _UNSATISFIED.fullmatch(answer.headers.get("Content-Range", ""))):
            return Part(b"", int(unsatisfied[1]))
        if answer.status not in (200, 206):
            raise AbsentError(f"is answered with {answer.status}")
        delivery.check_media(self._place(uri), answer.headers, self._findings)
        if answer.status == 200:
            if not whole:
                self._findings.error("RFC 9110 14.2", self._place(uri), "a request for a range is answered with the whole file")
            return Part(answer.body[start:][:size], len(answer.body))
        match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if match is None or int(match[1]) != start or len(answer.body) != int(match[2]) - start + 1:
            raise AbsentError("is answered with another range than was asked for")
        return Part(answer.body, int(match[3]))

    def _place(self, uri: str) -> str:
        return unquote(urlsplit(uri).path).removeprefix(self._base)

    def _get(self, uri: str, headers: dict[str, str], most: int) -> Answer:
        """One answer.

        Raises:
            AbsentError: it is not ours to ask for, not to be had, or too large.
            UnreachableError: all of this takes too long, or is too much.
        """
        if _origin_of(uri) != self._origin:
            raise AbsentError("lies on another origin, where this check does not follow")
        left = self._end - time.monotonic()
        if left <= 0 or self._bytes > ALL_BYTES:
            raise UnreachableError(f"the stream is more than this check takes ({ALL_SECONDS:.0f} s, {ALL_BYTES} bytes)")
        try:
            answer = self._runner.run(self._fetch(uri, headers, most, min(left, ANSWER_SECONDS)))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise AbsentError(f"cannot be fetched: {error or type(error).__name__}") from error
        if 300 <= answer.status < 400:
            self._findings.error("8.18", self._place(uri), f"a redirect ({answer.status}), where none is allowed")
        return answer

    async def _fetch(self, uri: str, headers: dict[str, str], most: int, seconds: float) -> Answer:
        if self._http is None:
            self._http = aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None))
        async with (
            asyncio.timeout(seconds),
            # `encoded`: a signature is good for these bytes of the address, not for others that mean the same.
            self._http.get(URL(uri, encoded=True), headers={"Origin": ELSEWHERE, **headers}, allow_redirects=False) as answer,
        ):
            body = bytearray()
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                body += chunk
                self._bytes += len(chunk)
                if len(body) > most:
                    raise AbsentError(f"is larger than {most} bytes")
            return Answer(answer.status, answer.headers, bytes(body))


def _origin_of(uri: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parts = urlsplit(uri)
    try:
        port = parts.port
    except ValueError as error:
        raise AbsentError("has an address with an impossible port") from error
    return parts.scheme, parts.hostname or "", port or PORTS.get(parts.scheme, 0)


def _plain(answer: Answer) -> bytes:
    """The body unpacked, as far as a playlist may be long: a few bytes of gzip can become any number."""
    if answer.headers.get("Content-Encoding", "identity").lower() == "identity":
        return answer.body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(answer.body, PLAYLIST_BYTES + 1)
    except zlib.error as error:
        raise AbsentError("is packed in a way that cannot be read") from error
    if len(plain) > PLAYLIST_BYTES:
        raise AbsentError(f"is larger than {PLAYLIST_BYTES} bytes")
    return plain
