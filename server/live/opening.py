"""The opening of a live session: who may, and what must be known before the welcome."""

import asyncio

from aiohttp import web

from pubsub import channels
from server.kit.auth import AUTHENTICATOR
from server.kit.deadline import SECONDS
from server.kit.errors import ForeignOrigin, InvalidToken, NotAuthenticated
from server.kit.head import Head
from server.kit.request import SETTINGS, own_origin
from server.kit.tokens import Claims
from server.live.admission import Crowded
from server.live.gateway import GATEWAY, Gateway
from server.live.limits import JOIN_PATIENCE_SECONDS
from server.live.presence import Audience
from server.live.queries import Arrival
from server.live.session import Session
from server.live.talk import LiveTalk
from server.sockets import codes, upgrade
from server.sockets.farewell import Farewell
from server.sockets.wires import Talk

PATH = "/api/v1/live"


async def talk(app: web.Application, head: Head) -> Talk:
    """See `upgrade.Way`. A page cannot see why an upgrade was refused: it is accepted and told then."""
    bearer = await app[AUTHENTICATOR].asker(head)
    if "Origin" in head.headers and not own_origin(head, app[SETTINGS]):
        raise ForeignOrigin("This socket is only for pages of this origin.")
    if bearer is None and "ticket" not in head.query:
        raise NotAuthenticated("Send an access token, or a ticket in the address.")
    gateway = app[GATEWAY]
    gateway.require_ready()
    upgrade.require_upgrade(head)
    try:
        async with asyncio.timeout(SECONDS):
            found = await _opened(app, gateway, bearer, head)
    except Crowded:
        if bearer is not None:
            raise
        return Farewell(codes.retry_soon())
    if found is not None:
        return found
    if bearer is not None:
        raise InvalidToken("This session has ended; log in.")
    return Farewell(codes.NOT_AUTHENTICATED)


async def _opened(app: web.Application, gateway: Gateway, bearer: Claims | None, head: Head) -> LiveTalk | None:
    """The talk of whoever asks; None for a bad ticket, and for a log-in that has ended."""
    async with gateway.admission.opening():
        claims = bearer or await gateway.tickets.redeem(head.query["ticket"])
        if claims is None:
            return None
        if gateway.stopping:  # meanwhile: whoever is present by now is said goodbye to, and nobody after them
            raise Crowded
        session = Session(claims.account_id, claims.session_id, claims.expires_at, app[SETTINGS].socket_budget_bytes)
        audience = gateway.hub.presence.enter(session)
        found, stands = LiveTalk(gateway, session), False
        try:
            stands = await _stands(gateway, session, audience)
        finally:
            if not stands:
                found.ended()
    if not stands:
        return None
    heard = False
    try:
        # Events without position that follow the welcome arrive; a broker that is away holds nobody up.
        await gateway.interest.heard(channels.of(session.account_id), JOIN_PATIENCE_SECONDS)
        heard = True
    finally:
        if not heard:
            found.ended()
    return found


async def _stands(gateway: Gateway, session: Session, audience: Audience) -> bool:
    """Load whom the account follows; whether its log-in stands, asked when the session can already be found and closed."""
    while True:
        changes, loading = audience.changes, audience.follows is None
        found = await gateway.arrivals.ask(Arrival(session.account_id, session.login_id, loading))
        if audience.follows is None and audience.changes == changes:
            gateway.hub.presence.loaded(audience, found.authors)
        if audience.follows is not None:  # another session of the account may have loaded them
            return found.stands
