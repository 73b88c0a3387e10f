"""An application of only the rooms that make and serve videos: everything real, nothing live."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pytest_aiohttp.plugin import AiohttpClient

from server import resources
from server.accounts.routes import routes as accounts
from server.kit.auth import authentication
from server.kit.problems import problems
from server.kit.request import ANNOUNCER
from server.kit.serving import HEADER_BYTES
from server.origin.routes import origin
from server.origin.routes import routes as media
from server.settings import Settings
from server.uploads import tus
from server.uploads.desk import gate
from server.uploads.routes import routes as uploads
from server.videos.routes import routes as videos
from server.web import passwords
from tests.people import Client


class Heard(list[msgspec.Struct]):
    """Keeps what was announced."""

    def announce(self, event: msgspec.Struct) -> None:
        self.append(event)

    async def settled(self, events: object) -> None:
        """There is one process."""


async def announcer(app: web.Application) -> AsyncIterator[None]:
    app[ANNOUNCER] = Heard()
    yield


def application(settings: Settings) -> web.Application:
    app = web.Application(middlewares=[problems, authentication])
    resources.provide(app, settings)
    app.cleanup_ctx.extend(
        [resources.postgres, resources.object_store, resources.invalidations, passwords, announcer, origin, gate]
    )
    app.on_response_prepare.append(tus.stamp)
    for routes in (accounts, videos, uploads, media):
        app.add_routes(routes)
    return app


class Served(TestServer):
    """Serves as `serve` does: a handler whose client has left goes on (aiohttp's own test server would cancel it)."""

    async def _make_runner(self, **options: Any) -> web.AppRunner:
        own = {"handler_cancellation": False, "lingering_time": 1.0, "max_field_size": HEADER_BYTES}
        return web.AppRunner(self.app, **options | own)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Client]:
    """One process of this application, with a client without a cookie jar."""
    client: Any = TestClient(Served(application(settings)), cookie_jar=aiohttp.DummyCookieJar())
    async with client:
        yield cast(Client, client)


async def serve(aiohttp_client: AiohttpClient, settings: Settings) -> Client:
    """The same until the test ends."""
    client: Any = await aiohttp_client(Served(application(settings)), cookie_jar=aiohttp.DummyCookieJar())
    return cast(Client, client)
