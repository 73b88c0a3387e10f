"""SQL of reports, which are by video, and of what accounts do not want to see, which is by account."""

from collections.abc import Sequence
from uuid import UUID

from server.moderation.wire import NewReport, NotInterested, Report
from server.videos.remains import forget_some, walk_along
from storage.postgres import Rows

# From the video's row, which stays until the end of the transaction: it may be deleted at this moment.
KEEP_REPORT = """
INSERT INTO report (video_id, account_id, reason, detail)
SELECT id, $2, $3, $4 FROM video WHERE id = $1 FOR KEY SHARE
ON CONFLICT (video_id, account_id) DO UPDATE
SET reason = excluded.reason, detail = excluded.detail, created_at = excluded.created_at, closed_at = NULL
RETURNING true
"""
LISTED = """
SELECT video_id, account_id, reason, detail, created_at, closed_at
FROM report
WHERE ($1 OR closed_at IS NULL) AND ($2::uuid IS NULL OR video_id = $2 OR account_id = $2)
ORDER BY created_at DESC
LIMIT $3
"""
CLOSE = "UPDATE report SET closed_at = now() WHERE video_id = $1 AND closed_at IS NULL RETURNING true"
FORGET_REPORTS = forget_some("report", by="account_id", each="video_id")
FORGET_OF_VIDEO = forget_some("report", by="video_id", each="account_id")
WALK_REPORTS = walk_along("report")

REPORTS_OF = """
SELECT video_id, account_id, reason, detail, created_at, closed_at
FROM report
WHERE account_id = $1 AND video_id < $2
ORDER BY video_id DESC
LIMIT $3
"""
DECLINED_BY = """
SELECT video_id, created_at FROM not_interested WHERE account_id = $1 AND video_id < $2 ORDER BY video_id DESC LIMIT $3
"""

# From the account's row, for the same reason as above.
KEEP_NOT_INTERESTED = """
INSERT INTO not_interested (account_id, video_id)
SELECT id, $2 FROM account WHERE id = $1 FOR KEY SHARE
ON CONFLICT (account_id, video_id) DO NOTHING
"""
NOT_INTERESTED = "SELECT video_id FROM not_interested WHERE account_id = $1 AND video_id = ANY($2)"
FORGET_NOT_INTERESTED = forget_some("not_interested", by="account_id", each="video_id")
WALK = """
SELECT account_id, video_id, NOT EXISTS (SELECT FROM video WHERE id = n.video_id) AS gone
FROM not_interested AS n
WHERE (account_id, video_id) > ($1, $2)
ORDER BY account_id, video_id
LIMIT $3
"""
FORGET_PAIRS = """
DELETE FROM not_interested AS n
USING unnest($1::uuid[], $2::uuid[]) AS gone (account_id, video_id)
WHERE n.account_id = gone.account_id AND n.video_id = gone.video_id
"""


async def keep_report(conn: Rows, video_id: UUID, account_id: UUID, new: NewReport) -> bool:
    """Keep a report instead of the one that the account made before, and open; False when the video is gone."""
    return await conn.fetchval(KEEP_REPORT, video_id, account_id, new.reason, new.detail) is not None


async def listed(conn: Rows, about: UUID | None, limit: int, *, closed: bool) -> list[Report]:
    """The newest reports of a video or an account, or of all; `closed`: also those that are."""
    return [Report(**row) for row in await conn.fetch(LISTED, closed, about, limit)]


async def reports_of(conn: Rows, account_id: UUID, before: UUID, limit: int) -> list[Report]:
    """A page of what an account reported, the newest videos first."""
    return [Report(**row) for row in await conn.fetch(REPORTS_OF, account_id, before, limit)]


async def declined_by(conn: Rows, account_id: UUID, before: UUID, limit: int) -> list[NotInterested]:
    """A page of what an account does not want to see the like of, the newest videos first."""
    return [NotInterested(**row) for row in await conn.fetch(DECLINED_BY, account_id, before, limit)]


async def close(conn: Rows, video_id: UUID) -> int:
    """Close what is open of a video; how many reports these were."""
    return len(await conn.fetch(CLOSE, video_id))


async def keep_not_interested(conn: Rows, account_id: UUID, video_id: UUID) -> None:
    await conn.execute(KEEP_NOT_INTERESTED, account_id, video_id)


async def not_interested(conn: Rows, account_id: UUID, video_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the videos that the account does not want to see the like of."""
    return {row["video_id"] for row in await conn.fetch(NOT_INTERESTED, account_id, list(video_ids))}


async def walk(conn: Rows, after: tuple[UUID, UUID], limit: int) -> list[tuple[UUID, UUID, bool]]:
    """The next (account, video) that one does not want to see, in this order, and whether the video is gone."""
    return [(row["account_id"], row["video_id"], row["gone"]) for row in await conn.fetch(WALK, *after, limit)]


async def forget_pairs(conn: Rows, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Forget these (account, video)."""
    await conn.execute(FORGET_PAIRS, [account for account, _ in pairs], [video for _, video in pairs])


async def forget(conn: Rows, account_id: UUID, limit: int) -> int:
    """Forget some of what the account said, at most `limit` rows of each kind; how many these were."""
    reports = len(await conn.fetch(FORGET_REPORTS, account_id, limit))
    return reports + len(await conn.fetch(FORGET_NOT_INTERESTED, account_id, limit))


async def forget_of_video(conn: Rows, video_id: UUID, limit: int) -> int:
    """Delete some reports of a video that is deleted; how many these were."""
    return len(await conn.fetch(FORGET_OF_VIDEO, video_id, limit))


async def walk_reports(conn: Rows, after: UUID, limit: int) -> list[tuple[UUID, bool]]:
    """The next videos that were reported, in the order of ids, and whether each is gone."""
    return [(row["video_id"], row["gone"]) for row in await conn.fetch(WALK_REPORTS, after, limit)]
