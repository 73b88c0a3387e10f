"""SQL of who is hidden from whom, as `blocks` and `follows` write it, on the shard of whoever looks. Nothing is written here."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from storage.postgres import Rows

BLOCKS = "SELECT true FROM blocking WHERE account_id = $1 AND blocked_id = $2"
BLOCKED_BY = "SELECT true FROM blocker WHERE blocked_id = $1 AND account_id = $2"
STANDING = """
SELECT EXISTS (
    SELECT 1 FROM blocking WHERE account_id = $1 AND blocked_id = $2
    UNION ALL
    SELECT 1 FROM blocker WHERE blocked_id = $1 AND account_id = $2
) AS hidden, EXISTS (SELECT 1 FROM following WHERE account_id = $1 AND author_id = $2) AS follows
"""
STANDING_PAIRS = """
SELECT asked.viewer_id, asked.account_id, EXISTS (
    SELECT 1 FROM blocking AS b WHERE b.account_id = asked.viewer_id AND b.blocked_id = asked.account_id
    UNION ALL
    SELECT 1 FROM blocker AS b WHERE b.blocked_id = asked.viewer_id AND b.account_id = asked.account_id
) AS hidden, EXISTS (
    SELECT 1 FROM following AS f WHERE f.account_id = asked.viewer_id AND f.author_id = asked.account_id
) AS follows
FROM unnest($1::uuid[], $2::uuid[]) AS asked (viewer_id, account_id)
"""
HIDDEN_AMONG = """
SELECT blocked_id AS id FROM blocking WHERE account_id = $1 AND blocked_id = ANY($2)
UNION ALL
SELECT account_id FROM blocker WHERE blocked_id = $1 AND account_id = ANY($2)
"""
HIDDEN_FROM = """
SELECT blocked_id AS id FROM blocking WHERE account_id = $1
UNION ALL
SELECT account_id FROM blocker WHERE blocked_id = $1
LIMIT $2
"""
HIDDEN_FROM_EACH = """
SELECT asked.account_id, ARRAY(
    SELECT blocked_id FROM blocking WHERE account_id = asked.account_id
    UNION ALL
    SELECT account_id FROM blocker WHERE blocked_id = asked.account_id
    LIMIT $2
) AS hidden
FROM unnest($1::uuid[]) AS asked (account_id)
"""
HIDDEN_PAIRS = """
SELECT asked.viewer_id, asked.account_id
FROM unnest($1::uuid[], $2::uuid[]) AS asked (viewer_id, account_id)
WHERE EXISTS (
    SELECT 1 FROM blocking AS b WHERE b.account_id = asked.viewer_id AND b.blocked_id = asked.account_id
    UNION ALL
    SELECT 1 FROM blocker AS b WHERE b.blocked_id = asked.viewer_id AND b.account_id = asked.account_id
)
"""


def in_sight(account: str, viewer: str) -> str:
    """A condition for statements of other rooms: neither of the two has blocked the other.

    Args:
        account: the column that names the other one, with its table.
        viewer: the parameter that names whoever looks; null where there are no credentials, from whom nobody is hidden.
    """
    # Without UNION ALL the planner makes a join of it: it believes that hardly anything is left, and reads the whole list for a
    # page. So it asks twice by primary key for each row of the page.
    return f"""NOT EXISTS (
    SELECT 1 FROM blocking WHERE blocking.account_id = {viewer} AND blocking.blocked_id = {account}
    UNION ALL
    SELECT 1 FROM blocker WHERE blocker.blocked_id = {viewer} AND blocker.account_id = {account}
  )"""  # noqa: S608 - names of ours


async def blocks(conn: Rows, account_id: UUID, other_id: UUID) -> bool:
    """Whether the account has blocked the other one."""
    return await conn.fetchval(BLOCKS, account_id, other_id) is not None


async def blocked_by(conn: Rows, account_id: UUID, other_id: UUID) -> bool:
    """Whether the other one has blocked the account."""
    return await conn.fetchval(BLOCKED_BY, account_id, other_id) is not None


class Standing(msgspec.Struct, frozen=True):
    """How one account stands to another.

    Attributes:
        hidden: one of the two has blocked the other.
        follows: the one follows the other.
    """

    hidden: bool
    follows: bool


async def standing(conn: Rows, viewer_id: UUID, account_id: UUID) -> Standing:
    """How the viewer stands to the account, or to one that is not there."""
    row = await conn.fetchrow(STANDING, viewer_id, account_id)
    assert row is not None
    return Standing(**row)


async def standing_pairs(
    conn: Rows, pairs: Collection[tuple[UUID, UUID | None]]
) -> tuple[set[tuple[UUID, UUID]], set[tuple[UUID, UUID]]]:
    """Those of these (viewer, account or nobody) in which the one sees nothing of the other, and those in which it follows."""
    rows = await conn.fetch(STANDING_PAIRS, [viewer for viewer, _ in pairs], [account for _, account in pairs])
    hidden = {(row["viewer_id"], row["account_id"]) for row in rows if row["hidden"]}
    return hidden, {(row["viewer_id"], row["account_id"]) for row in rows if row["follows"]}


async def hidden_among(conn: Rows, viewer_id: UUID, account_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these accounts of which this one sees nothing, because one of the two has blocked the other."""
    return {row["id"] for row in await conn.fetch(HIDDEN_AMONG, viewer_id, list(account_ids))}


async def hidden_from(conn: Rows, viewer_id: UUID, limit: int) -> list[UUID]:
    """Everybody of whom this account sees nothing."""
    return [row["id"] for row in await conn.fetch(HIDDEN_FROM, viewer_id, limit)]


async def hidden_from_each(conn: Rows, account_ids: Sequence[UUID], limit: int) -> dict[UUID, frozenset[UUID]]:
    """Everybody of whom each of these accounts sees nothing; `limit` of them at the most, whichever these are."""
    rows = await conn.fetch(HIDDEN_FROM_EACH, list(account_ids), limit)
    return {account_id: frozenset(hidden) for account_id, hidden in rows}


async def hidden_pairs(conn: Rows, pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those of these (viewer, account) in which the one sees nothing of the other."""
    rows = await conn.fetch(HIDDEN_PAIRS, [viewer for viewer, _ in pairs], [account for _, account in pairs])
    return {(row["viewer_id"], row["account_id"]) for row in rows}
