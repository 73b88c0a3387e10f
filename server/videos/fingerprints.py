"""SQL that keeps what a video looks like; the room `similar` reads it."""

from uuid import UUID

import msgspec

from media.fingerprint import FEWEST, Fingerprint, keys
from storage.postgres import Rows

KEEP = """
INSERT INTO fingerprint (video_id, moments, keys)
VALUES ($1, $2, $3)
ON CONFLICT (video_id) DO UPDATE SET moments = excluded.moments, keys = excluded.keys
"""
FORGET = "DELETE FROM fingerprint WHERE video_id = $1"


async def keep(conn: Rows, video_id: UUID, found: Fingerprint) -> bool:
    """Keep it; False when it has too few moments to be told from others: then the video has none."""
    kept = found.kept.values()
    if len(kept) < FEWEST:
        await conn.execute(FORGET, video_id)
        return False
    await conn.execute(KEEP, video_id, msgspec.msgpack.encode(found.moments), sorted(keys(kept)))
    return True
