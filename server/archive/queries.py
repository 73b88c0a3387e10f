"""SQL of the archive: what it reads of other rooms' tables, and what it locks there. Nothing is written here."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from storage.jobs import SHARD
from storage.postgres import Rows

LAST = UUID(int=2**128 - 1)
IDS = "SELECT id FROM video WHERE id > $1 ORDER BY id LIMIT $2"
# Complete, ready, old, at hand, and with nobody at work on it; $1: its job queue; $2: how many days are old.
AMONG = """
SELECT v.id, v.author_id, m.digests,
    (
        SELECT r.generation || '/' || r.name FROM rendition AS r
        WHERE r.video_id = v.id AND r.kind = 'mp4' ORDER BY r.bytes, r.name LIMIT 1
    ) AS warm_path
FROM video AS v
JOIN made_file AS m ON m.video_id = v.id AND NOT m.lost
LEFT JOIN video_tier AS t ON t.video_id = v.id
WHERE v.status = 'ready' AND v.storyboard IS NOT NULL
  AND coalesce(v.published_at, v.created_at) <= now() - make_interval(days => $2)
  AND (t.video_id IS NULL OR t.tier = 'archiving' OR (t.tier = 'warm' AND (t.warm_until IS NULL OR t.warm_until <= now())))
  AND NOT EXISTS (
      SELECT FROM job WHERE job.shard = $1 AND job.subject_id = v.id AND job.state IN ('queued', 'leased')
  )
  AND v.id = ANY($3)
