"""Where slow walks through something large stand, so that each run of a periodic job goes on where the last one ended."""

from storage.postgres import Rows

POSITION = "SELECT position FROM walk WHERE name = $1"
MOVE = """
INSERT INTO walk (name, position)
VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET position = excluded.position
"""


async def position(conn: Rows, name: str) -> str:
    """Where it stands; '' at its beginning."""
    return await conn.fetchval(POSITION, name) or ""


async def move(conn: Rows, name: str, to: str) -> None:
    await conn.execute(MOVE, name, to)
