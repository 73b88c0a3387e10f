"""GET /live, the socket; POST /live/tickets; GET /asyncapi.json."""

import asyncio

from aiohttp import web

from pubsub import channels
from server.follows import queries as follows
from server.follows.actions import MAX_FOLLOWS
from server.kit import answer
from server.kit.auth import CLAIMS, STANDS
from server.kit.deadline import SECONDS
from server.kit.errors import ForeignOrigin, InvalidToken, NotAuthenticated
from server.kit.request import POOL, SETTINGS, claims, own_origin
from server.kit.tokens import Claims
from server.live import asyncapi
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
    gateway = request.app[GATEWAY]
    latest = asyncio.get_running_loop().time() + SECONDS
    async with asyncio.timeout_at(latest):
        found, by_ticket = await _credentials(request, gateway)
    if found is None:
        return await upgrade.carry(request, Farewell(codes.NOT_AUTHENTICATED))
    session = Session(found.account_id, found.session_id, found.expires_at, request.app[SETTINGS].socket_budget_bytes)
    audience = gateway.hub.presence.enter(session)
    gateway.quota.entered(session)
    talk = LiveTalk(gateway, session)
    try:
        async with asyncio.timeout_at(latest):
            stands = await _load(request, gateway, session, audience)
        if stands:
            return await upgrade.carry(request, talk)
    except BaseException:
        talk.ended()
        raise
    talk.ended()
    if by_ticket:
        return await upgrade.carry(request, Farewell(codes.NOT_AUTHENTICATED))
    raise InvalidToken("This session has ended; log in.")


async def _credentials(request: web.Request, gateway: Gateway) -> tuple[Claims | None, bool]:
    """Who opens the session, and whether by ticket; None for a bad ticket.

    Raises:
        NotAuthenticated: nobody says who it is.
        Unavailable: no session can begin now.
        Malformed: this is no upgrade.
    """
    bearer, ticket = request.get(CLAIMS), request.query.get("ticket")
    if bearer is None and ticket is None:
        raise NotAuthenticated("Send an access token, or a ticket in the address.")
    gateway.require_ready()
    upgrade.require_upgrade(request)
    if bearer is not None:
        return bearer, False
    return await gateway.tickets.redeem(ticket or ""), True


async def _load(request: web.Request, gateway: Gateway, session: Session, audience: Audience) -> bool:
    """Whom the account follows. Whether its log-in still stands is asked after the session can be found and closed."""
    async with connection(request.app[POOL]) as conn:
        while audience.follows is None:
            changes = audience.changes
            authors = await follows.followed_by(conn, audience.id, MAX_FOLLOWS)
            if audience.follows is None and audience.changes == changes:
                gateway.hub.presence.loaded(audience, authors)
        stands = await conn.fetchval(STANDS, session.account_id, session.login_id) is not None
    # Events without position that follow the welcome arrive; a broker that is away holds nobody up.
    await gateway.interest.heard(channels.of(audience.id), JOIN_PATIENCE_SECONDS)
    return stands
