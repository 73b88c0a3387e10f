"""Holds requests to their limits (`limits.py`): buckets in Valkey, which all processes share."""

import asyncio
import hashlib
import math
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from pubsub.broker import BrokerUnavailable, NodeUnavailable
from pubsub.buckets import Buckets, Take, Taken
from pubsub.marks import Marks
from pubsub.opening import open_commands
from server.keys import derive
from server.kit import metrics
from server.kit.address import Addresses
from server.kit.errors import RateLimited, Refusal, Unavailable
from server.kit.limits import Limit, changed, limit_of
from server.kit.problems import Handler
from server.kit.request import SETTINGS, viewer
from server.kit.together import Together
from storage.postgres import AWAY

PREFIX, MARKS_PREFIX = "limit:", "limit:known:"
AT_ONCE = 100
"""Buckets that are asked together."""
AVOID_SECONDS = 1.0
"""So long after it let somebody wait in vain nobody waits for Valkey: readers pass at once, log-ins are refused at once."""
KNOWN_SECONDS = 604_800
DIGEST_BYTES = 16
SPARED = frozenset({400, 413, 415, 422})
"""Refused as they stand, before anything was done for them."""
GUESSED_WRONG = frozenset({401, 403})


class Limiter:
    """Asks the buckets; names and addresses stand there as keyed digests, which tell nobody who that was."""

    def __init__(self, buckets: Buckets, marks: Marks, secret: bytes, limits: Mapping[str, Limit]) -> None:
        self._buckets = buckets
        self._marks = marks
        self._secret = secret
        self._limits = limits
        self._asked: Together[Take, Taken | BrokerUnavailable] = Together("limits", self._ask, AT_ONCE)
        self._avoided_until = 0.0

    async def close(self) -> None:
        """End what is being asked."""
        await self._asked.close()

    async def take(self, limit: Limit, *whose: str) -> dict[str, str]:
        """Count one more of theirs; what headers tell of it, nothing where the limit could not be asked and is an open one.

        Raises:
            RateLimited: there were too many.
            Unavailable: the limit cannot be asked, and is a closed one.
        """
        limit = self._limits[limit.name]
        try:
            found = await self._take(limit, whose, 1)
        except BrokerUnavailable:
            metrics.UNLIMITED.labels(limit.name).inc()
            if limit.closed:
                raise Unavailable("Log-ins, sign-ups and changes of passwords are briefly impossible; try again.") from None
            return {}
        if not found.passes:
            metrics.LIMITED.labels(limit.name).inc()
            raise RateLimited(limit.name, math.ceil(found.seconds), _headers(limit, found))
        return _headers(limit, found)

    async def give_back(self, limit: Limit, *whose: str) -> None:
        """What was taken does not count. While Valkey is away it does."""
        with suppress(BrokerUnavailable):
            await self._take(self._limits[limit.name], whose, -1)

    @asynccontextmanager
    async def counting(self, limit: Limit, whose: str) -> AsyncIterator[dict[str, str]]:
        """Within, a request is done that counts; it is given what headers tell of its limit, as its refusals are.

        Where the limit is `spared`, what is refused as it stands is given back. Raises as `take`.
        """
        told = await self.take(limit, whose)
        try:
            yield told
        except Refusal as refusal:
            refusal.headers = {**told, **refusal.headers}
            if limit.spared and refusal.status in SPARED:
                await self.give_back(limit, whose)
            raise

    @asynccontextmanager
    async def guessing(self, limit: Limit, *whose: str) -> AsyncIterator[None]:
        """Within, a password is tried: it counts before it is looked at, so that many at once do not pass together.

        What is right, or was not looked at, is given back. Raises as `take`.
        """
        await self.take(limit, *whose)
        try:
            yield
        except Refusal as refusal:
            if refusal.status not in GUESSED_WRONG:
                await self.give_back(limit, *whose)
            raise
        except AWAY:
            await self.give_back(limit, *whose)
            raise
        await self.give_back(limit, *whose)

    async def known(self, name: str, address: str) -> bool:
        """Whether this name was remembered at this address; nobody is while Valkey is away."""
        try:
            return await self._marks.has(self._digest(name, address))
        except BrokerUnavailable:
            return False

    async def remember(self, name: str, address: str) -> None:
        """The name is at home at this address, for KNOWN_SECONDS. Forgotten while Valkey is away."""
        with suppress(BrokerUnavailable):
            await self._marks.put(self._digest(name, address))

    async def _take(self, limit: Limit, whose: Sequence[str], taken: int) -> Taken:
        name = f"{limit.name}:{self._digest(*whose)}"
        found = await self._asked.ask(Take(name, limit.quota, limit.seconds, taken))
        if isinstance(found, BrokerUnavailable):
            raise found
        return found

    async def _ask(self, wishes: Sequence[Take]) -> Sequence[Taken | BrokerUnavailable]:
        now = asyncio.get_running_loop().time
        if now() < self._avoided_until:
            raise BrokerUnavailable("it let somebody wait in vain a moment ago")
        try:
            return await self._buckets.take(wishes)
        except NodeUnavailable:
            raise  # other nodes answer, and this one is avoided already
        except BrokerUnavailable:
            self._avoided_until = now() + random.uniform(0.7, 1) * AVOID_SECONDS  # noqa: S311 - jitter
            raise

    def _digest(self, *parts: str) -> str:
        text = "\0".join(parts).encode(errors="surrogatepass")
        return hashlib.blake2b(text, digest_size=DIGEST_BYTES, key=self._secret).hexdigest()


