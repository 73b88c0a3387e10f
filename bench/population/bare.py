"""Tables without their keys and indexes while they are filled, for building an index at once costs a tenth of growing it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.population.rows import Connection

KEYS = """
SELECT conrelid::regclass::text AS table_name, conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE contype IN ('p', 'u') AND conrelid = ANY($1::text[]::regclass[])
ORDER BY name
"""
REFERENCES = """
SELECT conrelid::regclass::text AS table_name, conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE contype = 'f' AND (conrelid = ANY($1::text[]::regclass[]) OR confrelid = ANY($1::text[]::regclass[]))
ORDER BY name
"""
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index AS i
WHERE i.indrelid = ANY($1::text[]::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
ORDER BY name
"""
BUILD_MEMORY = "SET LOCAL maintenance_work_mem = '512MB'"


@asynccontextmanager
async def bare(conn: Connection, *tables: str) -> AsyncIterator[None]:
    """Empty these tables and take off what slows filling them, which is put on again at the end; in one transaction."""
    names = list(tables)
    references = await conn.fetch(REFERENCES, names)
    keys = await conn.fetch(KEYS, names)
    indexes = await conn.fetch(INDEXES, names)
    for row in [*references, *keys]:
        await conn.execute(f"ALTER TABLE {row['table_name']} DROP CONSTRAINT {row['name']}")
    for row in indexes:
        await conn.execute(f"DROP INDEX {row['name']}")
    await conn.execute(f"TRUNCATE {', '.join(names)}")
    yield
    await conn.execute(BUILD_MEMORY)
    for row in keys:
        await conn.execute(f"ALTER TABLE {row['table_name']} ADD CONSTRAINT {row['name']} {row['definition']}")
    for row in indexes:
        await conn.execute(row["definition"])
    for row in references:
        await conn.execute(f"ALTER TABLE {row['table_name']} ADD CONSTRAINT {row['name']} {row['definition']}")
