"""Answers: JSON of wire structs, encoded once by msgspec."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from server.kit.kept import Answer
from server.kit.paging import After, Page, cursor_after

T = TypeVar("T")

PRIVATE = CIMultiDict({"Cache-Control": "no-store"})
PRIVATE_JSON = CIMultiDict({"Cache-Control": "no-store", "Content-Type": "application/json"})


def json(value: object, status: int = 200) -> web.Response:
    """A JSON answer. What an account may see is nobody else's to cache."""
    headers = {"Cache-Control": "no-store"}
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json", headers=headers)


def encoded(body: bytes) -> web.Response:
    """The same of what is JSON already."""
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})


def of(told: Answer) -> web.Response:
    """An answer that may be kept, as it is sent each time."""
    headers = PRIVATE_JSON if told.body else PRIVATE
    if told.headers:
        headers = CIMultiDict({**headers, **told.headers})
    return web.Response(status=told.status, body=told.body or None, headers=headers)


def nothing() -> web.Response:
    """204."""
    return web.Response(status=204, headers={"Cache-Control": "no-store"})


def accepted() -> web.Response:
    """202, with nothing to say yet."""
    return web.Response(status=202, headers={"Cache-Control": "no-store"})


def next_cursor(request: web.Request, places: Sequence[tuple[datetime, UUID]], limit: int) -> str | None:
    """The cursor after these places, which were read with a limit of one more than the page holds."""
    if len(places) <= limit:
        return None
    at, identity = places[limit - 1]
    return cursor_after(request, After(at, identity))


def page(items: list[T], cursor: str | None) -> Page[T]:
    """A page of a list."""
    return Page(items, cursor)
