"""Starlette on uvicorn: `send_text` to each."""

import asyncio

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.peers.control import addresses, obey


async def main() -> None:
    """Serve until killed."""
    port, path = addresses()
    members: set[WebSocket] = set()

    async def join(socket: WebSocket) -> None:
        await socket.accept()
        members.add(socket)
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            members.discard(socket)

    async def broadcast(line: bytes) -> None:
        text = line.decode()
        for socket in tuple(members):
            await socket.send_text(text)

    app = Starlette(routes=[WebSocketRoute("/", join)])
    config = uvicorn.Config(
        app, "127.0.0.1", port, log_level="warning", ws_ping_interval=None, ws_per_message_deflate=False, backlog=4096
    )
    await asyncio.gather(uvicorn.Server(config).serve(), obey(path, broadcast))


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
