"""Whether what was made of a video is at hand or in the archive: SQL, and the two verbs that bring it back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.kit.work import Work
from server.videos.wire import JobQueued, Tier
from storage import job_trace, jobs
from storage.postgres import Rows

RESTORE_JOB = "restore"
ARCHIVED: frozenset[Tier] = frozenset({"archived", "restoring"})
"""Only the pictures and one MP4 are shown."""
WARM_SECONDS = 7 * 86_400.0
"""What came back, or was watched while it was about to go, stays at hand for so long at least."""
STALE_SECONDS = 900.0
"""Whoever has begun to remove files and has not ended after so long is gone."""

OF = """
SELECT video_id, tier, since, warm_until, warm_path, bytes, clear_at, clearing_at, cleared
FROM video_tier
WHERE video_id = ANY($1)
"""
OF_FOR_UPDATE = OF + " ORDER BY video_id FOR UPDATE"
# Of a group all rows are locked in the order of videos, for a batch of views locks several too.
_HELD = "ANY(ARRAY(SELECT video_id FROM video_tier WHERE video_id = ANY($1) ORDER BY video_id FOR UPDATE))"
# A video that is deleted meanwhile has no row afterwards: whoever deletes it waits for this, or is waited for.
BEGIN = """
INSERT INTO video_tier AS t (video_id, tier, warm_path)
SELECT video.id, 'archiving', b.warm_path
FROM unnest($1::uuid[], $2::text[]) AS b (video_id, warm_path)
JOIN video ON video.id = b.video_id
ORDER BY video.id
FOR KEY SHARE OF video
ON CONFLICT (video_id) DO UPDATE
SET tier = 'archiving', since = now(), warm_until = NULL, warm_path = excluded.warm_path
WHERE t.tier = 'archiving' OR (t.tier = 'warm' AND (t.warm_until IS NULL OR t.warm_until <= now()))
RETURNING video_id
"""
LEAVE = f"DELETE FROM video_tier WHERE video_id = {_HELD} AND tier = 'archiving'"  # noqa: S608 - a condition of ours
ARCHIVE = """
UPDATE video_tier AS t
SET tier = 'archived', since = now(), bytes = a.bytes, clear_at = now() + make_interval(secs => $3), clearing_at = NULL,
    cleared = false
FROM unnest($1::uuid[], $2::bigint[]) AS a (video_id, bytes)
WHERE t.video_id = a.video_id AND t.tier = 'archiving'
RETURNING t.video_id
"""
WATCHED = """
UPDATE video_tier
SET tier = CASE tier WHEN 'archiving' THEN 'warm' ELSE 'restoring' END, since = now(),
    warm_until = CASE tier WHEN 'archiving' THEN now() + make_interval(secs => $2) END
WHERE video_id = $1 AND tier IN ('archiving', 'archived')
RETURNING tier
"""
WISH_BACK = "UPDATE video_tier SET tier = 'restoring', since = now() WHERE video_id = $1 AND tier = 'archived' RETURNING true"
# What was brought back in part goes again: the removal counts as begun, so long ago that whoever began it is gone.
GIVE_UP = """
UPDATE video_tier
SET tier = 'archived', since = now(), cleared = false,
    clearing_at = CASE WHEN cleared THEN now() - make_interval(secs => $2) ELSE clearing_at END
WHERE video_id = $1 AND tier = 'restoring'
"""
# By hand jobs can be cancelled.
STRANDED = """
UPDATE video_tier
SET tier = 'archived', since = now(), cleared = false,
    clearing_at = CASE WHEN cleared THEN now() - make_interval(secs => $2) ELSE clearing_at END
