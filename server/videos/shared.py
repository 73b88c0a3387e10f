"""SQL of what videos of the same bytes share, and where a shared file lies."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from server.videos import tiers
from server.videos.steps import CLEAR_RENDITIONS, NewRendition, insert
from server.videos.wire import Shared, Visibility
from storage.postgres import Rows

INSERT_FILE = "INSERT INTO file_video (sha256, video_id, author_id) VALUES ($1, $2, $3)"
FORGET_FILE = "DELETE FROM file_video WHERE sha256 = $1 AND video_id = $2"
OF_FILE = "SELECT video_id, author_id FROM file_video WHERE sha256 = $1 ORDER BY video_id LIMIT $2"
OF_FILE_FOR_UPDATE = OF_FILE + " FOR UPDATE"
SHA256 = "SELECT raw_sha256 FROM video WHERE id = $1"

# What is in the archive, or goes there, is not shared: those who share it would have to be asked whether they need it.
_WARM = "NOT EXISTS (SELECT FROM video_tier AS t WHERE t.video_id = video.id AND t.tier <> 'warm')"
# Only what is complete: what is `ready` with less, because its job failed, another job may make better. Of what is complete
# there are digests, and they are not marked as those of what has lost something.
COPYABLE = f"""
SELECT id, author_id, visibility
FROM video
WHERE id = ANY($1) AND status = 'ready' AND storyboard IS NOT NULL
  AND EXISTS (SELECT 1 FROM made_file WHERE made_file.video_id = video.id AND NOT made_file.lost)
  AND (visibility = 'public' OR (visibility = 'followers' AND author_id = ANY($2)))
  AND {_WARM}
ORDER BY id
"""  # noqa: S608 - a condition of ours
SEEN = """
SELECT id
FROM video
WHERE id = ANY($1) AND status IN ('playable', 'ready')
  AND (visibility = 'public' OR (visibility = 'followers' AND author_id = ANY($2)))
"""
# Whoever deletes or hides it waits for this transaction; whoever did so first is seen here.
HOLD = f"""
SELECT duration_ms, width, height, thumbhash, poster, preview, storyboard, audio, audio_generation, generation
FROM video
WHERE id = $1 AND status = 'ready' AND storyboard IS NOT NULL AND visibility = ANY($2)
  AND EXISTS (SELECT 1 FROM made_file WHERE made_file.video_id = video.id AND NOT made_file.lost)
  AND {_WARM}
FOR SHARE
"""  # noqa: S608 - a condition of ours
RENDITIONS = "SELECT name, kind, generation, width, height, bitrate, bytes AS size, facts FROM rendition WHERE video_id = $1"
COPY = """
UPDATE video
SET status = 'ready', progress = 1, duration_ms = $2, width = $3, height = $4, thumbhash = $5, poster = $6, preview = $7,
    storyboard = $8, audio = $9, audio_generation = $10, generation = $11
