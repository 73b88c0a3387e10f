"""What the store does not have: of one key, or of the files of a video, wherever they lie."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from aiohttp import web

from server.kit.request import POOL, SETTINGS, STORE
from server.videos import shared
from server.videos.actions import PREFIX
from server.videos.shared import key_of, stored_below
from storage.postgres import connection


async def stored(app: web.Application, key: str) -> bool:
    """Whether an object is in the media bucket.

    Raises:
        StoreUnavailable, ObjectMissing: the store or the bucket does not answer, so that nothing is known.
    """
    bucket = app[SETTINGS].s3_bucket
    if await app[STORE].head(bucket, key) is not None:
        return True
    await app[STORE].check(bucket)  # where the bucket is missing nothing is known of what it holds
    return False


async def missing(app: web.Application, video_id: UUID, paths: Iterable[str]) -> list[str]:
    """Those of these paths of a video, `{generation}/{name}`, where nothing is. Every video that shows such a file is marked.

    Raises:
        StoreUnavailable.
    """
    async with connection(app[POOL]) as conn:
        shares = await shared.of(conn, video_id)
    below: defaultdict[tuple[UUID, int], dict[str, str]] = defaultdict(dict)
    for path in paths:
        generation, _, name = path.partition("/")
        below[stored_below(video_id, int(generation), name, shares)][name] = path
    prefixes = {PREFIX.format(video_id=video_id)} | {key_of(*place, "") for place in below}
    there = {key for prefix in prefixes async for key in app[STORE].list_prefix(app[SETTINGS].s3_bucket, prefix)}
    gone = {place: {name for name in names if key_of(*place, name) not in there} for place, names in below.items()}
    async with connection(app[POOL]) as conn:
        for place, names in gone.items():
            if names:
                await shared.mark_lost(conn, *place, names)
    return sorted(below[place][name] for place, names in gone.items() for name in names)
