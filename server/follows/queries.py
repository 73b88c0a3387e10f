"""SQL of follows: the follower's list and the author's mirror of it, each on its own shard."""

from collections.abc import Collection, Sequence
from uuid import UUID

from server.follows.wire import Edge
from server.kit.mirrors import change_both
from server.kit.paging import After
from server.sight.queries import in_sight
from storage.postgres import Rows

FOLLOWED_AMONG = "SELECT author_id FROM following WHERE account_id = $1 AND author_id = ANY($2)"
FOLLOWED_PAIRS = """
SELECT asked.account_id, asked.author_id
FROM unnest($1::uuid[], $2::uuid[]) AS asked (account_id, author_id)
JOIN following AS f USING (account_id, author_id)
"""
FOLLOWED_BY = "SELECT author_id FROM following WHERE account_id = $1 LIMIT $2"
FOLLOWED_BY_EACH = """
SELECT asked.account_id, ARRAY(SELECT author_id FROM following WHERE account_id = asked.account_id LIMIT $2) AS authors
FROM unnest($1::uuid[]) AS asked (account_id)
"""
COUNT = "SELECT count(*) FROM following WHERE account_id = $1"
INSERT = """
INSERT INTO following (account_id, author_id, from_video, created_at)
VALUES ($1, $2, $3, now())
ON CONFLICT (account_id, author_id) DO NOTHING
RETURNING true
"""
INSERT_MIRROR = """
INSERT INTO follower (author_id, account_id, created_at)
VALUES ($2, $1, now())
ON CONFLICT (author_id, account_id) DO NOTHING
"""
DELETE = "DELETE FROM following WHERE account_id = $1 AND author_id = $2 RETURNING true"
DELETE_MIRROR = "DELETE FROM follower WHERE author_id = $2 AND account_id = $1"
FOLLOWERS = f"""
SELECT created_at AS at, account_id
FROM follower
WHERE author_id = $1 AND (created_at, account_id) < ($2, $3)
  AND {in_sight("follower.account_id", "$5")}
ORDER BY created_at DESC, account_id DESC
LIMIT $4
"""  # noqa: S608 - a condition of ours
FOLLOWING = f"""
SELECT created_at AS at, author_id AS account_id
FROM following
WHERE account_id = $1 AND (created_at, author_id) < ($2, $3)
  AND {in_sight("following.author_id", "$5")}
ORDER BY created_at DESC, author_id DESC
LIMIT $4
"""  # noqa: S608 - a condition of ours
SOME_FOLLOWED = "SELECT author_id FROM following WHERE account_id = $1 LIMIT $2"
SOME_FOLLOWERS = "SELECT account_id FROM follower WHERE author_id = $1 LIMIT $2"
FORGET_FOLLOWED = "DELETE FROM following WHERE account_id = $1 AND author_id = ANY($2) RETURNING author_id"
FORGET_FOLLOWED_MIRRORS = "DELETE FROM follower WHERE author_id = ANY($2) AND account_id = $1"
FORGET_FOLLOWERS = "DELETE FROM following WHERE account_id = ANY($2) AND author_id = $1 RETURNING account_id"
FORGET_FOLLOWERS_MIRRORS = "DELETE FROM follower WHERE author_id = $1 AND account_id = ANY($2)"


async def followed_among(conn: Rows, account_id: UUID, author_ids: Collection[UUID]) -> set[UUID]:
    """Those of these authors that the account follows."""
    return {row["author_id"] for row in await conn.fetch(FOLLOWED_AMONG, account_id, list(author_ids))}


async def followed_by_each(conn: Rows, account_ids: Sequence[UUID], limit: int) -> dict[UUID, list[UUID]]:
    """Whom each account follows, at most `limit`, in no order."""
    return {r["account_id"]: r["authors"] for r in await conn.fetch(FOLLOWED_BY_EACH, list(account_ids), limit)}


async def followed_pairs(conn: Rows, pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those of these (account, author) in which the one follows the other."""
    rows = await conn.fetch(FOLLOWED_PAIRS, [account for account, _ in pairs], [author for _, author in pairs])
    return {(row["account_id"], row["author_id"]) for row in rows}


async def followed_by(conn: Rows, account_id: UUID, limit: int) -> list[UUID]:
    """Everybody the account follows."""
    return [row["author_id"] for row in await conn.fetch(FOLLOWED_BY, account_id, limit)]


async def count(conn: Rows, account_id: UUID) -> int:
    """How many the account follows."""
    found: int = await conn.fetchval(COUNT, account_id)
    return found


async def insert(conn: Rows, account_id: UUID, author_id: UUID, from_video: UUID | None) -> bool:
    """Whether the follow is new; where it came from is kept of that alone."""
    return await change_both(conn, INSERT, INSERT_MIRROR, account_id, author_id, from_video)


async def delete(conn: Rows, account_id: UUID, author_id: UUID) -> bool:
    """Whether there was such a follow."""
    return await change_both(conn, DELETE, DELETE_MIRROR, account_id, author_id)


async def followers(conn: Rows, account_id: UUID, viewer_id: UUID | None, after: After, limit: int) -> list[Edge]:
    """Those of them that the viewer sees."""
    return [Edge(**row) for row in await conn.fetch(FOLLOWERS, account_id, after.at, after.id, limit, viewer_id)]


async def following(conn: Rows, account_id: UUID, viewer_id: UUID | None, after: After, limit: int) -> list[Edge]:
    """Those of them that the viewer sees."""
    return [Edge(**row) for row in await conn.fetch(FOLLOWING, account_id, after.at, after.id, limit, viewer_id)]


async def forget(conn: Rows, account_id: UUID, limit: int) -> tuple[list[UUID], list[UUID], int]:
    """Delete some follows of an account and some of others that follow it, each on both sides.

    Returns:
        Whom it does not follow any more, who does not follow it any more, and how many were looked at: others may be first.
    """
    followed = [row["author_id"] for row in await conn.fetch(SOME_FOLLOWED, account_id, limit)]
    followers = [row["account_id"] for row in await conn.fetch(SOME_FOLLOWERS, account_id, limit)]
    # As whoever unfollows has it: the list first, then its mirror.
    gone = [row["author_id"] for row in await conn.fetch(FORGET_FOLLOWED, account_id, followed)]
    await conn.execute(FORGET_FOLLOWED_MIRRORS, account_id, followed)
    lost = [row["account_id"] for row in await conn.fetch(FORGET_FOLLOWERS, account_id, followers)]
    await conn.execute(FORGET_FOLLOWERS_MIRRORS, account_id, followers)
    return gone, lost, len(followed) + len(followers)
