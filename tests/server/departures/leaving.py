"""People who leave, and the job that leaves nothing of them, run by hand."""

from pathlib import Path
from typing import Any, cast

import asyncpg

from media.pool import Pool as MediaPool
from server.departures.actions import DEPARTURE_JOB
from server.departures.jobs import Departing
from server.kit.request import POOL, SETTINGS
from server.transcoding.jobs import Tools
from server.videos import removals
from storage import jobs
from storage.jobs import Lease
from storage.postgres import connection
from tests.people import PASSWORD, Client, Person
from tests.transcoded import tools_of

TRIES = 5
PUT_OFF = "SELECT count(*) FROM object_removal WHERE faults > 0"
AGAIN = "UPDATE object_removal SET due_at = now() WHERE faults > 0"
TABLES = """
SELECT relname AS table_name
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
"""A table that is kept by day has the rows of all its days."""


def tools(client: Client) -> Tools:
    return tools_of(client, cast("MediaPool", None))  # no child takes part


async def leave(person: Person) -> None:
    gone = await person.delete("/me", json={"password": PASSWORD})
    assert gone.status == 204, gone.body


async def leased(client: Client) -> Lease:
    """The job that is due."""
    async with connection(client.app[POOL]) as conn:
        found = await jobs.take(conn, {DEPARTURE_JOB}, "test")
    assert found is not None
    return found


async def depart(client: Client) -> None:
    """One start of the job that is due."""
    await Departing(tools(client), await leased(client), Path()).run()


async def depart_wholly(client: Client) -> None:
    """Until it is over; what is to be removed from the store goes between two starts, also what a busy store put off."""
    pool = client.app[POOL]
    await depart(client)
    await removals.remove_due(client.app)
    for _ in range(TRIES):
        if not await pool.fetchval(PUT_OFF):
            break
        await pool.execute(AGAIN)
        await removals.remove_due(client.app)
    await depart(client)


async def traces(client: Client, person: Person) -> set[str]:
    """Tables in which a row names a person in whatever way: by id or name, in text, JSON, or bytes."""
    assert person.id is not None
    told = [str(person.id), person.id.hex, person.username, person.email]
    words = [f"%{word}%" for text in told for word in (text, text.encode().hex())]
    conn = await asyncpg.connect(client.app[SETTINGS].database_url)
    try:
        names = [row["table_name"] for row in await conn.fetch(TABLES)]
        found = {name: await conn.fetchval(_says(name), words) for name in names}
    finally:
        await conn.close()
    return {name for name, says in found.items() if says}


def _says(table: str) -> str:
    return f'SELECT EXISTS (SELECT 1 FROM "{table}" AS t WHERE t::text ILIKE ANY($1))'


async def all_tables(client: Client) -> set[str]:
    async with connection(client.app[POOL]) as conn:
        return {row["table_name"] for row in await conn.fetch(TABLES)}


async def count(client: Client, sql: str, *arguments: Any) -> int:
    async with connection(client.app[POOL]) as conn:
        found: int = await conn.fetchval(sql, *arguments)
    return found
