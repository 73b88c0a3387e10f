"""What a video has lost and another one of the same bytes has is shown as that one's, if the author may see it."""

from aiohttp import web

from server.accounts import queries as accounts
from server.kit.invalidation import invalidate
from server.kit.request import ANNOUNCER, POOL, SETTINGS
from server.kit.work import work
from server.transcoding import leftovers
from server.transcoding.missing import missing
from server.videos import queries as videos
from server.videos import shared, sharing
from server.videos.actions import JOB
from server.videos.shared import Copyable, OfFile
from server.videos.sharing import Others
from server.videos.wire import VideoProgressed
from storage import job_steps, job_trace, jobs
from storage.job_trace import JobRow
from storage.postgres import connection


async def taken_over(app: web.Application, video: OfFile) -> bool:
    """Whether the video shows what another one has, all of it, from now on. A row is no proof of an object: the store is asked.

    Raises:
        StoreUnavailable.
    """
    async with connection(app[POOL]) as conn:
        others = await sharing.visible(conn, video, await shared.sha256(conn, video.video_id) or b"")
    for source in others.complete:
        async with connection(app[POOL]) as conn:
            paths = await shared.digests(conn, source.id)
        if not await missing(app, source.id, paths) and await _take_over(app, video, source, others):
            return True
    return False


async def _take_over(app: web.Application, video: OfFile, source: Copyable, others: Others) -> bool:
    last = await leftovers.last_start(app, video.video_id)
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await accounts.lock(w.conn, video.author_id)
        head = await videos.head(w.conn, video.video_id, lock=True)
        job = (await job_trace.newest(w.conn, JOB, [video.video_id])).get(video.video_id)
        if head is None or head.status != "ready" or (job is not None and job.open):
            return False
        above = max(last, *await leftovers.named(w.conn, video.video_id), 0 if job is None else job.lease)
        newest = await sharing.copy_again(w.conn, video, source, others, above, app[SETTINGS].media_url_seconds)
        if newest is None:
            return False
        if job is not None:  # what it made is not shown any more, and should it start again, its number is a new one
            await job_steps.forget(w.conn, job.id)
            await jobs.number_from(w.conn, job.id, newest)
        await invalidate(w, video.author_id, "card", video.video_id)
        w.emit(VideoProgressed(video.video_id, video.author_id, "ready", 1.0))
    return True


async def jobs_of_others(app: web.Application, video: OfFile) -> list[JobRow]:
    """The newest job of each other video that plays, and that this one may take over when it is whole."""
    async with connection(app[POOL]) as conn:
        playing = await sharing.playing(conn, video, await shared.sha256(conn, video.video_id) or b"")
        return list((await job_trace.newest(conn, JOB, playing)).values())