WHERE id = $1
"""
LIST_PLAYS = "UPDATE author_video SET plays = true WHERE author_id = $1 AND video_id = $2"
COPY_FINGERPRINT = """
INSERT INTO fingerprint (video_id, moments, keys)
SELECT $1, moments, keys FROM fingerprint WHERE video_id = $2
"""
KEEP_DIGESTS = """
INSERT INTO made_file (video_id, digests)
VALUES ($1, $2)
ON CONFLICT (video_id) DO UPDATE SET digests = excluded.digests, lost = false
"""
DIGESTS = "SELECT digests FROM made_file WHERE video_id = $1"
MARKED = "SELECT true FROM made_file WHERE video_id = $1 AND lost"
MARK = "UPDATE made_file SET lost = $2 WHERE video_id = $1 AND lost <> $2"
# Whose files these are, and those that have them from there; who has been given others since then names others.
MARK_LOST = """
UPDATE made_file
SET lost = true
WHERE NOT lost AND video_id IN (
    SELECT made.video_id
    FROM made_file AS made
    WHERE made.video_id = $1 AND made.digests ?| ARRAY(SELECT $2::integer || '/' || name FROM unnest($3::text[]) AS name)
    UNION ALL
    SELECT made.video_id
    FROM media_user AS u
    JOIN shared_generation AS s ON s.video_id = u.video_id AND s.media_id = $1 AND s.media_generation = $2
    JOIN made_file AS made ON made.video_id = s.video_id
    WHERE u.media_id = $1 AND u.generation = $2 AND made.digests ?| ARRAY(
        SELECT s.generation || '/' || name
        FROM unnest($3::text[]) AS name
        WHERE s.names IS NULL OR name = ANY(s.names)
    )
)
"""
# What is being changed or deleted is left aside: nobody waits for somebody else's video.
SAME = f"""
SELECT video.id, made_file.digests
FROM video
JOIN made_file ON made_file.video_id = video.id
WHERE video.id = ANY($1) AND video.status = 'ready' AND NOT made_file.lost AND {_WARM}
ORDER BY video.id
FOR SHARE OF video SKIP LOCKED
"""  # noqa: S608 - a condition of ours

# What names files comes first: the rest of a generation may lie elsewhere.
SHARED = """
SELECT generation, media_id, media_generation, names
FROM shared_generation
WHERE video_id = $1
ORDER BY names IS NULL
"""
SHARE = """
INSERT INTO shared_generation (video_id, generation, media_id, media_generation, names)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (video_id, generation, media_id, media_generation) DO UPDATE
SET names = ARRAY(SELECT DISTINCT unnest(shared_generation.names || excluded.names)), until = NULL
"""
USE = "INSERT INTO media_user (media_id, generation, video_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
RETIRE = """
UPDATE shared_generation
SET until = now() + make_interval(secs => $3)
WHERE video_id = $1 AND generation <> ALL($2) AND until IS NULL
"""
OVER = """
SELECT DISTINCT video.id AS video_id, video.author_id
FROM (SELECT video_id FROM shared_generation WHERE until <= now() ORDER BY until LIMIT $1) AS over
JOIN video ON video.id = over.video_id
ORDER BY video.id
"""
RELEASE = """
DELETE FROM shared_generation
WHERE video_id = $1 AND (until <= now() OR NOT $2)
RETURNING media_id, media_generation
"""
DISUSE = "DELETE FROM media_user WHERE media_id = $1 AND generation = $2 AND video_id = $3"
USED = "SELECT DISTINCT media_id, generation FROM media_user WHERE media_id = ANY($1)"
THERE = "SELECT true FROM video WHERE id = $1"


class OfFile(NamedTuple):
    """A video that came from a file."""

    video_id: UUID
    author_id: UUID


class Copyable(NamedTuple):
    """A complete video that somebody may see."""

    id: UUID
    author_id: UUID
    visibility: Visibility


class Facts(msgspec.Struct, frozen=True):
    """What is known of a complete video, but for what its author says; pictures are paths, `audio` is JSON."""

    duration_ms: int
    width: int
    height: int
    thumbhash: str
    poster: str
    preview: str
    storyboard: str
    audio: str | None
    audio_generation: int | None
    generation: int


class Made(NamedTuple):
    """All that makes a complete video play, and the SHA-256 of each of its files, by path."""

    facts: Facts
    renditions: list[NewRendition]
    digests: dict[str, str]

    def generations(self) -> list[int]:
        """Those below which the video's files lie, in order."""
        facts = self.facts
        paths = [facts.poster, facts.preview, facts.storyboard, *self.digests]
        sound = set() if facts.audio_generation is None else {facts.audio_generation}
        below = {int(path.partition("/")[0]) for path in paths} | {rendition.generation for rendition in self.renditions}
        return sorted({facts.generation} | sound | below)

    def numbered(self, numbers: Mapping[int, int]) -> "Made":
        """The same below other generations."""

        def path(of: str) -> str:
            generation, _, name = of.partition("/")
            return f"{numbers[int(generation)]}/{name}"

        facts = msgspec.structs.replace(
            self.facts,
            poster=path(self.facts.poster),
            preview=path(self.facts.preview),
            storyboard=path(self.facts.storyboard),
            audio_generation=None if self.facts.audio_generation is None else numbers[self.facts.audio_generation],
            generation=numbers[self.facts.generation],
        )
        renditions = [msgspec.structs.replace(one, generation=numbers[one.generation]) for one in self.renditions]
        return Made(facts, renditions, {path(of): digest for of, digest in self.digests.items()})


