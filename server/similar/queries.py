"""SQL that finds what may be copies of a video by the keys they share. Nothing is written here."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from media.fingerprint import Fingerprint, Moment
from server.sight.queries import in_sight
from storage.postgres import Rows

OF = """
SELECT v.raw_sha256, f.moments
FROM video AS v
JOIN fingerprint AS f ON f.video_id = v.id
WHERE v.id = $1
"""
# Without statistics of the keys the planner reads the whole table for each of them, and unpacks every list on the way.
BY_INDEX = "SELECT set_config('enable_seqscan', 'off', true)"
# A key that very many have says little: only some of them are looked at. What tells copies apart are those that few have.
SHARING = f"""
SELECT shared.video_id, shared.keys
FROM (
    SELECT found.video_id, count(*) AS keys
    FROM unnest($1::integer[]) AS asked (key)
    CROSS JOIN LATERAL (
        SELECT video_id
        FROM fingerprint
        WHERE keys @> ARRAY[asked.key]
        LIMIT $5
    ) AS found
    GROUP BY found.video_id
) AS shared
JOIN video AS v ON v.id = shared.video_id
WHERE shared.video_id <> $2 AND v.status IN ('playable', 'ready') AND (v.author_id = $3 OR v.visibility = 'public')
  AND {in_sight("v.author_id", "$3")}
ORDER BY shared.keys DESC, shared.video_id DESC
LIMIT $4
"""  # noqa: S608 - a condition of ours
CANDIDATES = """
SELECT f.video_id, f.moments, v.raw_sha256 = $2 AS exact
FROM fingerprint AS f
JOIN video AS v ON v.id = f.video_id
WHERE f.video_id = ANY($1)
"""


class Seen(msgspec.Struct, frozen=True):
    """What a video looks like, packed, and the hash of its original."""

    sha256: bytes
    moments: bytes


class Candidate(msgspec.Struct, frozen=True):
    """What may be a copy; `exact` where its original is the same file."""

    video_id: UUID
    moments: bytes
    exact: bool


def unpacked(moments: bytes) -> Fingerprint:
    """A fingerprint as it was before it was stored."""
    return Fingerprint(msgspec.msgpack.decode(moments, type=list[Moment]))


async def of(conn: Rows, video_id: UUID) -> Seen | None:
    """None where it has no fingerprint, or none yet."""
    row = await conn.fetchrow(OF, video_id)
    return Seen(row["raw_sha256"], row["moments"]) if row else None


async def go_by_index(conn: Rows) -> None:
    """For the rest of this transaction."""
    await conn.execute(BY_INDEX)


async def sharing(
    conn: Rows, keys: Sequence[int], video_id: UUID, account_id: UUID, limit: int, most_of_key: int
) -> dict[UUID, int]:
    """Those that share most of these keys, with how many; of what plays the account's own and public ones in its sight."""
    rows = await conn.fetch(SHARING, keys, video_id, account_id, limit, most_of_key)
    return {row["video_id"]: row["keys"] for row in rows}


async def candidates(conn: Rows, video_ids: Sequence[UUID], sha256: bytes) -> list[Candidate]:
    return [Candidate(**row) for row in await conn.fetch(CANDIDATES, list(video_ids), sha256)]
