"""The periodic job that removes objects which no row names any more."""

from uuid import UUID

from aiohttp import web

from server.kit.request import POOL, SETTINGS, STORE
from storage.postgres import connection

BATCH = 100

DUE = """
SELECT video_id, bucket, prefix
FROM object_removal
WHERE due_at <= now()
ORDER BY due_at
LIMIT $1
"""
DONE = "DELETE FROM object_removal WHERE video_id = $1 AND bucket = $2 AND prefix = $3"


async def remove_due(app: web.Application) -> None:
    """Remove all that is due. A row goes after its objects, so that a kill in between removes them once more."""
    while rows := await _due(app):
        for video_id, bucket, prefix in rows:
            await app[STORE].delete_prefix(_bucket(app, bucket), prefix)
            async with connection(app[POOL]) as conn:
                await conn.execute(DONE, video_id, bucket, prefix)
        if len(rows) < BATCH:
            return


async def _due(app: web.Application) -> list[tuple[UUID, str, str]]:
    async with connection(app[POOL]) as conn:
        return [(row["video_id"], row["bucket"], row["prefix"]) for row in await conn.fetch(DUE, BATCH)]


def _bucket(app: web.Application, name: str) -> str:
    settings = app[SETTINGS]
    return settings.s3_bucket if name == "media" else settings.s3_raw_bucket
