"""aiohttp as its documentation has it: a set of WebSocketResponse, and `send_str` to each."""

import asyncio

from aiohttp import web

from bench.peers.control import addresses, obey


async def main() -> None:
    """Serve until killed."""
    port, path = addresses()
    members: set[web.WebSocketResponse] = set()

    async def join(request: web.Request) -> web.WebSocketResponse:
        wire = web.WebSocketResponse(compress=False)
        await wire.prepare(request)
        members.add(wire)
        async for _ in wire:
            pass
        members.discard(wire)
        return wire

    async def broadcast(line: bytes) -> None:
        text = line.decode()
        for wire in tuple(members):
            await wire.send_str(text)

    app = web.Application()
    app.router.add_get("/", join)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
    await obey(path, broadcast)


if __name__ == "__main__":
    import uvloop

    uvloop.run(asyncio.wait_for(main(), None))
