"""What is in the archive and nothing names, as of a video that was deleted while it was copied: walked along, page by page."""

from datetime import UTC, datetime, timedelta

from aiohttp import web

from server.archive.apart import apart
from server.archive.inventory import COLD_PREFIX, orphans
from server.kit.ids import parse_id
from server.kit.request import COLD, POOL
from server.transcoding.strays import ABANDONED_SECONDS, OLD_SECONDS, UPLOADS_AT_ONCE
from server.videos.queries import remove_objects
from storage import walks
from storage.objects import ObjectMissing
from storage.postgres import connection

KEYS_AT_ONCE = 1000


async def look(app: web.Application, old_seconds: float = OLD_SECONDS, abandoned_seconds: float = ABANDONED_SECONDS) -> None:
    """Judge the next page of each of its parts; what nothing names is put on the list of what is removed.

    Raises:
        StoreUnavailable: the archive does not answer.
    """
    for bucket in ("media", "raw"):
        async with apart(app, f"archive of {bucket}"):
            await _walk_on(app, bucket, old_seconds)
    async with apart(app, "parts in the archive"):
        await _abort(app, abandoned_seconds)


async def _walk_on(app: web.Application, bucket: str, old_seconds: float) -> None:
    cold, prefix, name = app[COLD], f"{COLD_PREFIX}{bucket}/", f"archive of {bucket}"
    before = datetime.now(UTC) - timedelta(seconds=old_seconds)
    async with connection(app[POOL]) as conn:
        after = await walks.position(conn, name)
    try:
        page = await cold.store.page(cold.bucket, prefix, after, KEYS_AT_ONCE)
    except ObjectMissing:
        return  # nothing was ever archived
    keys = [one.key.removeprefix(prefix) for one in page.entries if one.modified <= before]
    async with connection(app[POOL]) as conn:
        for key in await orphans(conn, bucket, keys):
            of = parse_id(key.split("/")[1])
            if of is not None:
                await remove_objects(conn, of, bucket, key, seconds=0.0)
        await walks.move(conn, name, page.entries[-1].key if page.more else "")


async def _abort(app: web.Application, old_seconds: float) -> None:
    """Abort, of the next uploads in parts, those that whoever copied was killed at."""
    cold, name = app[COLD], "parts in the archive"
    before = datetime.now(UTC) - timedelta(seconds=old_seconds)
    async with connection(app[POOL]) as conn:
        after = await walks.position(conn, name)
    try:
        page = await cold.store.unfinished(cold.bucket, COLD_PREFIX, after, UPLOADS_AT_ONCE)
    except ObjectMissing:
        return
    for one in page.uploads:
        if one.begun <= before:
            await cold.store.abort_multipart(cold.bucket, one.key, one.upload)
    async with connection(app[POOL]) as conn:
        await walks.move(conn, name, page.after)
