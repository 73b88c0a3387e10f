"""All that the catalogue of a database says of its tables, to be compared with another's."""

import asyncpg

_TABLE = """FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT (c.relispartition AND c.relname ~ '_[0-9]{8}$')
"""
"""But for days, which a job makes."""
ASKED = {
    "tables": f"SELECT c.relname || ' ' || coalesce(c.reloptions::text, '') {_TABLE}",
    "columns": f"""
SELECT format('%s.%s %s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
              (SELECT collname FROM pg_collation WHERE oid = a.attcollation), a.attoptions,
              (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = c.oid AND adnum = a.attnum))
FROM pg_attribute AS a
JOIN (SELECT c.* {_TABLE}) AS c ON c.oid = a.attrelid
WHERE a.attnum > 0 AND NOT a.attisdropped
""",
    "indexes": f"""
SELECT format('%s %s %s %s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indisprimary)
FROM pg_index AS i
JOIN (SELECT c.* {_TABLE}) AS c ON c.oid = i.indrelid
""",
    "constraints": f"""
SELECT format('%s %s %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated)
FROM pg_constraint AS k
JOIN (SELECT c.* {_TABLE}) AS c ON c.oid = k.conrelid
""",
}  # fmt: skip


async def schema(conn: "asyncpg.Connection[asyncpg.Record]") -> dict[str, list[str]]:
    """Tables with their options, columns, indexes and constraints, each as a sorted list of words."""
    return {kind: sorted(row[0] for row in await conn.fetch(sql)) for kind, sql in ASKED.items()}