def key_of(video_id: UUID, generation: int, name: str, shared: Iterable[Shared] = ()) -> str:
    """Where a file lies in the media bucket; without `shared`, where it would lie were it the video's own."""
    media_id, media_generation = stored_below(video_id, generation, name, shared)
    return f"videos/{media_id}/{media_generation}/{name}"


def stored_below(video_id: UUID, generation: int, name: str, shared: Iterable[Shared]) -> tuple[UUID, int]:
    """Of which video and generation a file is stored."""
    for one in shared:
        if one.generation == generation and (one.names is None or name in one.names):
            return one.media_id, one.media_generation
    return video_id, generation


async def insert_file(conn: Rows, sha256: bytes, video_id: UUID, author_id: UUID) -> None:
    await conn.execute(INSERT_FILE, sha256, video_id, author_id)


async def forget_file(conn: Rows, sha256: bytes, video_id: UUID) -> None:
    await conn.execute(FORGET_FILE, sha256, video_id)


async def of_file(conn: Rows, sha256: bytes, limit: int, *, lock: bool = False) -> list[OfFile]:
    """The oldest videos of these bytes; locked, one transaction after the other has them."""
    return [OfFile(*row) for row in await conn.fetch(OF_FILE_FOR_UPDATE if lock else OF_FILE, sha256, limit)]


async def sha256(conn: Rows, video_id: UUID) -> bytes | None:
    """Of the original; None when the video is gone."""
    found: bytes | None = await conn.fetchval(SHA256, video_id)
    return found


async def copyable(conn: Rows, video_ids: Sequence[UUID], followed: Iterable[UUID]) -> list[Copyable]:
    """Those of them that are complete and may be seen by whoever follows these authors, oldest first."""
    return [Copyable(*row) for row in await conn.fetch(COPYABLE, list(video_ids), list(followed))]


async def seen(conn: Rows, video_ids: Sequence[UUID], followed: Iterable[UUID]) -> list[UUID]:
    """Those of them that play, complete or not, and may be seen by whoever follows these authors."""
    return [row["id"] for row in await conn.fetch(SEEN, list(video_ids), list(followed))]


async def hold(conn: Rows, video_id: UUID, visible: Sequence[Visibility]) -> Made | None:
    """All that makes it play, and keep it so until the transaction ends; None when it is not complete or visible any more."""
    row = await conn.fetchrow(HOLD, video_id, list(visible))
    if row is None:
        return None
    renditions = [dict(r) | {"facts": r["facts"].encode()} for r in await conn.fetch(RENDITIONS, video_id)]
    return Made(Facts(**row), [NewRendition(**one) for one in renditions], await digests(conn, video_id))


async def copy(conn: Rows, source_id: UUID, to: OfFile, made: Made) -> None:
    """Make it ready with what another one has."""
    await show(conn, to, made)
    await conn.execute(COPY_FINGERPRINT, to.video_id, source_id)


async def show(conn: Rows, to: OfFile, made: Made) -> None:
    """This is all that there is of the video from now on; it is ready, and at hand."""
    await tiers.forget(conn, to.video_id)
    await conn.execute(CLEAR_RENDITIONS, to.video_id)
    await conn.execute(COPY, to.video_id, *msgspec.structs.astuple(made.facts))
    await conn.execute(LIST_PLAYS, to.author_id, to.video_id)
    await insert(conn, to.video_id, made.renditions)
    await keep_digests(conn, to.video_id, made.digests)


