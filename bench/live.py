"""One publication to a thousand sockets of one process, beside a bare loop of send() on the same sockets.

Ours is the whole way of a publication: its row in PostgreSQL, the relay, Valkey, the hub, the frame, a write per socket. What a
publication costs when nobody listens is measured too, so that the share of the fan-out alone can be told.
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import aiohttp
import uvloop
from aiohttp import web

from bench import people
from bench.cpu import spent_here
from bench.figures import Result
from bench.system import real_stores
from server.kit.request import POOL
from server.live.gateway import GATEWAY
from server.live.log import Entry
from server.settings import Settings
from server.web import application
from stack import ports
from stack.servers import ROOT

ACCOUNTS, SESSIONS_EACH = 50, 20
SOCKETS = ACCOUNTS * SESSIONS_EACH
ROUNDS, BURST = 7, 5
WAIT_SECONDS = 30.0
HOST = "127.0.0.1"


def run(folder: Path) -> Result:
    """The benchmark."""
    return uvloop.run(_run(folder))


async def _run(folder: Path) -> Result:
    (port,) = ports.choose(["live"]).values()
    async with real_stores(folder) as given:
        settings = Settings.from_environment({**given, "REELWIRE_PUBLIC_URL": f"http://{HOST}:{port}"})
        async with _application(settings, port) as app, _crowd(port) as crowd:
            return await Bench(app, settings.public_url, crowd).run()


class Bench:
    """One run in one process: application and floor share the loop, the sockets and the clock."""

    def __init__(self, app: web.Application, origin: str, crowd: "Orders") -> None:
        self._app = app
        self._origin = origin
        self._crowd = crowd
        self._published = 0
        self._newest: UUID | None = None

    async def run(self) -> Result:
        """Unheard publications first, then rounds of heard ones and of the floor."""
        author_id, tokens = await self._audience()
        unheard = [await self._round(author_id, 0) for _ in range(ROUNDS)]
        ours: list[float] = []
        floor: list[float] = []
        with _connections_to(set(await self._crowd.give(tokens))) as connections:
            await self._round(author_id, SOCKETS)  # warm
            frame = await self._frame(author_id)
            for _ in range(ROUNDS):
                ours.append(await self._round(author_id, SOCKETS) / (BURST * SOCKETS) * 1e6)
                floor.append(await self._floor(connections, frame) / (BURST * SOCKETS) * 1e6)
        alone = median(unheard) / BURST * 1e6
        fan_out = median(ours) - alone / SOCKETS
        notes = (
            f"{SOCKETS} sockets, frames of {len(frame)} bytes, {BURST} publications in a row per round",
            f"a publication that nobody hears costs this process {alone:.0f} µs;",
            f"without that share a delivery costs {fan_out:.2f} µs, {fan_out / median(floor):.2f} of the floor",
        )
        return Result("µs of CPU a delivery", "publication to sockets, all of it", "bare send() loop", ours, floor, notes)

    async def _audience(self) -> tuple[UUID, list[str]]:
        """An author, and a token for each session of those who follow him."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            author_id, _ = await people.sign_up(http, self._origin, "author")
            tokens = [(await people.sign_up(http, self._origin, "viewer"))[1] for _ in range(ACCOUNTS)]
            for token in tokens:
                await people.follow(http, self._origin, token, [author_id])
        return author_id, [token for token in tokens for _ in range(SESSIONS_EACH)]

    async def _frame(self, author_id: UUID) -> bytes:
        """The frame of the newest publication, as the hub makes it."""
        hub, video_id = self._app[GATEWAY].hub, self._newest
        assert video_id is not None
        return hub.published(Entry(hub.applied, author_id, video_id), (await hub.bodies.of([video_id]))[video_id])

    async def _round(self, author_id: UUID, listeners: int) -> float:
        """Processor seconds of this process for a burst of publications, until the last one is where it belongs."""
        pool, hub = self._app[POOL], self._app[GATEWAY].hub
        videos = [await people.unpublished(pool, author_id) for _ in range(BURST)]
        goal = hub.applied + BURST
        with spent_here() as spent:
            for video_id in videos:
                await people.publish(pool, author_id, video_id)
            async with asyncio.timeout(WAIT_SECONDS):
                while hub.applied < goal:  # noqa: ASYNC110 - nothing tells us
                    await asyncio.sleep(0.001)
        self._newest = videos[-1]
        self._published += BURST * listeners
        if listeners:
            await self._crowd.give({"published": self._published})
        return spent.seconds

    async def _floor(self, connections: Sequence[socket.socket], frame: bytes) -> float:
        with spent_here() as spent:
            for _ in range(BURST):
                for connection in connections:
                    connection.send(frame)
        await self._crowd.give({"bytes": BURST * len(frame) * len(connections)})
        return spent.seconds


class Orders:
    """The crowd's process: an order is a line of JSON, and so is the answer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def give(self, order: Any) -> Any:
        """Give one and wait until it is carried out."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(WAIT_SECONDS):
            return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def _crowd(port: int) -> AsyncIterator[Orders]:
    argv = (sys.executable, "-m", "bench.crowd", HOST, str(port))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, cwd=ROOT, limit=1 << 20)
    try:
        yield Orders(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@asynccontextmanager
async def _application(settings: Settings, port: int) -> AsyncIterator[web.Application]:
    """`reelwire serve` inside this process."""
    app = application(settings)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, port, backlog=SOCKETS).start()
    try:
        yield app
    finally:
        await runner.cleanup()


@contextmanager
def _connections_to(theirs: set[int]) -> Iterator[list[socket.socket]]:
    """This process' ends of the connections from these ports, once more: closing these leaves the others open."""
    with ExitStack() as stack:
        found = []
        for name in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                    continue
                end = stack.enter_context(socket.socket(fileno=os.dup(int(name))))
                if end.family == socket.AF_INET and end.getpeername()[1] in theirs:
                    found.append(end)
        yield found
