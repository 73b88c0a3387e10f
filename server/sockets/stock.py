"""The stock way to carry a session: aiohttp's own `WebSocketResponse`, with a task for each. It runs wherever aiohttp does."""

import asyncio

from aiohttp import WSMsgType, web

from server.sockets.codes import Close
from server.sockets.limits import CLOSE_SECONDS
from server.sockets.wires import Talk


async def carry(request: web.Request, talk: Talk, subprotocol: str | None) -> web.StreamResponse:
    """Answer the upgrade and converse to the end."""
    # Pings, pongs and closes are answered here and not by aiohttp: they are signs of life, and we write closes too.
    wire = web.WebSocketResponse(
        protocols=(subprotocol,) if subprotocol else (),
        autoping=False,
        autoclose=False,
        compress=False,
        max_msg_size=talk.most_bytes + 1,  # aiohttp refuses a message that is as long as this
        timeout=CLOSE_SECONDS,
    )
    await wire.prepare(request)
    transport = request.transport
    if transport is None:
        talk.ended()
        return wire
    talk.begin(transport)
    try:
        await _converse(wire, talk)
    finally:
        if wire.close_code is not None:
            talk.close(Close(wire.close_code))  # the echo of the peer's own (RFC 6455, 5.5.1)
        transport.close()  # what is written goes out first
        talk.ended()
    return wire


async def _converse(wire: web.WebSocketResponse, talk: Talk) -> None:
    """Take messages until the peer has closed, or is gone."""
    loop = asyncio.get_running_loop()
    async for message in wire:
        talk.heard(loop.time())
        if not talk.open:
            continue  # we have said goodbye, and wait for the answer
        match message.type:
            case WSMsgType.TEXT:
                await talk.text(message.data)
            case WSMsgType.BINARY:
                await talk.binary(message.data)
            case WSMsgType.PING:
                talk.pinged(message.data)
            case WSMsgType.ERROR:
                break