async def keep_digests(conn: Rows, video_id: UUID, digests: dict[str, str]) -> None:
    """Keep the SHA-256 of each file that was made, by its path."""
    await conn.execute(KEEP_DIGESTS, video_id, msgspec.json.encode(digests).decode())


async def digests(conn: Rows, video_id: UUID) -> dict[str, str]:
    """The SHA-256 of each file that was made, by its path; nothing where that is not known."""
    return msgspec.json.decode(await conn.fetchval(DIGESTS, video_id) or "{}", type=dict[str, str])


async def mark(conn: Rows, video_id: UUID, *, lost: bool) -> None:
    """Not all that was made of it is there, and nobody shares it until it is made again; or all of it is."""
    await conn.execute(MARK, video_id, lost)


async def is_marked(conn: Rows, video_id: UUID) -> bool:
    """Whether it is known that not all of it is there."""
    return await conn.fetchval(MARKED, video_id) is not None


async def mark_lost(conn: Rows, media_id: UUID, generation: int, names: Iterable[str]) -> None:
    """The same, of every video that shows one of these files."""
    await conn.execute(MARK_LOST, media_id, generation, sorted(names))


async def same(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Those that are ready, oldest first, with what was made of them; they stay so until the transaction ends."""
    rows = await conn.fetch(SAME, list(video_ids))
    return {row["id"]: msgspec.json.decode(row["digests"], type=dict[str, str]) for row in rows}


async def of(conn: Rows, video_id: UUID) -> list[Shared]:
    """What a video has from others, in the order to look things up."""
    found = [dict(row) for row in await conn.fetch(SHARED, video_id)]
    return [Shared(**row | {"names": None if row["names"] is None else frozenset(row["names"])}) for row in found]


async def use(conn: Rows, video_id: UUID, shared: Sequence[Shared]) -> None:
    """From now on these files of the video lie there."""
    for one in shared:
        names = None if one.names is None else sorted(one.names)
        await conn.execute(SHARE, video_id, one.generation, one.media_id, one.media_generation, names)
        await conn.execute(USE, one.media_id, one.media_generation, video_id)


async def retire(conn: Rows, video_id: UUID, but: Iterable[int], seconds: float) -> None:
    """Of its generations it shows only these from now on; what it used for the others is looked up for so long yet."""
    await conn.execute(RETIRE, video_id, list(but), seconds)


async def over(conn: Rows, limit: int) -> list[OfFile]:
    """Videos that have something to release."""
    return [OfFile(*row) for row in await conn.fetch(OVER, limit)]


async def release(conn: Rows, video_id: UUID, *, only_over: bool) -> set[tuple[UUID, int]]:
    """Use nothing of others any more, or only what it shows and what may still be asked for; what of others it has left.

    The caller holds the lock of the author's row, as whoever begins to use something.
    """
    left = {(row["media_id"], row["media_generation"]) for row in await conn.fetch(RELEASE, video_id, only_over)}
    left -= {(one.media_id, one.media_generation) for one in await of(conn, video_id)}
    await conn.executemany(DISUSE, [(*generation, video_id) for generation in sorted(left)])
    return left


async def used(conn: Rows, media_ids: Sequence[UUID]) -> dict[UUID, set[int]]:
    """The generations of these videos, be they gone, that others use."""
    found: defaultdict[UUID, set[int]] = defaultdict(set)
    for row in await conn.fetch(USED, list(media_ids)):
        found[row["media_id"]].add(row["generation"])
    return found


async def there(conn: Rows, video_id: UUID) -> bool:
    """Whether the video exists."""
    return await conn.fetchval(THERE, video_id) is not None
