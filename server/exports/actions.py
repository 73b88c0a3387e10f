"""The rules of exports: all of it or nothing that could be taken for all, in short transactions and little memory."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from server.exports.sections import SECTIONS, Read, Whose
from server.kit.deadline import SECONDS
from server.kit.paging import FIRST, After
from server.plays import choices, watches
from server.profiles import actions as profiles
from storage.postgres import Pool, connection


async def pieces(pool: Pool, whose: Whose) -> AsyncGenerator[bytes, None]:
    """An export as JSON, piece by piece; what changes meanwhile is in it or not.

    Raises:
        NotFound: the account is gone; at the first piece, or instead of the last.
        TimeoutError and other signs of an outage: whatever came until then is no JSON.
    """
    yield b'{"account":' + await _account(pool, whose)
    async with asyncio.timeout(SECONDS), connection(pool) as conn:
        choice = await watches.choice(conn, whose.account_id)
    yield b',"suggestions":' + msgspec.json.encode(choices.shown(choice))
    for name, read in SECTIONS.items():
        yield f',"{name}":['.encode()
        async for piece in _section(pool, whose, read):
            yield piece
        yield b"]"
    # What is deleted while it is read ends early, as if there were no more.
    await _account(pool, whose)
    yield b"}"


async def _account(pool: Pool, whose: Whose) -> bytes:
    async with asyncio.timeout(SECONDS), connection(pool) as conn:
        return msgspec.json.encode(await profiles.account(conn, whose.account_id))


async def _section(pool: Pool, whose: Whose, read: Read) -> AsyncIterator[bytes]:
    after: After | None = FIRST
    separator = b""
    while after is not None:
        async with asyncio.timeout(SECONDS), connection(pool) as conn:
            items, after = await read(conn, whose, after)
        if items:
            yield separator + msgspec.json.encode(items)[1:-1]
            separator = b","
