"""SQL of blocks: the list of whoever blocks and its mirror with the blocked, each on its own shard. `sight` reads both."""

from uuid import UUID

from server.blocks.wire import Block
from server.kit.mirrors import change_both
from server.kit.paging import After
from storage.postgres import Rows

INSERT = """
INSERT INTO blocking (account_id, blocked_id)
VALUES ($1, $2)
ON CONFLICT (account_id, blocked_id) DO NOTHING
RETURNING true
"""
INSERT_MIRROR = "INSERT INTO blocker (blocked_id, account_id) VALUES ($2, $1) ON CONFLICT (blocked_id, account_id) DO NOTHING"
DELETE = "DELETE FROM blocking WHERE account_id = $1 AND blocked_id = $2 RETURNING true"
DELETE_MIRROR = "DELETE FROM blocker WHERE blocked_id = $2 AND account_id = $1"
COUNT = "SELECT count(*) FROM blocking WHERE account_id = $1"
NEWEST = """
SELECT created_at AS at, blocked_id
FROM blocking
WHERE account_id = $1 AND (created_at, blocked_id) < ($2, $3)
ORDER BY created_at DESC, blocked_id DESC
LIMIT $4
"""
SOME_BLOCKED = "SELECT blocked_id FROM blocking WHERE account_id = $1 LIMIT $2"
SOME_BLOCKERS = "SELECT account_id FROM blocker WHERE blocked_id = $1 LIMIT $2"
FORGET = "DELETE FROM blocking WHERE account_id = $1 AND blocked_id = ANY($2)"
FORGET_MIRRORS = "DELETE FROM blocker WHERE blocked_id = ANY($2) AND account_id = $1"
FORGET_BLOCKED = "DELETE FROM blocking WHERE account_id = ANY($2) AND blocked_id = $1"
FORGET_BLOCKERS = "DELETE FROM blocker WHERE blocked_id = $1 AND account_id = ANY($2)"


async def insert(conn: Rows, account_id: UUID, blocked_id: UUID) -> bool:
    """Whether the block is new."""
    return await change_both(conn, INSERT, INSERT_MIRROR, account_id, blocked_id)


async def delete(conn: Rows, account_id: UUID, blocked_id: UUID) -> bool:
    """Whether there was such a block."""
    return await change_both(conn, DELETE, DELETE_MIRROR, account_id, blocked_id)


async def count(conn: Rows, account_id: UUID) -> int:
    """How many the account blocks."""
    found: int = await conn.fetchval(COUNT, account_id)
    return found


async def newest(conn: Rows, account_id: UUID, after: After, limit: int) -> list[Block]:
    return [Block(**row) for row in await conn.fetch(NEWEST, account_id, after.at, after.id, limit)]


async def forget(conn: Rows, account_id: UUID, limit: int) -> int:
    """Delete some blocks of the account, and some of others against it, each on both sides; how many these were."""
    blocked = [row["blocked_id"] for row in await conn.fetch(SOME_BLOCKED, account_id, limit)]
    blockers = [row["account_id"] for row in await conn.fetch(SOME_BLOCKERS, account_id, limit)]
    # As whoever unblocks has it: the list first, then its mirror.
    await conn.execute(FORGET, account_id, blocked)
    await conn.execute(FORGET_MIRRORS, account_id, blocked)
    await conn.execute(FORGET_BLOCKED, account_id, blockers)
    await conn.execute(FORGET_BLOCKERS, account_id, blockers)
    return len(blocked) + len(blockers)
