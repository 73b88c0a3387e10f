"""The whole application, with an ear at its connections: which statements a request asks PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, cast

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.kit.auth import STANDS
from server.kit.problems import Handler
from server.settings import Settings
from server.web import application
from storage import postgres
from tests.people import Client

BESIDE = (STANDS, "typeinfo_tree", "set_config('jit'", "jit = ", "SET jit")
"""Asked now and then, whatever the request: credentials while the machine stalls, and types, by asyncpg itself."""

_of_request: ContextVar[list[str] | None] = ContextVar("statements of this request", default=None)


class Ear:
    """Hears what one request after the other asks.

    Attributes:
        heard: by the last one, in this order.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []

    @web.middleware
    async def listen(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.heard = []
        token = _of_request.set(self.heard)
        try:
            return await handler(request)
        finally:
            _of_request.reset(token)


def _note(said: Any) -> None:
    heard = _of_request.get()
    if heard is not None and not any(beside in said.query for beside in BESIDE):
        heard.append(said.query)


async def _connect(*arguments: Any, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
    conn: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(*arguments, **options)
    conn.add_query_logger(_note)
    return conn


@asynccontextmanager
async def overheard(settings: Settings) -> AsyncIterator[tuple[Client, Ear]]:
    """One process of the application, with a client without a cookie jar."""
    app, ear = application(settings), Ear()
    app.middlewares.insert(0, ear.listen)
    with pytest.MonkeyPatch.context() as product:
        product.setattr(postgres, "_connect", _connect)
        client: Any = TestClient(TestServer(app), cookie_jar=aiohttp.DummyCookieJar())
        async with client:
            yield cast("Client", client), ear
