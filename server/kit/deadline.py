"""No request waits longer than five seconds for a dependency; the sending of a body, sockets and media excepted."""

import asyncio

from aiohttp import web

from server.kit.errors import Unavailable
from server.kit.problems import Handler

SECONDS = 4.8
STREAMING = ("/media/", "/api/v1/uploads", "/api/v1/live", "/api/v1/videos")
"""Below these a request may last as long as its bytes travel; its single waits have limits of their own."""


@web.middleware
async def deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Cut what takes too long."""
    streams = request.path.startswith(STREAMING) and not (request.path.startswith(STREAMING[-1]) and request.method != "POST")
    if streams:
        return await handler(request)
    try:
        async with asyncio.timeout(SECONDS):
            return await handler(request)
    except TimeoutError:
        raise Unavailable("This took too long; try again.") from None
