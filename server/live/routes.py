"""GET /live, the socket; POST /live/tickets; GET /asyncapi.json."""

import asyncio
import socket
from functools import partial

from aiohttp import WSMsgType, web

from pubsub import channels
from server.follows import queries as follows
from server.follows.actions import MAX_FOLLOWS
from server.kit import answer
from server.kit.auth import AUTHENTICATOR, CLAIMS, STANDS
from server.kit.deadline import SECONDS
from server.kit.errors import ForeignOrigin, InvalidToken, Malformed, NotAuthenticated
from server.kit.request import ANNOUNCER, POOL, SETTINGS, claims, own_origin
from server.kit.tokens import Claims
from server.kit.work import work
from server.live import asyncapi, codes, frames, metrics
from server.live.commands import Conversation, encoded
from server.live.gateway import GATEWAY, Gateway
from server.live.limits import (
    CLOSE_SECONDS,
    HEARTBEAT_SECONDS,
    JOIN_PATIENCE_SECONDS,
    MAX_MESSAGE_BYTES,
    SEND_BUFFER_BYTES,
    TICKET_SECONDS,
)
from server.live.presence import Audience
from server.live.session import Session
from server.live.wire import SUBPROTOCOL, Ticket, Welcome
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
    """One live session, from its opening to its end."""
    if "Origin" in request.headers and not own_origin(request):
        raise ForeignOrigin("This socket is only for pages of this origin.")
    gateway = request.app[GATEWAY]
    # Pings, pongs and closes are answered here and not by aiohttp: they are signs of life, and the hub writes closes too.
    wire = web.WebSocketResponse(
        protocols=(SUBPROTOCOL,),
        autoping=False,
        autoclose=False,
        compress=False,
        max_msg_size=MAX_MESSAGE_BYTES + 1,  # aiohttp refuses a message that is as long as this
        timeout=CLOSE_SECONDS,
    )
    latest = asyncio.get_running_loop().time() + SECONDS
    async with asyncio.timeout_at(latest):
        found, by_ticket = await _credentials(request, wire, gateway)
    if found is None:
        return await _turned_away(request, wire)
    session = Session(found.account_id, found.session_id, found.expires_at, request.app[SETTINGS].socket_budget_bytes)
    audience = gateway.hub.presence.enter(session)
    gateway.quota.entered(session)
    try:
        async with asyncio.timeout_at(latest):
            stands = await _load(request, gateway, session, audience)
        if not stands:
            if by_ticket:
                return await _turned_away(request, wire)
            raise InvalidToken("This session has ended; log in.")
        await wire.prepare(request)
        await _live(request, wire, gateway, session, audience)
    finally:
        gateway.hub.presence.leave(session)
        gateway.quota.left(session)
    return wire


async def _credentials(request: web.Request, wire: web.WebSocketResponse, gateway: Gateway) -> tuple[Claims | None, bool]:
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
    if not wire.can_prepare(request).ok:
        raise Malformed("This is a WebSocket: send an upgrade (RFC 6455, version 13).")
    if bearer is not None:
        return bearer, False
    return await gateway.tickets.redeem(ticket or ""), True


async def _turned_away(request: web.Request, wire: web.WebSocketResponse) -> web.WebSocketResponse:
    """Accept, and close with a code that a browser's script can see."""
    await wire.prepare(request)
    await wire.close(code=codes.NOT_AUTHENTICATED.code, message=codes.NOT_AUTHENTICATED.reason.encode())
    return wire


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


async def _live(
    request: web.Request, wire: web.WebSocketResponse, gateway: Gateway, session: Session, audience: Audience
) -> None:
    transport = request.transport
    if transport is None:
        return
    peer = transport.get_extra_info("socket")
    # Else the kernel hides megabytes of a peer that reads nothing from the session's budget.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    session.attach(transport)
    session.begin(gateway.hub.applied)
    welcome = Welcome(session.id, gateway.hub.position, int(HEARTBEAT_SECONDS * 1000), MAX_MESSAGE_BYTES)
    session.send(encoded(welcome))
    app = request.app
    start_work = partial(work, app[POOL], app[ANNOUNCER], session.account_id)
    limited = app[SETTINGS].rate_limits
    conversation = Conversation(session, audience, app[AUTHENTICATOR], gateway.resumes, start_work, limited)
    gateway.clocks.wait_for_first_message(conversation)
    metrics.OPENED.inc()
    metrics.SESSIONS.inc()
    try:
        await _converse(wire, conversation)
    finally:
        metrics.SESSIONS.dec()
        metrics.CLOSED.labels(session.ending.code if session.ending else 0).inc()
        if wire.close_code is not None:
            session.close(codes.Close(wire.close_code))  # the echo of the peer's own (RFC 6455, 5.5.1)
        transport.close()  # what is written goes out first
        await conversation.end()


async def _converse(wire: web.WebSocketResponse, conversation: Conversation) -> None:
    """Take messages until the peer has closed, or is gone."""
    session = conversation.session
    async for message in wire:
        session.heard()
        if not session.open:
            continue  # we have said goodbye, and wait for the answer
        match message.type:
            case WSMsgType.TEXT:
                await conversation.hear(message.data)
            case WSMsgType.BINARY:
                conversation.hear_binary()
            case WSMsgType.PING:
                session.send(frames.pong(message.data))
            case WSMsgType.ERROR:
                break
