"""GET /api/v1/live/echo: sends every message back, for protocol test suites; only with REELWIRE_TEST_ECHO."""

from aiohttp import WSMsgType, web

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
CLOSE_SECONDS = 5.0


async def get_echo(request: web.Request) -> web.WebSocketResponse:
    """One connection; it needs no credentials, and text and binary messages come back as they were."""
    socket = web.WebSocketResponse(compress=False, max_msg_size=MAX_MESSAGE_BYTES, timeout=CLOSE_SECONDS)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket
