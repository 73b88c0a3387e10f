"""A fast lane in front of aiohttp: hot requests that are recognised completely are answered as their bytes arrive.

Two thirds of what such a request costs is what aiohttp does for any: a parser's objects, tasks, a router, middlewares. Whatever
is not recognised to the last byte goes the ordinary way, which gives the same answer; so does a GET that memory cannot answer at
once. What is posted is recognised here and done in `posting.py`.
"""

import re
import time
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from aiohttp import web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE

from server.kit.auth import Authenticator
from server.kit.metrics import Answered
from server.kit.posting import Post, Posting, Posts

MOST_BYTES = 4_096
"""Of a head that is looked at, and of a body."""
LOST = -1
MOST_DIGITS = 20

_GET = re.compile(rb"GET (/[!-~]*) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+: [ -~]*\r\n)+)\r\n")
_POST = re.compile(rb"POST (/[!-~]*) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+: [ -~]*\r\n)+)\r\n")
_ANY = re.compile(rb"(?!CONNECT )[A-Z]+ [!-~]+ HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*)\r\n")
_LIMIT = re.compile(rb"limit=([1-9]|[1-4][0-9]|50)")
_HARMLESS = frozenset(
    {
        b"accept", b"accept-encoding", b"accept-language", b"authorization", b"cache-control", b"cookie", b"dnt", b"host",
        b"pragma", b"priority", b"referer", b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"sec-fetch-dest",
        b"sec-fetch-mode", b"sec-fetch-site", b"sec-gpc", b"user-agent", b"x-forwarded-for", b"x-forwarded-proto",
        b"x-reelwire-edge", b"x-request-id",
    }
)  # fmt: skip
"""Fields that change nothing in the answer of a call of this lane."""
_LENGTH, _TYPE, _KEY = b"content-length", b"content-type", b"idempotency-key"
_POSTED = _HARMLESS | {b"origin", _LENGTH, _TYPE, _KEY}
_JSON = b"application/json"
_DIGITS = re.compile(rb"[1-9][0-9]{0,3}")
_BEARER = b"Bearer "

Page = Callable[[UUID | None, str, int | None], bytes | None]
"""Answers an account, or nobody, who asks for what the path names, and for so many of it or does not say how many; None where
that takes longer than a moment, or is a refusal."""


class Call(NamedTuple):
    """A call of the lane: its paths, and whether it takes a limit."""

    path: re.Pattern[bytes]
    page: Page
    limited: bool
    answered: Answered


class Lane:
    """The calls of a process that have a fast lane."""

    def __init__(self, authenticator: Authenticator, posts: Posts | None = None) -> None:
        """Without `posts` nothing is posted here."""
        self._known = authenticator.known
        self._calls: list[Call] = []
        self._posts = posts
        self._posted: list[tuple[re.Pattern[bytes], Post]] = []

    def add(self, route: str, path: str, page: Page, *, limited: bool = True) -> None:
        """Let GETs be answered by this.

        Args:
            route: the pattern of the route that answers them otherwise.
            path: a regular expression, whose one group is what the path names.
            page: answers.
            limited: it takes `?limit=`; what does not is asked without a query.
        """
        self._calls.append(Call(re.compile(path.encode()), page, limited, Answered("GET", route, 200)))

    def add_post(self, path: str, post: Post) -> None:
        """Let POSTs of JSON by accounts be done by this; see `add`."""
        self._posted.append((re.compile(path.encode()), post))

    def begin(self, data: bytes) -> "Posting | None":
        """What these bytes begin, if they are one request that is posted here, body and all."""
        if self._posts is None or (request := _POST.match(data, 0, MOST_BYTES)) is None:
            return None
        found = ((post, named) for path, post in self._posted if (named := path.fullmatch(request[1])) is not None)
        post, named = next(found, (None, None))
        if post is None or named is None:
            return None
        body = data[request.end() :]
        fields = _fields(request[2])
        if fields is None or not _is_json_of(fields, len(body)) or not (token := _token(fields)):
            return None
        claims, key = self._known(token), fields.get(_KEY)
        if claims is None or (key is not None and (not key or key.strip() != key)):
            return None  # such a key is none, or is not spelled as it is meant
        return self._posts.begin(post, claims.account_id, named[1].decode(), body, key.decode() if key else None)

    def answer(self, data: bytes) -> bytes | None:
        """The whole answer to these bytes, if they are one request that is answered here."""
        began = time.perf_counter()
        if len(data) > MOST_BYTES or (request := _GET.fullmatch(data)) is None:
            return None
        path, mark, query = request[1].partition(b"?")
        limit = _LIMIT.fullmatch(query) if mark else None
        for call in self._calls:
            if (named := call.path.fullmatch(path)) is not None:
                break
        else:
            return None
        fields = _fields(request[2])
        token = _token(fields) if fields is not None and _HARMLESS.issuperset(fields) else None
        if token is None or (mark and (limit is None or not call.limited)):
            return None
        claims = self._known(token) if token else None
        if token and claims is None:
            return None
        name = named[1].decode() if named.re.groups else ""
        body = call.page(claims.account_id if claims else None, name, int(limit[1]) if limit else None)
        if body is None:
            return None
        call.answered.count(time.perf_counter() - began)
        return _answer(body)


