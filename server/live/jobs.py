"""Periodic jobs of the live gateway; safe to run twice."""

from server.live import queries
from storage.postgres import Pool, connection

AT_ONCE = 5_000


async def forget_publications(pool: Pool) -> None:
    """Delete entries of the log that are older than positions are good."""
    more = True
    while more:
        async with connection(pool) as conn:
            more = await queries.forget(conn, AT_ONCE)
