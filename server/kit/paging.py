"""Cursor pagination: an opaque position in an order that does not move, so that pages never repeat or skip."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from aiohttp import web

from server.kit.errors import FieldError, Invalid

DEFAULT_LIMIT = 10
MAX_LIMIT = 50
MAX_CURSOR = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAG_BYTES = 6

T = TypeVar("T")


class After(msgspec.Struct, frozen=True, array_like=True):
    """Where the previous page ended, in an order by (`at`, `id`), both falling."""

    at: datetime
    id: UUID


# Later than anything, so that the first page needs no statement of its own.
FIRST = After(datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))


class Page(msgspec.Struct, Generic[T]):
    """A page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None


class Paging:
    """Reads `?limit=` and `?cursor=`, and makes cursors that are recognisably ours."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)  # the first one tags, all are good

    def asked(self, request: web.Request) -> tuple[int, After]:
        """How many, and from where.

        Raises:
            Invalid: the limit is not 1..50, or the cursor is none of ours.
        """
        errors = []
        limit_text, cursor = request.query.get("limit", str(DEFAULT_LIMIT)), request.query.get("cursor")
        limit = int(limit_text) if limit_text.isascii() and limit_text.isdigit() and len(limit_text) < 4 else 0
        if not 1 <= limit <= MAX_LIMIT:
            errors.append(FieldError("limit", f"must be 1..{MAX_LIMIT}"))
        after = FIRST if cursor is None else self._read(cursor, list_of(request))
        if after is None:
            errors.append(FieldError("cursor", "is none of ours"))
        if errors or after is None:
            raise Invalid("This page cannot be told.", errors=errors)
        return limit, after

    def first(self, request: web.Request) -> int | None:
        """The limit of a first page of which nothing else is said; None for any other, or one that is refused."""
        text = request.query.get("limit", str(DEFAULT_LIMIT))
        if not request.query.keys() <= {"limit"} or not (text.isascii() and text.isdigit() and len(text) < 4):
            return None
        return int(text) if 1 <= int(text) <= MAX_LIMIT else None

    def cursor(self, request: web.Request, after: After) -> str:
        """The cursor of the page after this item of the list that was asked for."""
        return self.cursor_of(list_of(request), after)

    def cursor_of(self, of: str, after: After) -> str:
        """The same of a list that is named by its route's pattern."""
        raw = msgspec.msgpack.encode(((after.at - EPOCH) // timedelta(microseconds=1), after.id.bytes))
        return _text(_tag(self._keys[0], of, raw) + raw)

    def _read(self, cursor: str, of: str) -> After | None:
        if len(cursor) > MAX_CURSOR or not cursor.isascii():
            return None
        try:
            data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        tag, raw = data[:_TAG_BYTES], data[_TAG_BYTES:]
        ours = any(hmac.compare_digest(tag, _tag(key, of, raw)) for key in self._keys)
        if not ours or _text(data) != cursor:  # the last letter has bits that decoding does not look at
            return None
        micros, identity = msgspec.msgpack.decode(raw, type=tuple[int, bytes])
        return After(EPOCH + timedelta(microseconds=micros), UUID(bytes=identity))


def list_of(request: web.Request) -> str:
    """Which kind of list is asked for: a cursor of one leads nowhere in another."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _tag(key: bytes, of: str, raw: bytes) -> bytes:
    return hmac.digest(key, of.encode() + b"\0" + raw, "sha256")[:_TAG_BYTES]
