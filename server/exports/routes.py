"""GET /me/export."""

import asyncio
import logging

from aiohttp import web

from server.cards.actions import CARDS
from server.exports.actions import pieces
from server.exports.sections import Whose
from server.kit.limiter import TOLD
from server.kit.request import POOL, claims
from storage.postgres import AWAY

WRITE_SECONDS = 60.0
HEADERS = {
    "Content-Type": "application/json",
    "Content-Disposition": 'attachment; filename="reelwire-export.json"',
    "Cache-Control": "no-store",
    # nginx would read all of it at once, and keep on disk what its client is too slow for.
    "X-Accel-Buffering": "no",
}
routes = web.RouteTableDef()
log = logging.getLogger(__name__)


@routes.get("/api/v1/me/export")
async def get_export(request: web.Request) -> web.StreamResponse:
    asks = claims(request)
    exported = pieces(request.app[POOL], Whose(asks.account_id, asks.session_id, request.app[CARDS]))
    first = await anext(exported)  # until here refusals have an answer of their own
    response = web.StreamResponse(headers={**HEADERS, **request.get(TOLD, {})})
    complete = False
    try:
        await response.prepare(request)
        await _write(response, first)
        async for piece in exported:
            await _write(response, piece)
        await response.write_eof()
        complete = True
    except AWAY as error:
        log.warning("an export broke off: %r", error)
    finally:
        await exported.aclose()
        # The head is out: only breaking off tells the other side, if it is still there, that this is not all.
        if not complete and request.transport is not None:
            request.transport.abort()
    return response


async def _write(response: web.StreamResponse, piece: bytes) -> None:
    async with asyncio.timeout(WRITE_SECONDS):
        await response.write(piece)
