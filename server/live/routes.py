"""GET /live, the socket; POST /live/tickets; GET /asyncapi.json."""

from functools import partial

from aiohttp import web

from server.kit import answer
from server.kit.request import SETTINGS, claims
from server.live import asyncapi, opening
from server.live.gateway import GATEWAY
from server.live.limits import TICKET_SECONDS
from server.live.wire import Ticket
from server.sockets import upgrade

routes = web.RouteTableDef()


@routes.post("/api/v1/live/tickets")
async def post_ticket(request: web.Request) -> web.Response:
    ticket = await request.app[GATEWAY].tickets.issue(claims(request))
    return answer.json(Ticket(ticket, TICKET_SECONDS), status=201)


@routes.get("/api/v1/asyncapi.json")
async def get_asyncapi(request: web.Request) -> web.Response:
    return answer.json(asyncapi.document(request.app[SETTINGS].public_url))


@routes.get(opening.PATH)
async def get_live(request: web.Request) -> web.StreamResponse:
    """The beginning of a live session; a lean one goes on when this has returned."""
    return await upgrade.answer(request, partial(opening.talk, request.app))
