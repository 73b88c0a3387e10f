"""Cursor pagination: an opaque position in an order that does not move, so that pages never repeat or skip.

A cursor is a mark of its list, a moment and an id, in hexadecimal digits of which each is followed by what is left to fifteen.
So a letter that is changed, missing or too many makes it none of ours, and a regular expression tells exactly which ones are.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from aiohttp import web

from server.kit.errors import FieldError, Invalid

DEFAULT_LIMIT = 10
MAX_LIMIT = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARK_DIGITS = 4
_MOMENT_DIGITS = 14
"""Of microseconds: any number of them is a moment before the year 4254."""
_ID_DIGITS = 32
_PAIRS = {f"{digit:x}": f"{digit:x}{15 - digit:x}" for digit in range(16)}
_DOUBLED = str.maketrans(_PAIRS)
_PLACE = f"(?:{'|'.join(_PAIRS.values())}){{{_MOMENT_DIGITS + _ID_DIGITS}}}"
_IS_PLACE = re.compile(_PLACE)

T = TypeVar("T")
P = TypeVar("P")


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


def asked(request: web.Request) -> tuple[int, After]:
    """How many, and from where.

    Raises:
        Invalid: the limit is not 1..50, or the cursor is none of ours.
    """
    return asked_from(request, lambda cursor: _read(cursor, list_of(request)), FIRST)


def asked_from(request: web.Request, read: Callable[[str], P | None], first: P) -> tuple[int, P]:
    """The same of a list with cursors of another kind, where `read` gives None for what is no cursor of it. Raises as `asked`."""
    errors = []
    limit_text, cursor = request.query.get("limit", str(DEFAULT_LIMIT)), request.query.get("cursor")
    limit = int(limit_text) if limit_text.isascii() and limit_text.isdigit() and len(limit_text) < 4 else 0
    if not 1 <= limit <= MAX_LIMIT:
        errors.append(FieldError("limit", f"must be 1..{MAX_LIMIT}"))
    after = first if cursor is None else read(cursor)
    if after is None:
        errors.append(FieldError("cursor", "is none of ours"))
    if errors or after is None:
        raise Invalid("This page cannot be told.", errors=errors)
    return limit, after


def first_page(request: web.Request) -> int | None:
    """The limit of a first page of which nothing else is said; None for any other, or one that is refused."""
    text = request.query.get("limit", str(DEFAULT_LIMIT))
    if not request.query.keys() <= {"limit"} or not (text.isascii() and text.isdigit() and len(text) < 4):
        return None
    return int(text) if 1 <= int(text) <= MAX_LIMIT else None


def cursor_after(request: web.Request, after: After) -> str:
    """The cursor of the page after this item of the list that was asked for."""
    return cursor_of(list_of(request), after)


def cursor_of(of: str, after: After) -> str:
    """The same of a list that is named by its route's pattern."""
    place = f"{(after.at - EPOCH) // timedelta(microseconds=1):0{_MOMENT_DIGITS}x}{after.id.hex}"
    return mark(of) + place.translate(_DOUBLED)


def pattern(of: str) -> str:
    """The regular expression (ECMA-262) of all cursors of a list, and of nothing else."""
    return f"^{mark(of)}{_PLACE}$"


def list_of(request: web.Request) -> str:
    """Which kind of list is asked for: a cursor of one leads nowhere in another."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


def _read(cursor: str, of: str) -> After | None:
    begins = mark(of)
    if not cursor.startswith(begins) or not _IS_PLACE.fullmatch(cursor, len(begins)):
        return None
    place = cursor[len(begins) :: 2]
    micros, identity = int(place[:_MOMENT_DIGITS], 16), place[_MOMENT_DIGITS:]
    return After(EPOCH + timedelta(microseconds=micros), UUID(identity))


@cache
def mark(of: str) -> str:
    """What cursors of a list begin with, which is named by its route's pattern."""
    return hashlib.sha256(of.encode()).hexdigest()[:_MARK_DIGITS].translate(_DOUBLED)
