"""Chosen posters that the store does not have: of a moment they are made again, else the picked one stands in."""

from uuid import UUID

from aiohttp import web

from server.accounts import queries as accounts
from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import Work, work
from server.posters import queries
from server.posters.actions import ask_again, show
from server.posters.jobs import MOST_SOURCE_BYTES
from server.posters.queries import Chosen
from server.transcoding.alone import alone
from server.transcoding.findings import found
from server.videos.actions import POSTER_JOB, PREFIX
from server.videos.shared import key_of, of
from server.videos.wire import Failure
from storage import jobs, walks
from storage.postgres import connection

AT_ONCE = 20
WALK = "chosen posters"
NOTHING = UUID(int=0)
GONE = Failure("internal", "The picture was lost; send it again.")


async def look(app: web.Application) -> None:
    """One run, which goes on where the last one ended.

    Raises:
        StoreUnavailable, ObjectMissing: the store as a whole does not answer; the next run goes on.
    """
    async with alone(app, "posters that authors chose"):
        async with connection(app[POOL]) as conn:
            after = UUID(await walks.position(conn, WALK) or str(NOTHING))
            slice_ = await queries.chosen(conn, after, AT_ONCE)
        for video in slice_:
            async with alone(app, video.id):
                await _look(app, video)
        async with connection(app[POOL]) as conn:
            await walks.move(conn, WALK, str(slice_[-1].id) if len(slice_) == AT_ONCE else "")


async def _look(app: web.Application, video: Chosen) -> None:
    if await _stored(app, f"{PREFIX.format(video_id=video.id)}{video.poster}"):
        return
    async with connection(app[POOL]) as conn:
        source = await queries.best_source(conn, video.id, MOST_SOURCE_BYTES)
        shared = await of(conn, video.id)
    if source is None or not await _stored(app, key_of(video.id, source.generation, source.name, shared)):
        return  # that is made again first
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await accounts.lock(w.conn, video.author_id)
        if await queries.own_poster(w.conn, video.id) == video.poster:
            await _mend(w, video, app[SETTINGS].media_url_seconds)


async def _stored(app: web.Application, key: str) -> bool:
    bucket = app[SETTINGS].s3_bucket
    if await app[STORE].head(bucket, key) is not None:
        return True
    await app[STORE].check(bucket)  # where the bucket is missing nothing is known of what it holds
    return False


async def _mend(w: Work, video: Chosen, url_seconds: float) -> None:
    """Show the picked one, at least until the other is made again."""
    wish = await queries.wish(w.conn, video.id)
    waits = wish is not None and wish.state == "waiting" and await jobs.pending(w.conn, POSTER_JOB, video.id)
    if wish is not None and wish.state != "refused" and wish.at_ms is not None and not waits:
        await ask_again(w, video.id, video.author_id, wish)
        waits = True
    elif wish is not None and wish.state == "done":
        await queries.refused(w.conn, video.id, GONE)
    await show(w, video.id, video.author_id, (None, None), url_seconds)
    if waits:
        found("object_missing", video.id, f"not in the store, and made again: {video.poster}")
    else:
        found("object_lost", video.id, f"not in the store, and the picked poster stands in: {video.poster}")