WHERE video_id = ANY(ARRAY(
    SELECT t.video_id
    FROM video_tier AS t
    WHERE t.tier = 'restoring' AND t.since < now() - make_interval(secs => $3) AND NOT EXISTS (
        SELECT FROM job WHERE job.shard = $1 AND job.subject_id = t.video_id AND job.state IN ('queued', 'leased')
    )
    ORDER BY t.video_id
    LIMIT $4
    FOR UPDATE
))
RETURNING video_id
"""
# Found in the archive, and nowhere else, where no row says so: as when the database is older than what it tells of.
FOUND = """
INSERT INTO video_tier AS t (video_id, tier, warm_path, clear_at, clearing_at, cleared)
VALUES ($1, 'archived', $2, now(), now(), true)
ON CONFLICT (video_id) DO UPDATE
SET tier = 'archived', since = now(), warm_path = excluded.warm_path, clear_at = now(), clearing_at = now(), cleared = true
WHERE t.tier IN ('warm', 'archiving')
"""
RESTORED = f"""
UPDATE video_tier
SET tier = 'warm', since = now(), warm_until = now() + make_interval(secs => $2), bytes = 0, clear_at = NULL, clearing_at = NULL,
    cleared = false
WHERE video_id = {_HELD} AND tier IN ('archived', 'restoring')
RETURNING video_id
"""  # noqa: S608 - a condition of ours
CLEARABLE = """
SELECT video_id
FROM video_tier
WHERE tier = 'archived' AND NOT cleared AND clear_at <= now()
  AND (clearing_at IS NULL OR clearing_at < now() - make_interval(secs => $2))
ORDER BY clear_at
LIMIT $1
"""
BEGIN_CLEARING = "UPDATE video_tier SET clearing_at = now() WHERE video_id = ANY($1)"
LEAVE_AS_IT_IS = "UPDATE video_tier SET clearing_at = NULL WHERE video_id = ANY($1) AND NOT cleared"
CLEARED = f"UPDATE video_tier SET cleared = true WHERE video_id = {_HELD} AND clearing_at IS NOT NULL"  # noqa: S608 - as above
POSTPONE = f"UPDATE video_tier SET clear_at = now() + make_interval(secs => $2) WHERE video_id = {_HELD}"  # noqa: S608 - as above
FORGET = "DELETE FROM video_tier WHERE video_id = $1"

KEEP_COLD = """
INSERT INTO cold_original (video_id, key, bytes) VALUES ($1, $2, $3)
ON CONFLICT (video_id) DO UPDATE SET key = excluded.key, bytes = excluded.bytes, since = now()
"""
COLD_ORIGINAL = "SELECT key FROM cold_original WHERE video_id = $1"
FORGET_COLD = "DELETE FROM cold_original WHERE video_id = $1"


class TierRow(msgspec.Struct, frozen=True):
    """Where a video's ladder is; the columns are told in the migration."""

    video_id: UUID
    tier: Tier
    since: datetime
    warm_until: datetime | None
    warm_path: str | None
    bytes: int
    clear_at: datetime | None
    clearing_at: datetime | None
    cleared: bool


def is_cold(path: str, warm_path: str | None) -> bool:
    """Whether a file of a video, `{generation}/{name}`, goes to the archive: pictures and playlists, which are small, do not."""
    return path.endswith(".mp4") and path != warm_path


async def of(conn: Rows, video_ids: Iterable[UUID], *, lock: bool = False) -> dict[UUID, TierRow]:
    """What is known of these videos; those that were always at hand are left out."""
    rows = await conn.fetch(OF_FOR_UPDATE if lock else OF, list(video_ids))
    return {row["video_id"]: TierRow(**row) for row in rows}


async def begin(conn: Rows, warm_paths: dict[UUID, str]) -> set[UUID]:
    """These are being archived, but for this MP4 of each; those for which that is so, for others are needed or archived."""
    return {row["video_id"] for row in await conn.fetch(BEGIN, list(warm_paths), list(warm_paths.values()))}


async def leave(conn: Rows, video_ids: Iterable[UUID]) -> None:
    """They are not archived after all."""
    await conn.execute(LEAVE, list(video_ids))