LIMITER: web.AppKey[Limiter | None] = web.AppKey("limiter")
TOLD: web.RequestKey[dict[str, str]] = web.RequestKey("told")
"""What headers tell of the limit of this request: for answers that begin before their handler returns."""
ADDRESSES: web.AppKey[Addresses] = web.AppKey("addresses", Addresses)


async def limiter(app: web.Application) -> AsyncIterator[None]:
    """The limiter of a process, or none where limits are off. Nothing here waits for Valkey."""
    settings = app[SETTINGS]
    keys = tuple(map(derive, settings.secret_keys))
    app[ADDRESSES] = Addresses(keys)
    app[LIMITER] = None
    limits = changed(settings.limits)
    if not settings.rate_limits:
        yield
        return
    async with open_commands(settings.valkey_url) as commands:
        buckets, marks = Buckets(commands, PREFIX), Marks(commands, MARKS_PREFIX, KNOWN_SECONDS)
        app[LIMITER] = found = Limiter(buckets, marks, keys[0].limit, limits)
        yield
        await found.close()


@web.middleware
async def limited(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count what has a limit, behind the credentials and before anything else is read."""
    own = request.app[LIMITER]
    resource = request.match_info.route.resource
    limit = limit_of(request.method, resource.canonical) if own is not None and resource is not None else None
    if own is None or limit is None or request.match_info.http_exception is not None:
        return await handler(request)
    whose = _whose(request, limit)
    if whose is None:
        return await handler(request)
    async with own.counting(limit, whose) as told:
        request[TOLD] = told
        response = await handler(request)
    if not response.prepared:
        response.headers.update(told)
    return response


def _whose(request: web.Request, limit: Limit) -> str | None:
    """Who is counted; nobody where an account is needed and nobody asks, which is refused further on."""
    account_id = viewer(request) if limit.by.startswith("account") else None
    if account_id is not None:
        return str(account_id)
    if limit.by == "account":
        return None
    return request.app[ADDRESSES].of(request)


def _headers(limit: Limit, found: Taken) -> dict[str, str]:
    """What a client may know of its bucket (draft-ietf-httpapi-ratelimit-headers-11).

    `q` units within `w` seconds is how the bucket fills (3.1); `r` are there now, and within `t` seconds there is no further
    one (4.1): a bucket that fills evenly is never full at once again.
    """
    return {
        "RateLimit-Policy": f'"{limit.name}";q={limit.quota};w={limit.seconds}',
        "RateLimit": f'"{limit.name}";r={found.left};t={math.ceil(found.seconds)}',
    }
