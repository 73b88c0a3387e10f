"""Walks along everything, from the beginning to the end, for tests that look at what periodic jobs do."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from server.kit.request import POOL
from storage import walks
from storage.postgres import connection
from tests.people import Client


async def whole_walk(client: Client, name: str, run: Callable[[web.Application], Awaitable[None]]) -> None:
    """As many runs as one round takes."""
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, name, "")
    more = "begins"
    while more:
        await run(client.app)
        async with connection(client.app[POOL]) as conn:
            more = await walks.position(conn, name)