async def archive(conn: Rows, sizes: dict[UUID, int], seconds: float) -> set[UUID]:
    """They are archived, each with so many bytes; for so many seconds all can still be had. Those that were being archived."""
    return {row["video_id"] for row in await conn.fetch(ARCHIVE, list(sizes), list(sizes.values()), seconds)}


async def watched(w: Work, video_id: UUID, author_id: UUID) -> None:
    """Somebody watches it: if it was about to go it stays, and if it is archived it is brought back."""
    if await w.conn.fetchval(WATCHED, video_id, WARM_SECONDS) == "restoring":
        await _bring(w, video_id, author_id, "watched")


async def wish_back(w: Work, video_id: UUID, author_id: UUID, why: str) -> bool:
    """Have it brought back if it is archived, by one job, whoever else wishes so; whether that is new."""
    if await w.conn.fetchval(WISH_BACK, video_id) is None:
        return False
    await _bring(w, video_id, author_id, why)
    return True


async def _bring(w: Work, video_id: UUID, author_id: UUID, why: str) -> None:
    job_id = await jobs.enqueue(w.conn, RESTORE_JOB, video_id, author_id)
    await job_trace.note_of(w.conn, job_id, 0, "wished back", why)
    w.emit(JobQueued(video_id))


async def give_up(conn: Rows, video_id: UUID) -> None:
    """It could not be brought back now; the next who watches it tries again."""
    await conn.execute(GIVE_UP, video_id, STALE_SECONDS)


async def give_up_stranded(conn: Rows, older_seconds: float, limit: int) -> list[UUID]:
    """The same of videos that no job brings back any more; which these are."""
    rows = await conn.fetch(STRANDED, jobs.SHARD, STALE_SECONDS, older_seconds, limit)
    return [row["video_id"] for row in rows]


async def found(conn: Rows, video_id: UUID, warm_path: str) -> None:
    """But for this MP4 its files are in the archive alone, though nothing was known of that."""
    await conn.execute(FOUND, video_id, warm_path)


async def restored(conn: Rows, video_ids: Iterable[UUID]) -> set[UUID]:
    """All of them is at hand again, and stays so for WARM_SECONDS; those that were archived."""
    return {row["video_id"] for row in await conn.fetch(RESTORED, list(video_ids), WARM_SECONDS)}


async def clearable(conn: Rows, limit: int) -> list[UUID]:
    """Archived videos of which nobody can hold a URL any more; and those whose removal has begun, and nobody ends it."""
    return [row["video_id"] for row in await conn.fetch(CLEARABLE, limit, STALE_SECONDS)]


async def begin_clearing(conn: Rows, video_ids: Sequence[UUID]) -> None:
    """What is archived of them is being removed where it was at hand."""
    await conn.execute(BEGIN_CLEARING, list(video_ids))


async def leave_as_it_is(conn: Rows, video_ids: Sequence[UUID]) -> None:
    """Nothing was removed."""
    await conn.execute(LEAVE_AS_IT_IS, list(video_ids))


async def cleared(conn: Rows, video_ids: Sequence[UUID]) -> None:
    """That is done."""
    await conn.execute(CLEARED, list(video_ids))


async def postpone(conn: Rows, video_ids: Sequence[UUID], seconds: float) -> None:
    """They are looked at again in so many seconds."""
    await conn.execute(POSTPONE, list(video_ids), seconds)


async def forget(conn: Rows, video_id: UUID) -> None:
    """It is gone, or all of it is made anew."""
    await conn.execute(FORGET, video_id)


async def keep_cold(conn: Rows, video_id: UUID, key: str, size: int) -> None:
    """The original is in the archive."""
    await conn.execute(KEEP_COLD, video_id, key, size)


async def cold_original(conn: Rows, video_id: UUID) -> str | None:
    """The key of an original that is in the archive."""
    found: str | None = await conn.fetchval(COLD_ORIGINAL, video_id)
    return found


async def forget_cold(conn: Rows, video_id: UUID) -> None:
    """There is no such original any more, or it is at hand again."""
    await conn.execute(FORGET_COLD, video_id)
