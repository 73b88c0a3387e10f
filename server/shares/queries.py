"""SQL of shares. They are by video, so that a video's shares are counted on its shard."""

from collections.abc import Sequence
from uuid import UUID

from server.shares.wire import Shared
from server.videos.remains import forget_some, walk_along
from storage.postgres import Rows

# From the video's row, which stays until the end of the transaction: it may be deleted at this moment.
KEEP = """
INSERT INTO video_share AS s (video_id, account_id)
SELECT id, $2 FROM video WHERE id = $1 FOR KEY SHARE
ON CONFLICT (video_id, account_id) DO UPDATE SET shares = s.shares + 1, last_shared_at = now()
RETURNING true
"""
COUNT = "SELECT video_id, sum(shares)::bigint AS shares FROM video_share WHERE video_id = ANY($1) GROUP BY video_id"
OF_ACCOUNT = """
SELECT video_id, shares, first_shared_at, last_shared_at
FROM video_share
WHERE account_id = $1 AND video_id < $2
ORDER BY video_id DESC
LIMIT $3
"""
FORGET = forget_some("video_share", by="account_id", each="video_id")
FORGET_OF_VIDEO = forget_some("video_share", by="video_id", each="account_id")
WALK = walk_along("video_share")


async def keep(conn: Rows, video_id: UUID, account_id: UUID) -> bool:
    """Count one share more; False when the video is gone."""
    return await conn.fetchval(KEEP, video_id, account_id) is not None


async def counts(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How often each was shared; none where there is no entry."""
    return {row["video_id"]: row["shares"] for row in await conn.fetch(COUNT, list(video_ids))}


async def of_account(conn: Rows, account_id: UUID, before: UUID, limit: int) -> list[Shared]:
    """A page of what an account has passed on, the newest videos first."""
    return [Shared(**row) for row in await conn.fetch(OF_ACCOUNT, account_id, before, limit)]


async def forget(conn: Rows, account_id: UUID, limit: int) -> int:
    """Forget some of what the account shared; how many videos these were."""
    return len(await conn.fetch(FORGET, account_id, limit))


async def forget_of_video(conn: Rows, video_id: UUID, limit: int) -> int:
    """Delete some shares of a video that is deleted; how many these were."""
    return len(await conn.fetch(FORGET_OF_VIDEO, video_id, limit))


async def walk(conn: Rows, after: UUID, limit: int) -> list[tuple[UUID, bool]]:
    """The next videos that were shared, in the order of ids, and whether each is gone."""
    return [(row["video_id"], row["gone"]) for row in await conn.fetch(WALK, after, limit)]