LANE: web.AppKey[Lane] = web.AppKey("lane", Lane)


def _fields(lines: bytes) -> dict[bytes, bytes] | None:
    """The fields by their names; None unless each is there once, and a host is."""
    found: dict[bytes, bytes] = {}
    split = lines.split(b"\r\n")
    for line in split[:-1]:
        name, _, text = line.partition(b": ")
        found[name.lower()] = text
    return found if len(found) == len(split) - 1 and b"host" in found else None


def _token(fields: dict[bytes, bytes]) -> str | None:
    """The access token in these fields, "" without one; None where it is something else."""
    value = fields.get(b"authorization")
    if value is None:
        return ""
    token = value[len(_BEARER) :].decode()
    return token if token and value.startswith(_BEARER) else None


def _is_json_of(fields: dict[bytes, bytes], size: int) -> bool:
    """Whether the fields tell of JSON of this size, and of nothing that matters beside that."""
    length = fields.get(_LENGTH, b"")
    return (
        _POSTED.issuperset(fields)
        and fields.get(_TYPE) == _JSON
        and _DIGITS.fullmatch(length) is not None
        and int(length) == size <= MOST_BYTES
    )


def _answer(body: bytes) -> bytes:
    """As aiohttp writes `answer.encoded(body)`."""
    return (
        b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
        b"Date: %b\r\nServer: %b\r\n\r\n%b" % (len(body), rfc822_formatted_time().encode(), _SERVER, body)
    )


_SERVER = SERVER_SOFTWARE.encode()


def owed(data: bytes) -> int:
    """How many bytes of a request's body are still to come, if these bytes begin with a whole and plain head; else LOST.

    It is LOST whenever another reader could understand them otherwise: this only says when aiohttp is between two requests.
    """
    end = data.find(b"\r\n\r\n") + 4
    head = _ANY.fullmatch(data, 0, end) if end >= 4 else None
    if head is None:
        return LOST
    names = [line.partition(b":")[0].lower() for line in head[1].split(b"\r\n")[:-1]]
    if not _FRAMING.isdisjoint(names):
        return LOST
    lengths = names.count(b"content-length")
    if not lengths:
        return LOST if len(data) != end else 0
    value = next(line.partition(b":")[2] for line in head[1].split(b"\r\n") if line.lower().startswith(b"content-length:"))
    if lengths > 1 or len(value) > MOST_DIGITS or not value.strip(b" \t").isdigit():
        return LOST
    return max(end + int(value) - len(data), LOST)


_FRAMING = frozenset({b"transfer-encoding", b"upgrade", b"expect", b"connection", b"trailer", b"te"})
