"""Chosen posters that the store does not have: of a moment they are made again, else the picked one stands in."""

from aiohttp import web

from server.accounts import queries as accounts
from server.kit.request import ANNOUNCER, POOL, SETTINGS
from server.kit.work import Work, work
from server.posters import queries
from server.posters.actions import ask_again, show
from server.posters.jobs import MOST_SOURCE_BYTES
from server.posters.queries import Chosen
from server.transcoding.alone import look_along
from server.transcoding.findings import found
from server.transcoding.missing import stored
from server.videos.actions import POSTER_JOB, PREFIX
from server.videos.shared import key_of, of
from server.videos.wire import Failure
from storage import jobs
from storage.postgres import connection

AT_ONCE = 20
WALK = "chosen posters"
GONE = Failure("internal", "The picture was lost; send it again.")


async def look(app: web.Application) -> None:
    """One run, which goes on where the last one ended.

    Raises:
        StoreUnavailable, ObjectMissing: the store as a whole does not answer; the next run goes on.
    """
    await look_along(app, WALK, queries.chosen, AT_ONCE, _look)


async def _look(app: web.Application, video: Chosen) -> None:
    if await stored(app, f"{PREFIX.format(video_id=video.id)}{video.poster}"):
        return
    async with connection(app[POOL]) as conn:
        source = await queries.best_source(conn, video.id, MOST_SOURCE_BYTES)
        shared = await of(conn, video.id)
    if source is None or not await stored(app, key_of(video.id, source.generation, source.name, shared)):
        return  # that is made again first
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await accounts.lock(w.conn, video.author_id)
        if await queries.own_poster(w.conn, video.id) == video.poster:
            await _mend(w, video, app[SETTINGS].media_url_seconds)


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
