"""No request waits longer than five seconds for its dependencies; what travels in a body, a socket or media is not counted."""

import asyncio
import re

from aiohttp import web

from server.kit.errors import Unavailable
from server.kit.problems import Handler

SECONDS = 4.8
TOO_LONG = "This took too long; try again."
STREAMING = ("/media/", "/api/v1/uploads", "/api/v1/live", "/api/v1/me/export")
ONE_SHOT = re.compile("POST /api/v1/videos|PUT /api/v1/videos/[^/]+/poster|PUT /api/v1/me/avatar")
"""These may last as long as their bytes travel: they hold what they read before that to SECONDS themselves."""


@web.middleware
async def deadline(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Cut what takes too long."""
    if request.path.startswith(STREAMING) or ONE_SHOT.fullmatch(f"{request.method} {request.path}"):
        return await handler(request)
    try:
        async with asyncio.timeout(SECONDS):
            return await handler(request)
    except TimeoutError:
        raise Unavailable(TOO_LONG) from None