ORDER BY v.id
"""
THERE = "SELECT id, author_id FROM video WHERE id = ANY($1) ORDER BY id"
HOLD = f"{THERE} FOR NO KEY UPDATE"

MADE = """
SELECT v.id, v.author_id, m.digests, t.warm_path
FROM video AS v
JOIN made_file AS m ON m.video_id = v.id
JOIN video_tier AS t ON t.video_id = v.id
WHERE v.id = ANY($1) AND t.tier IN ('archived', 'restoring')
ORDER BY v.id
"""

# Who uses whose files: the other end of each link.
LINKED = """
SELECT DISTINCT a.id AS of_id, l.id
FROM unnest($1::uuid[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT s.media_id AS id FROM shared_generation AS s WHERE s.video_id = a.id
    UNION
    SELECT u.video_id FROM media_user AS u WHERE u.media_id = a.id
) AS l
WHERE l.id <> a.id
"""
# What the rows tell of sizes: of a variant of the stream its track has them; all that is heard is in one.
SIZES = """
SELECT video_id, generation || '/' || CASE kind WHEN 'mp4' THEN name ELSE facts ->> 'track' END AS path, bytes
FROM rendition
WHERE video_id = ANY($1)
UNION ALL
SELECT id, audio_generation || '/' || (audio ->> 'track'), (audio ->> 'bytes')::bigint
FROM video
WHERE id = ANY($1) AND audio IS NOT NULL AND audio_generation IS NOT NULL
"""
RAW_IDS = "SELECT video_id FROM raw_object WHERE video_id > $1 ORDER BY video_id LIMIT $2"
OLD_ORIGINALS = """
SELECT r.video_id, v.author_id, r.key, v.raw_sha256 AS sha256, v.raw_bytes AS bytes
FROM raw_object AS r
JOIN video AS v ON v.id = r.video_id
LEFT JOIN cold_original AS c ON c.video_id = r.video_id
WHERE r.video_id = ANY($2) AND r.multipart_id IS NULL AND v.status = 'ready' AND v.storyboard IS NOT NULL
  AND v.created_at <= now() - make_interval(days => $3)
  AND (
      c.video_id IS NULL OR $4
      OR EXISTS (SELECT FROM job WHERE job.shard = $1 AND job.subject_id = r.video_id AND job.ended_at > c.since)
  )
  AND NOT EXISTS (
      SELECT FROM job
      WHERE job.shard = $1 AND job.subject_id = r.video_id
        AND (job.ended_at IS NULL OR job.ended_at > now() - make_interval(days => $3))
  )
ORDER BY r.video_id
"""


# What rows say of files. An original that is in parts yet is none.
NAMED = """
SELECT v.id, coalesce(m.digests, '{}') AS digests, v.raw_sha256, r.key AS original
FROM video AS v
LEFT JOIN made_file AS m ON m.video_id = v.id
LEFT JOIN raw_object AS r ON r.video_id = v.id AND r.multipart_id IS NULL
WHERE v.id > $1 AND v.id <= $3
ORDER BY v.id
LIMIT $2
"""
AVATARS = "SELECT id, avatar FROM account WHERE avatar IS NOT NULL AND id > $1 ORDER BY id LIMIT $2"
# Keys name a video, an account or an upload.
OWNERS = """
SELECT id, author_id AS account_id FROM video WHERE id = ANY($1)
UNION ALL
SELECT id, id FROM account WHERE id = ANY($1)
UNION ALL
SELECT id, account_id FROM upload WHERE id = ANY($1)
UNION ALL
SELECT split_part(r.key, '/', 2)::uuid, v.author_id
FROM raw_object AS r
JOIN video AS v ON v.id = r.video_id
WHERE split_part(r.key, '/', 2) = ANY($1::uuid[]::text[])
"""


class Candidate(msgspec.Struct, frozen=True):
    """A video that might be archived: all its files by path with their SHA-256, and the smallest MP4, which stays."""

    id: UUID
    author_id: UUID
    digests: dict[str, str]
    warm_path: str


class Original(msgspec.Struct, frozen=True):
    """An upload as it came, of a video that is ready."""

    video_id: UUID
    author_id: UUID
    key: str
    sha256: bytes
    bytes: int


class Named(msgspec.Struct, frozen=True):
    """What the rows of a video say of its files: those that were made, by path, and its original where it has one."""

    id: UUID
    digests: dict[str, str]
    raw_sha256: bytes
    original: str | None


def _candidates(rows: Sequence[Any]) -> list[Candidate]:
    """Without an MP4 nothing would play."""
    return [
        Candidate(row["id"], row["author_id"], msgspec.json.decode(row["digests"], type=dict[str, str]), row["warm_path"])
        for row in rows
        if row["warm_path"] is not None
    ]


async def slice_(conn: Rows, after: UUID, limit: int, age_days: int) -> tuple[list[Candidate], UUID | None]:
    """The candidates among the next so many videos, by id, and behind which to go on; None behind the last."""
    ids = [row["id"] for row in await conn.fetch(IDS, after, limit)]
    return await among(conn, ids, age_days), ids[-1] if len(ids) == limit else None


async def among(conn: Rows, video_ids: Iterable[UUID], age_days: int) -> list[Candidate]:
    """Those of the videos that are candidates."""
    return _candidates(await conn.fetch(AMONG, SHARD, age_days, list(video_ids)))


async def made(conn: Rows, video_ids: Iterable[UUID]) -> list[Candidate]:
    """Those of the videos that are archived."""
    return _candidates(await conn.fetch(MADE, list(video_ids)))


async def there(conn: Rows, video_ids: Iterable[UUID], *, lock: bool = False) -> dict[UUID, UUID]:
    """The authors of those that exist; locked, nobody shares, changes or deletes them until the transaction ends."""
    return {row["id"]: row["author_id"] for row in await conn.fetch(HOLD if lock else THERE, list(video_ids))}


async def linked(conn: Rows, video_ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """Pairs of one of these videos and another whose files it uses, or that uses its; the other may be gone."""
    return [(row["of_id"], row["id"]) for row in await conn.fetch(LINKED, list(video_ids))]


async def sizes(conn: Rows, video_ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    """Bytes of files by video and path, as far as rows tell."""
    return {(row["video_id"], row["path"]): row["bytes"] for row in await conn.fetch(SIZES, list(video_ids))}


async def named(conn: Rows, after: UUID, limit: int, last: UUID = LAST) -> list[Named]:
    """The next videos by id, up to `last`."""
    rows = await conn.fetch(NAMED, after, limit, last)
    return [Named(r["id"], msgspec.json.decode(r["digests"], type=dict[str, str]), r["raw_sha256"], r["original"]) for r in rows]


async def avatars(conn: Rows, after: UUID, limit: int) -> list[tuple[UUID, str]]:
    """The next accounts by id that show a picture, and which."""
    return [(row["id"], row["avatar"]) for row in await conn.fetch(AVATARS, after, limit)]


async def owners(conn: Rows, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The accounts whose these are: videos, uploads, or accounts themselves."""
    return {row["id"]: row["account_id"] for row in await conn.fetch(OWNERS, list(ids))}


async def old_originals(conn: Rows, after: UUID, limit: int, days: int, *, archived: bool) -> tuple[list[Original], UUID | None]:
    """Those among the next so many originals, by video, whose video has been ready for so many days; and behind which to go on.

    Those that are in the archive only if asked for, or a job may have brought them back.
    """
    ids = [row["video_id"] for row in await conn.fetch(RAW_IDS, after, limit)]
    rows = await conn.fetch(OLD_ORIGINALS, SHARD, ids, days, archived)
    return [Original(**row) for row in rows], ids[-1] if len(ids) == limit else None
