"""GET /live, the socket; POST /live/tickets; GET /asyncapi.json."""

import asyncio

from aiohttp import web

from pubsub import channels
from server.follows.actions import MAX_FOLLOWS
from server.kit import answer
from server.kit.auth import CLAIMS, STANDS
from server.kit.deadline import SECONDS
from server.kit.errors import ForeignOrigin, InvalidToken, NotAuthenticated
from server.kit.request import POOL, SETTINGS, claims, own_origin
from server.live import asyncapi, queries
from server.live.admission import Crowded
from server.live.gateway import GATEWAY, Gateway
from server.live.limits import JOIN_PATIENCE_SECONDS, TICKET_SECONDS
from server.live.presence import Audience
from server.live.session import Session
from server.live.talk import LiveTalk
from server.live.wire import Ticket
from server.sockets import codes, upgrade
from server.sockets.farewell import Farewell
from storage.postgres import connection

routes = web.RouteTableDef()


@routes.post("/api/v1/live/tickets")
async def post_ticket(request: web.Request) -> web.Response:
    ticket = await request.app[GATEWAY].tickets.issue(claims(request))
    return answer.json(Ticket(ticket, TICKET_SECONDS), status=201)


@routes.get("/api/v1/asyncapi.json")
async def get_asyncapi(request: web.Request) -> web.Response:
    return answer.json(asyncapi.document(request.app[SETTINGS].public_url))


@routes.get("/api/v1/live")
async def get_live(request: web.Request) -> web.StreamResponse:
    """The beginning of a live session; a lean one goes on when this has returned."""
    if "Origin" in request.headers and not own_origin(request):
        raise ForeignOrigin("This socket is only for pages of this origin.")
    gateway, bearer = request.app[GATEWAY], request.get(CLAIMS)
    if bearer is None and "ticket" not in request.query:
        raise NotAuthenticated("Send an access token, or a ticket in the address.")
    gateway.require_ready()
    upgrade.require_upgrade(request)
    talk: LiveTalk | None = None
    try:
        async with asyncio.timeout(SECONDS):
            async with gateway.admission.opening():
                talk = await _open(request, gateway)
            if talk is not None:
                # Events without position that follow the welcome arrive; a broker that is away holds nobody up.
                await gateway.interest.heard(channels.of(talk.session.account_id), JOIN_PATIENCE_SECONDS)
        if talk is not None:
            return await upgrade.carry(request, talk)
    except Crowded:
        if bearer is not None:
            raise
        return await upgrade.carry(request, Farewell(codes.retry_soon()))
    except BaseException:
        if talk is not None:
            talk.ended()
        raise
    if bearer is not None:
        raise InvalidToken("This session has ended; log in.")
    return await upgrade.carry(request, Farewell(codes.NOT_AUTHENTICATED))


async def _open(request: web.Request, gateway: Gateway) -> LiveTalk | None:
    """The talk of whoever asks; None for a bad ticket, and for a log-in that has ended."""
    found = request.get(CLAIMS) or await gateway.tickets.redeem(request.query["ticket"])
    if found is None:
        return None
    session = Session(found.account_id, found.session_id, found.expires_at, request.app[SETTINGS].socket_budget_bytes)
    audience = gateway.hub.presence.enter(session)
    talk = LiveTalk(gateway, session)
    try:
        if await _load(request, gateway, session, audience):
            return talk
    except BaseException:
        talk.ended()
        raise
    talk.ended()
    return None


async def _load(request: web.Request, gateway: Gateway, session: Session, audience: Audience) -> bool:
    """Whom the account follows, and whether its log-in stands: asked when the session can already be found and closed."""
    async with connection(request.app[POOL]) as conn:
        while audience.follows is None:
            changes = audience.changes
            stands, authors = await queries.opening(conn, audience.id, session.login_id, MAX_FOLLOWS)
            if audience.follows is None and audience.changes == changes:
                gateway.hub.presence.loaded(audience, authors)
                return stands
        return await conn.fetchval(STANDS, session.account_id, session.login_id) is not None
