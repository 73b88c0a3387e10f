"""What stands behind the edge in its tests: an application that does as it is told and remembers what it was asked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import WSMsgType, web

from server.origin.routes import KEPT_HEADER


@dataclass
class Thing:
    """One object that the origin has."""

    body: bytes
    etag: str = '"1"'
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "video/mp4"
    gone: dict[str, str] | None = None  # withdrawn: the refusal's headers


@dataclass
class Origin:
    """Its objects, its state, and every request that it got."""

    things: dict[str, Thing] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    arrived: list[bytes] = field(default_factory=list)  # pieces of bodies, as they came
    open: asyncio.Event = field(default_factory=asyncio.Event)  # answers wait for it
    ill: bool = False  # answers 503 to everything
    stored: asyncio.Event | None = None  # whoever may be sent to the cache, the first excepted, waits for it and is sent there

    def __post_init__(self) -> None:
        self.open.set()

    def forget(self) -> None:
        """As if new."""
        self.things, self.asked, self.arrived, self.ill, self.stored = {}, [], [], False, None
        self.open.set()

    def asked_for(self, path: str) -> list[web.Request]:
        return [request for request in self.asked if request.path == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Whatever is asked."""
        self.asked.append(request)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._echo(request)
        async for piece in request.content.iter_any():
            self.arrived.append(piece)
        kept = request.headers.get(KEPT_HEADER)
        if kept and self.stored and len(self.asked_for(request.path)) > 1:
            await self.stored.wait()
            return web.Response(headers={"X-Accel-Redirect": kept + request.rel_url.raw_path_qs})
        await self.open.wait()
        if self.ill:
            return _problem(503, "unavailable", {"Retry-After": "7"})
        if request.path.startswith("/api/"):
            return web.json_response({"path": request.path, "headers": dict(request.headers)})
        thing = self.things.get(request.path)
        if thing and thing.gone is not None:
            return _problem(404, "not_found", thing.gone)
        return _of(thing, request) if thing else _problem(404, "not_found")

    async def _echo(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("reelwire.v1",))
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket


def _of(thing: Thing, request: web.Request) -> web.Response:
    headers = {"ETag": thing.etag, "Accept-Ranges": "bytes", **thing.headers}
    if request.headers.get("If-None-Match") == thing.etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=thing.body, headers=headers, content_type=thing.kind)


def _problem(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"type": "about:blank", "title": "of the origin", "status": status, "detail": "-", "code": code}
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")


@contextlib.asynccontextmanager
async def listening(origin: Origin, *sockets: Path) -> AsyncIterator[list[web.AppRunner]]:
    """The origin as one server per socket, so that one of them can die."""
    runners = []
    for socket in sockets:
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", origin.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.UnixSite(runner, str(socket)).start()
        runners.append(runner)
    try:
        yield runners
    finally:
        for runner in runners:
            await runner.cleanup()
