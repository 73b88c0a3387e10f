"""SQL of videos. Everything about one video is on its shard; `author_video` and `author_file` are on the author's."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from server.kit.paging import After
from server.sight.queries import in_sight
from server.videos import shared
from server.videos.wire import Listed, MediaState, NewVideo, Shared, Told, VideoHead, Visibility
from storage.postgres import Rows

# The update changes nothing: it locks the row, which could be gone before a second statement asks for it.
CLAIM_FILE = """
INSERT INTO author_file (author_id, sha256, video_id)
VALUES ($1, $2, $3)
ON CONFLICT (author_id, sha256) DO UPDATE SET video_id = author_file.video_id
RETURNING video_id
"""
FREE_FILE = "DELETE FROM author_file WHERE author_id = $1 AND sha256 = $2 AND video_id = $3"

INSERT = """
INSERT INTO video (id, author_id, title, description, hashtags, visibility, raw_bytes, raw_sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING created_at
"""
INSERT_RAW = "INSERT INTO raw_object (video_id, key, multipart_id, parts) VALUES ($1, $2, $3, $4)"
INSERT_LISTED = """
INSERT INTO author_video (author_id, video_id, at, visibility)
VALUES ($1, $2, $3, $4)
"""

# A video is not there without its author: accounts that are deleted hide at once all that they made.
AUTHORED = "EXISTS (SELECT FROM account WHERE account.id = video.author_id)"
STORED = "SELECT id, author_id, visibility, status FROM video WHERE id = $1"
STORED_FOR_UPDATE = STORED + " FOR UPDATE"
HEAD = f"{STORED} AND {AUTHORED}"
# Its key stays: whoever likes or comments holds that, and batches of them that overlap would never let a stronger lock through.
HEAD_FOR_UPDATE = HEAD + " FOR NO KEY UPDATE OF video"
HEADS = f"SELECT id, author_id, visibility, status FROM video WHERE id = ANY($1) AND {AUTHORED}"  # noqa: S608 - ours
# In the order of ids, whoever holds: two who want the same rows wait for each other only one way.
# Nobody new holds a video that is to go: those who come one after the other would never let it.
STAYS = "NOT EXISTS (SELECT FROM video_remains AS r WHERE r.video_id = video.id)"
HELD = f"{HEADS} AND {STAYS} ORDER BY id FOR KEY SHARE OF video"
HELD_AT_ONCE = HELD + " SKIP LOCKED"
THERE = f"SELECT id FROM video WHERE id = ANY($1) AND {AUTHORED}"  # noqa: S608 - ours
WAIT_FOR_LOCKS = "SELECT set_config('lock_timeout', $1, true)"
# Whoever holds a row writes that down, and would wait for the disk at the end, as nobody does for what is absent.
UNHURRIED = "SELECT set_config('synchronous_commit', 'off', true)"
TOLD = "SELECT title, description, hashtags, visibility, published_at FROM video WHERE id = $1"
# Of what is shared, what names files comes first: the rest of a generation may lie elsewhere.
MEDIA_STATE = f"""
SELECT visibility, status IN ('playable', 'ready') AS plays, status = 'ready' AS final, (
    SELECT jsonb_agg(to_jsonb(s) ORDER BY s.names IS NULL) FROM shared_generation AS s WHERE s.video_id = video.id
) AS shared
FROM video
WHERE id = $1 AND {AUTHORED}
"""  # noqa: S608 - a condition of ours

EDIT = """
UPDATE video
SET title = coalesce($2, title), description = coalesce($3, description), visibility = coalesce($4, visibility)
WHERE id = $1
RETURNING title, description, visibility, published_at
"""
SET_HASHTAGS = "UPDATE video SET hashtags = $2 WHERE id = $1"
SET_LISTED_VISIBILITY = "UPDATE author_video SET visibility = $3 WHERE author_id = $1 AND video_id = $2"
LIST_AS_PUBLISHED = """
UPDATE author_video
SET at = $3, plays = true
WHERE author_id = $1 AND video_id = $2
"""
# The author's row is locked by the caller: what one author publishes is committed in the order of this clock.
PUBLISH = """
UPDATE video
SET published_at = clock_timestamp()
WHERE id = $1 AND published_at IS NULL AND visibility <> 'private' AND status IN ('playable', 'ready')
RETURNING published_at
"""
INSERT_PUBLICATION = """
INSERT INTO publication (author_id, video_id, published_at)
VALUES ($1, $2, $3)
"""

DELETE = "DELETE FROM video WHERE id = $1 RETURNING raw_sha256"
DELETE_LISTED = "DELETE FROM author_video WHERE author_id = $1 AND video_id = $2"
DELETE_PUBLICATION = "DELETE FROM publication WHERE author_id = $1 AND video_id = $2 AND seq IS NULL"
OF_DEPARTED = "SELECT video_id FROM author_video WHERE author_id = $1 LIMIT $2"
FORGET_FILES = """
DELETE FROM author_file
WHERE author_id = $1 AND sha256 = ANY(ARRAY(SELECT sha256 FROM author_file WHERE author_id = $1 LIMIT $2))
RETURNING true
"""
# Those with a number as well: whoever reads the log takes numbers without a row for what was deleted.
FORGET_PUBLICATIONS = """
DELETE FROM publication
WHERE author_id = $1 AND video_id = ANY(ARRAY(SELECT video_id FROM publication WHERE author_id = $1 LIMIT $2))
RETURNING true
"""
DELETE_RAW = "DELETE FROM raw_object WHERE video_id = $1 RETURNING key"
REMOVE_OBJECTS = """
INSERT INTO object_removal (video_id, bucket, prefix, due_at, orphaned)
VALUES ($1, $2, $3, now() + make_interval(secs => $4), $5)
ON CONFLICT (video_id, bucket, prefix) DO UPDATE
SET due_at = greatest(object_removal.due_at, excluded.due_at), orphaned = object_removal.orphaned AND excluded.orphaned
"""
HASTEN = """
UPDATE object_removal
SET due_at = least(due_at, now() + make_interval(secs => $2))
WHERE video_id = $1 AND NOT orphaned AND faults = 0
"""

OF_AUTHOR = """
SELECT at, video_id
FROM author_video
WHERE author_id = $1 AND (at, video_id) < ($2, $3) AND ($5 OR (plays AND visibility = ANY($6)))
ORDER BY at DESC, video_id DESC
LIMIT $4
"""
LATEST = f"""
SELECT at, video_id
FROM author_video
WHERE plays AND visibility = 'public' AND (at, video_id) < ($1, $2)
  AND {in_sight("author_video.author_id", "$4")}
ORDER BY at DESC, video_id DESC
LIMIT $3
"""  # noqa: S608 - a condition of ours
# No row is written per follower: each followee's newest one is read from the index, and a page has only videos of those whose
# newest are the newest of all. Of these alone more is read.
OF_FOLLOWED = """
WITH newest AS MATERIALIZED (
    SELECT followed.author_id
    FROM unnest($1::uuid[]) AS followed (author_id)
    CROSS JOIN LATERAL (
        SELECT at, video_id
        FROM author_video
        WHERE author_id = followed.author_id AND plays AND visibility <> 'private' AND (at, video_id) < ($2, $3)
        ORDER BY at DESC, video_id DESC
        LIMIT 1
    ) AS v
    ORDER BY v.at DESC, v.video_id DESC
    LIMIT $4
)
SELECT v.at, v.video_id
FROM newest
CROSS JOIN LATERAL (
    SELECT at, video_id
    FROM author_video
    WHERE author_id = newest.author_id AND plays AND visibility <> 'private' AND (at, video_id) < ($2, $3)
    ORDER BY at DESC, video_id DESC
    LIMIT $4
) AS v
ORDER BY v.at DESC, v.video_id DESC
LIMIT $4
"""
NEWEST_OF_EACH = """
SELECT asked.author_id, (extract(epoch FROM v.at) * 1000000)::bigint AS at
FROM unnest($1::uuid[]) AS asked (author_id)
CROSS JOIN LATERAL (
    SELECT at
    FROM author_video
    WHERE author_id = asked.author_id AND plays AND visibility <> 'private'
    ORDER BY at DESC, video_id DESC
    LIMIT 1
) AS v
"""
RECENT_OF_EACH = """
SELECT asked.author_id, (extract(epoch FROM v.at) * 1000000)::bigint AS at, v.video_id
FROM unnest($1::uuid[]) AS asked (author_id)
CROSS JOIN LATERAL (
    SELECT at, video_id
    FROM author_video
    WHERE author_id = asked.author_id AND plays AND visibility = ANY($3)
    ORDER BY at DESC, video_id DESC
    LIMIT $2
) AS v
"""


async def claim_file(conn: Rows, new: NewVideo, video_id: UUID) -> UUID:
    """The video that owns these bytes of this author: `video_id` when nobody did before."""
    owner: UUID = await conn.fetchval(CLAIM_FILE, new.author_id, new.sha256, video_id)
    return owner


async def insert(conn: Rows, new: NewVideo, video_id: UUID, tags: list[str]) -> None:
    at = await conn.fetchval(
        INSERT,
        video_id,
        new.author_id,
        new.title,
        new.description,
        tags,
        new.visibility,
        new.raw.bytes,
        new.sha256,
    )
    await conn.execute(INSERT_LISTED, new.author_id, video_id, at, new.visibility)
    await shared.insert_file(conn, new.sha256, video_id, new.author_id)
    parts = msgspec.json.encode(new.raw.parts).decode()
    await conn.execute(INSERT_RAW, video_id, new.raw.key, new.raw.multipart_id, parts)


async def head(conn: Rows, video_id: UUID, *, lock: bool = False) -> VideoHead | None:
    row = await conn.fetchrow(HEAD_FOR_UPDATE if lock else HEAD, video_id)
    return VideoHead(**row) if row else None


async def heads(conn: Rows, video_ids: Iterable[UUID]) -> list[VideoHead]:
    """Those of the videos that exist."""
    return [VideoHead(**row) for row in await conn.fetch(HEADS, list(video_ids))]


async def stored(conn: Rows, video_id: UUID) -> VideoHead | None:
    """The same with or without its author, locked."""
    row = await conn.fetchrow(STORED_FOR_UPDATE, video_id)
    return VideoHead(**row) if row else None


async def there(conn: Rows, video_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the videos that exist."""
    return {row["id"] for row in await conn.fetch(THERE, list(video_ids))}


async def held(conn: Rows, video_ids: Iterable[UUID], *, wait: bool) -> dict[UUID, VideoHead]:
    """Those of the videos that exist, and go on to until the transaction ends.

    Not those that are to go (`remains.leave`); without `wait` not those in others' hands.
    """
    rows = await conn.fetch(HELD if wait else HELD_AT_ONCE, list(video_ids))
    return {row["id"]: VideoHead(**row) for row in rows}


async def wait_for_locks(conn: Rows, limit: str) -> None:
    """No statement of this transaction waits longer for a lock, such as `500ms`."""
    await conn.execute(WAIT_FOR_LOCKS, limit)


async def end_unhurried(conn: Rows) -> None:
    """The transaction writes nothing that has to be there afterwards: its end waits for no disk."""
    await conn.execute(UNHURRIED)


async def media_state(conn: Rows, video_id: UUID) -> MediaState | None:
    row = await conn.fetchrow(MEDIA_STATE, video_id)
    if row is None:
        return None
    files = msgspec.json.decode(row["shared"] or "[]", type=list[Shared])
    return MediaState(row["visibility"], row["plays"], row["final"], files)


async def told(conn: Rows, video_id: UUID) -> Told:
    """What is said of a video that is there."""
    row = await conn.fetchrow(TOLD, video_id)
    assert row is not None
    return Told(**row)


async def edit(
    conn: Rows, video: VideoHead, title: str | None, description: str | None, visibility: Visibility | None
) -> tuple[str, str]:
    """Change what is given; the title and the description as they are then."""
    row = await conn.fetchrow(EDIT, video.id, title, description, visibility)
    assert row is not None
    if visibility is not None:
        await conn.execute(SET_LISTED_VISIBILITY, video.author_id, video.id, visibility)
    return row["title"], row["description"]


async def set_hashtags(conn: Rows, video_id: UUID, tags: list[str]) -> None:
    await conn.execute(SET_HASHTAGS, video_id, tags)


async def publish(conn: Rows, video_id: UUID, author_id: UUID) -> bool:
    """Publish it unless it is private, does not play, or was published before; whether it is new."""
    at = await conn.fetchval(PUBLISH, video_id)
    if at is None:
        return False
    await conn.execute(LIST_AS_PUBLISHED, author_id, video_id, at)
    await conn.execute(INSERT_PUBLICATION, author_id, video_id, at)
    return True


async def delete(conn: Rows, video: VideoHead) -> str | None:
    """Forget the video; the key of its original where there is one."""
    sha256 = await conn.fetchval(DELETE, video.id)
    await conn.execute(DELETE_LISTED, video.author_id, video.id)
    await conn.execute(DELETE_PUBLICATION, video.author_id, video.id)
    if sha256 is not None:
        await free_file(conn, video.author_id, sha256, video.id)
    key: str | None = await conn.fetchval(DELETE_RAW, video.id)
    return key


async def unlist(conn: Rows, author_id: UUID, video_id: UUID) -> None:
    """The author has no such video."""
    await conn.execute(DELETE_LISTED, author_id, video_id)


async def of_departed(conn: Rows, author_id: UUID, limit: int) -> list[UUID]:
    """Some of the videos of an author, in any order."""
    return [row["video_id"] for row in await conn.fetch(OF_DEPARTED, author_id, limit)]


async def forget_author(conn: Rows, author_id: UUID, limit: int) -> int:
    """Delete some of what still names an author who has no videos any more, at most `limit` rows of each kind; how many."""
    files = len(await conn.fetch(FORGET_FILES, author_id, limit))
    return files + len(await conn.fetch(FORGET_PUBLICATIONS, author_id, limit))


async def free_file(conn: Rows, author_id: UUID, sha256: bytes, video_id: UUID) -> None:
    """These bytes are not the author's any more: they may be tried again, and nobody finds them here."""
    await conn.execute(FREE_FILE, author_id, sha256, video_id)
    await shared.forget_file(conn, sha256, video_id)


async def remove_objects(conn: Rows, video_id: UUID, bucket: str, prefix: str, *, seconds: float, orphaned: bool = False) -> None:
    """Have the objects below `prefix` removed, `seconds` from now at the earliest; `orphaned`: only if the video is gone then.

    What others use below a prefix that ends with a slash stays.
    """
    await conn.execute(REMOVE_OBJECTS, video_id, bucket, prefix, seconds, orphaned)


async def hasten_removals(conn: Rows, subject_id: UUID, seconds: float) -> None:
    """What was left because somebody may hold its URL goes as soon as in `seconds`: the URL is refused by now."""
    await conn.execute(HASTEN, subject_id, seconds)


async def of_author(
    conn: Rows, author_id: UUID, after: After, limit: int, visible: Sequence[Visibility], *, everything: bool
) -> list[Listed]:
    """A page of one author's videos; `everything` is for the author's own eyes."""
    rows = await conn.fetch(OF_AUTHOR, author_id, after.at, after.id, limit, everything, list(visible))
    return [Listed(**row) for row in rows]


async def latest(conn: Rows, viewer_id: UUID | None, after: After, limit: int) -> list[Listed]:
    """A page of everybody's public videos, but for whom the viewer does not see."""
    return [Listed(**row) for row in await conn.fetch(LATEST, after.at, after.id, limit, viewer_id)]


async def of_followed(conn: Rows, author_ids: Sequence[UUID], after: After, limit: int) -> list[Listed]:
    rows = await conn.fetch(OF_FOLLOWED, list(author_ids), after.at, after.id, limit)
    return [Listed(**row) for row in rows]


async def newest_of_each(conn: Rows, author_ids: Sequence[UUID]) -> dict[UUID, int]:
    """When each of them published what followers see last, in microseconds since 1970; those who never did are left out."""
    return {r["author_id"]: r["at"] for r in await conn.fetch(NEWEST_OF_EACH, list(author_ids))}


async def recent_of_each(
    conn: Rows, author_ids: Sequence[UUID], limit: int, visible: Sequence[Visibility]
) -> dict[UUID, list[tuple[int, UUID]]]:
    """The newest of each that play and are so visible, newest first: when, in microseconds since 1970, and which."""
    found: dict[UUID, list[tuple[int, UUID]]] = {author_id: [] for author_id in author_ids}
    for author_id, at, video_id in await conn.fetch(RECENT_OF_EACH, list(author_ids), limit, list(visible)):
        found[author_id].append((at, video_id))
    return found
