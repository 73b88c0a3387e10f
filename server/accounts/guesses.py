"""Guessing of passwords is slowed down by login name, and the name's owner is not locked out by it.

Whoever comes from where this name has logged in lately has a bucket of their own there; all others share one. An attacker empties
that of the strangers and not the owner's. It never stays empty: one more try is let through every so many seconds.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from aiohttp import web
from msgspec import UNSET, UnsetType

from server.kit.limiter import ADDRESSES, LIMITER
from server.kit.limits import WRONG_LOG_IN, WRONG_PASSWORD


@asynccontextmanager
async def logging_in(request: web.Request, login: str) -> AsyncIterator[None]:
    """Within, somebody tries to log in; what they are refused counts, and where they are let in they are remembered.

    Raises:
        RateLimited: too many were wrong.
        Unavailable: this cannot be counted now.
    """
    limiter = request.app.get(LIMITER)
    if limiter is None:
        yield
        return
    name, address = login.lower(), request.app[ADDRESSES].of(request)
    at_home = await limiter.known(name, address)
    async with limiter.guessing(WRONG_LOG_IN, name, *((address,) if at_home else ())):
        yield
    if not at_home:
        await limiter.remember(name, address)


@asynccontextmanager
async def confirming(request: web.Request, account_id: UUID, password: str | UnsetType) -> AsyncIterator[None]:
    """Within, the password that somebody who is logged in has given is looked at, if there is one. Raises as `logging_in`."""
    limiter = request.app.get(LIMITER)
    if limiter is None or password is UNSET:
        yield
        return
    async with limiter.guessing(WRONG_PASSWORD, str(account_id)):
        yield


async def remember(request: web.Request, *logins: str) -> None:
    """Whoever has just signed up with these names is at home here."""
    limiter = request.app.get(LIMITER)
    if limiter is not None:
        address = request.app[ADDRESSES].of(request)
        await asyncio.gather(*(limiter.remember(login.lower(), address) for login in logins))
