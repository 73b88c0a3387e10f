"""A server that says what a test tells it to: for messages and orders of them that the real one does not bring about at will."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

Frame = dict[str, Any]


@dataclass
class Peer:
    """One connection of a client."""

    wire: ServerConnection

    async def say(self, **frame: Any) -> None:
        await self.wire.send(json.dumps(frame))

    async def welcome(self, position: str = "w", heartbeat_ms: int = 25_000, max_message_bytes: int = 4096) -> None:
        limits = {"heartbeat_ms": heartbeat_ms, "max_message_bytes": max_message_bytes}
        await self.say(type="welcome", session="s", position=position, **limits)

    async def publish(self, video_id: str, position: str) -> None:
        await self.say(type="event", event="video.published", position=position, data={"id": video_id})

    async def heard(self) -> Frame:
        """The next message of the client."""
        async with asyncio.timeout(30):
            frame: Frame = json.loads(await self.wire.recv())
            return frame

    async def ack(self, frame: Frame, **data: Any) -> None:
        await self.say(type="ack", id=frame["id"], data=data)

    async def refuse(self, frame: Frame, code: str) -> None:
        await self.say(type="error", id=frame["id"], code=code, detail="No.")


@dataclass
class Peers:
    """The server; `refusals` answer the upgrades that come next."""

    url: str = ""
    tokens: list[str] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    _waiting: asyncio.Queue[Peer] = field(default_factory=asyncio.Queue)

    async def next(self) -> Peer:
        """The next connection."""
        async with asyncio.timeout(30):
            return await self._waiting.get()

    async def take(self, wire: ServerConnection) -> None:
        self._waiting.put_nowait(Peer(wire))
        await wire.wait_closed()

    def upgrade(self, wire: ServerConnection, request: Request) -> Response | None:
        self.tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        if not self.refusals:
            return None
        status, headers = self.refusals.pop(0)
        response = wire.respond(status, "")
        response.headers.update(headers)
        return response


@asynccontextmanager
async def peers() -> AsyncIterator[Peers]:
    """Such a server."""
    found = Peers()
    server = await serve(
        found.take, "127.0.0.1", 0, process_request=found.upgrade, ping_interval=None, close_timeout=1, compression=None
    )
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


async def acked(peer: Peer, command: Coroutine[Any, Any, Any]) -> Frame:
    """Run a command and answer it; what was sent."""
    asking = asyncio.create_task(command, name="command")
    frame = await peer.heard()
    await peer.ack(frame)
    await asking
    return frame
