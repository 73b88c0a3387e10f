"""SQL that counts row by row what is counted: to find what has drifted, and to make counts anew.

What is wrong is appended as a change like any other. Whatever happens meanwhile changes the rows and their count in one commit,
so a statement, which sees one moment, finds the same difference whenever it looks.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.counts.queries import SHARDS, of_account, of_video, shard
from server.counts.wire import Change
from storage.postgres import Rows

MEND_VIDEOS = f"""
INSERT INTO count_change (shard, subject_id, id, kind, change)
SELECT {shard("video.id", 0)}, video.id, gen_random_uuid(), t.kind, t.change
FROM unnest($1::uuid[]) AS asked (id)
JOIN video ON video.id = asked.id
CROSS JOIN LATERAL {of_video("video.id", exact=True)} AS n
CROSS JOIN LATERAL (
    SELECT 'like' AS kind, (SELECT count(*) FROM video_like WHERE video_id = video.id) - n.likes AS change
    UNION ALL
    SELECT 'comment', (SELECT count(*) FROM comment WHERE video_id = video.id) - n.comments
) AS t
WHERE t.change <> 0
RETURNING subject_id, kind, change
"""  # noqa: S608 - names of ours
MEND_ACCOUNTS = f"""
INSERT INTO count_change (shard, subject_id, id, kind, change)
SELECT {shard("account.id", SHARDS)}, account.id, gen_random_uuid(), t.kind, t.change
FROM unnest($1::uuid[]) AS asked (id)
JOIN account ON account.id = asked.id
CROSS JOIN LATERAL {of_account("account.id", exact=True)} AS n
CROSS JOIN LATERAL (
    SELECT 'follower' AS kind, (SELECT count(*) FROM follower WHERE author_id = account.id) - n.followers AS change
    UNION ALL
    SELECT 'following', (SELECT count(*) FROM following WHERE account_id = account.id) - n.following
    UNION ALL
    SELECT 'video', (
        SELECT count(*) FROM author_video WHERE author_id = account.id AND plays AND visibility = 'public'
    ) - n.videos
) AS t
WHERE t.change <> 0
RETURNING subject_id, kind, change
"""  # noqa: S608 - names of ours
MEND_PUBLIC_VIDEOS = f"""
INSERT INTO count_change (shard, subject_id, id, kind, change)
SELECT {shard("asked.id", SHARDS)}, asked.id, gen_random_uuid(), 'video', t.change
FROM (VALUES ($1::uuid)) AS asked (id)
CROSS JOIN LATERAL {of_account("asked.id", exact=True)} AS n
CROSS JOIN LATERAL (
    SELECT count(*) - n.videos AS change FROM author_video WHERE author_id = asked.id AND plays AND visibility = 'public'
) AS t
WHERE t.change <> 0
"""  # noqa: S608 - names of ours

WALK_VIDEOS = """
SELECT v.id, coalesce(c.likes + c.comments, 0) AS counted
FROM video AS v
LEFT JOIN video_count AS c ON c.video_id = v.id
WHERE v.id > $1
ORDER BY v.id
LIMIT $2
"""
WALK_ACCOUNTS = """
SELECT a.id, coalesce(c.followers + c.following + c.videos, 0) AS counted
FROM account AS a
LEFT JOIN account_count AS c ON c.account_id = a.id
WHERE a.id > $1
ORDER BY a.id
LIMIT $2
"""
DROP_VIDEOS = """
DELETE FROM video_count AS c
WHERE c.video_id > $1 AND c.video_id <= $2 AND NOT EXISTS (SELECT FROM video WHERE id = c.video_id)
"""
DROP_ACCOUNTS = """
DELETE FROM account_count AS c
WHERE c.account_id > $1 AND c.account_id <= $2 AND NOT EXISTS (SELECT FROM account WHERE id = c.account_id)
"""


class Walk(msgspec.Struct, frozen=True):
    """Along what is counted: videos or accounts."""

    name: str
    step: str
    mend: str
    drop: str


VIDEOS = Walk("video counts", WALK_VIDEOS, MEND_VIDEOS, DROP_VIDEOS)
ACCOUNTS = Walk("account counts", WALK_ACCOUNTS, MEND_ACCOUNTS, DROP_ACCOUNTS)


async def step(conn: Rows, walk: Walk, after: UUID, limit: int) -> list[tuple[UUID, int]]:
    """The next ones in the order of ids, each with how many rows have to be read to count it."""
    return [(row["id"], row["counted"]) for row in await conn.fetch(walk.step, after, limit)]


async def mend(conn: Rows, walk: Walk, ids: Sequence[UUID]) -> list[Change]:
    """Count these anew, and append what was wrong."""
    return [Change(**row) for row in await conn.fetch(walk.mend, list(ids))]


async def mend_public_videos(conn: Rows, author_id: UUID) -> None:
    """Count the author's public videos anew. The caller holds the author's row: whoever changes what is listed does."""
    await conn.execute(MEND_PUBLIC_VIDEOS, author_id)


async def drop(conn: Rows, walk: Walk, after: UUID, last: UUID) -> None:
    """Delete counts in this part of the walk whose subjects are gone."""
    await conn.execute(walk.drop, after, last)
