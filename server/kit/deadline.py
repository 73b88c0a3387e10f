"""No request waits longer than five seconds for its dependencies; what travels in a body, a socket or media is not counted."""

import asyncio

from aiohttp import web

from server.kit.errors import Unavailable
from server.kit.problems import Handler

SECONDS = 4.8
STREAMING = ("/media/", "/api/v1/uploads", "/api/v1/live")
ONE_SHOT = ("POST", "/api/v1/videos")
"""These may last as long as their bytes travel: they hold what they read before that to SECONDS themselves."""


@web.middleware
async def deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Cut what takes too long."""
    if request.path.startswith(STREAMING) or (request.method, request.path) == ONE_SHOT:
        return await handler(request)
    try:
        async with asyncio.timeout(SECONDS):
            return await handler(request)
    except TimeoutError:
        raise Unavailable("This took too long; try again.") from None
