"""Leases of what must run once among many processes, as rows: they hold behind a connection pooler too."""

from storage.postgres import Rows

TAKE_IF_DUE = """
INSERT INTO lease AS l (name, holder, until, last_run_at)
VALUES ($1, $2, now() + make_interval(secs => $4), now())
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, until = excluded.until, last_run_at = now()
WHERE l.until < now() AND (l.last_run_at IS NULL OR l.last_run_at < now() - make_interval(secs => $3))
RETURNING true
"""
KEEP = """
UPDATE lease SET until = now() + make_interval(secs => $3) WHERE name = $1 AND holder = $2 AND until > now() RETURNING true
"""
RELEASE = "UPDATE lease SET until = '-infinity' WHERE name = $1 AND holder = $2"


async def take_if_due(conn: Rows, name: str, holder: str, every_seconds: float, hold_seconds: float) -> bool:
    """Take the lease if nobody has it and its last run began `every_seconds` ago; whether it is ours now."""
    return await conn.fetchval(TAKE_IF_DUE, name, holder, every_seconds, hold_seconds) is not None


async def release(conn: Rows, name: str, holder: str) -> None:
    await conn.execute(RELEASE, name, holder)


async def keep(conn: Rows, name: str, holder: str, hold_seconds: float) -> bool:
    """Hold it for so long from now on; False when it is not ours any more."""
    return await conn.fetchval(KEEP, name, holder, hold_seconds) is not None
