"""Who asks: the middleware that reads credentials, and what it believes of them."""

import asyncio
import time
from collections import OrderedDict
from uuid import UUID

from aiohttp import web

from server.kit.deadline import SECONDS
from server.kit.errors import InvalidToken, Malformed
from server.kit.head import Head
from server.kit.invalidation import Invalidated, Invalidations
from server.kit.problems import Handler
from server.kit.tokens import Claims, Tokens
from storage.postgres import Pool, connection

MAX_CACHED_TOKENS = 50_000
MAX_AUTHORIZATION = 8_192
ASKING_AT_ONCE = 4
"""Tokens that are looked up in PostgreSQL at once. Each request would otherwise stand in the pool's queue before the very read
that makes looking up unnecessary, and so keep it necessary; with thousands of clients for seconds."""

STANDS = """
SELECT true
FROM session
WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL
"""


class Authenticator:
    """Turns access tokens into claims; a session that was ended is refused within a second on every process."""

    def __init__(self, tokens: Tokens, invalidations: Invalidations, pool: Pool) -> None:
        self._tokens = tokens
        self._invalidations = invalidations
        self._pool = pool
        self._good: OrderedDict[str, Claims] = OrderedDict()
        self._asking = asyncio.Semaphore(ASKING_AT_ONCE)
        self._ended: OrderedDict[UUID, float] = OrderedDict()  # session → when it may be forgotten
        invalidations.listen(self._hear)

    async def claims(self, token: str) -> Claims:
        """What a token says.

        Raises:
            InvalidToken: it is no access token of ours, has expired, or its session has ended.
            one of `AWAY`: whether it has ended cannot be told; TimeoutError: not within SECONDS.
        """
        claims = self._good.get(token) or self._read(token)
        if claims.expires_at < time.time() or claims.session_id in self._ended:
            self._good.pop(token, None)
            raise InvalidToken("This access token is no longer good; refresh it.")
        if not self._invalidations.fresh and not await self._stands(claims):
            raise InvalidToken("This access token is no longer good; refresh it.")
        return claims

    def known(self, token: str) -> Claims | None:
        """What a good token says that was read before, where nobody has to be asked; None says nothing."""
        claims = self._good.get(token)
        if claims is None or claims.expires_at < time.time() or claims.session_id in self._ended or not self._invalidations.fresh:
            return None
        return claims

    async def asker(self, head: Head) -> Claims | None:
        """Who asks, by the request's own word; None where it names nobody.

        Raises:
            as `bearer` and `claims`.
        """
        token = bearer(head)
        return await self.claims(token) if token else None

    def _read(self, token: str) -> Claims:
        claims = self._tokens.read_access(token)
        if claims is None:
            raise InvalidToken("This is no access token of ours, or it has expired.")
        self._good[token] = claims
        if len(self._good) > MAX_CACHED_TOKENS:
            self._good.popitem(last=False)
        return claims

    async def _stands(self, claims: Claims) -> bool:
        async with asyncio.timeout(SECONDS), self._asking:
            if self._invalidations.fresh:  # meanwhile
                return claims.session_id not in self._ended
            return await self._asked(claims)

    async def _asked(self, claims: Claims) -> bool:
        async with connection(self._pool) as conn:
            return await conn.fetchval(STANDS, claims.account_id, claims.session_id) is not None

    def _hear(self, event: Invalidated) -> None:
        if event.kind != "session":
            return
        now = time.monotonic()
        self._ended[event.subject_id] = now + self._tokens.access_seconds * 2
        while self._ended and next(iter(self._ended.values())) < now:
            self._ended.popitem(last=False)


AUTHENTICATOR: web.AppKey[Authenticator] = web.AppKey("authenticator")
CLAIMS: web.RequestKey[Claims | None] = web.RequestKey("claims")


def bearer(head: Head) -> str | None:
    """The token of `Authorization: Bearer`; None without the header.

    Raises:
        Malformed: the header is larger than any token of ours could make it.
        InvalidToken: the header is there and is something else.
    """
    headers = head.headers.getall("Authorization", [])
    if not headers:
        return None
    if len(headers[0]) > MAX_AUTHORIZATION:
        raise Malformed(f"Authorization may have {MAX_AUTHORIZATION} bytes.")
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("Send one Authorization header: Bearer and an access token.")
    return token.strip()


WITHOUT = frozenset({("POST", "/api/v1/accounts"), ("POST", "/api/v1/sessions"), ("POST", "/api/v1/sessions/refresh")})
"""Who asks for tokens need not have any: a client that always sends its old one gets a new one all the same."""


@web.middleware
async def authentication(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read the credentials once; bad ones are refused everywhere, also where none are needed."""
    # What does not exist is refused before credentials are looked at (http.md, the order of refusals).
    asks_for_tokens = (request.method, request.path) in WITHOUT
    if request.match_info.http_exception is None and request.path.startswith("/api/") and not asks_for_tokens:
        request[CLAIMS] = await request.app[AUTHENTICATOR].asker(request)
    return await handler(request)
