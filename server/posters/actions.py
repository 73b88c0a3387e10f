"""The rules of posters that authors choose: a wish is kept, a job fulfils it, and whoever asked waits a little for that."""

import asyncio
import hashlib
import secrets
from uuid import UUID

from server.kit.errors import Invalid, QuotaExceeded, Refusal, Unavailable
from server.kit.invalidation import invalidate
from server.kit.work import Work
from server.posters import queries
from server.posters.wire import PosterMoment, Wish
from server.videos import actions as videos
from server.videos import posters
from server.videos.actions import PHOTOS, POSTER_JOB, PREFIX, STRAGGLER_SECONDS
from server.videos.queries import remove_objects
from server.videos.wire import JobQueued, VideoEdited, VideoHead
from storage import jobs
from storage.postgres import Pool, connection

PHOTO_SECONDS = 86_400.0
"""A picture that was sent goes when its job is over; should that never be, or nobody have asked for the job, after so long."""
WAIT_SECONDS = 4.0
"""So long after its body a request waits for its poster; with what follows it keeps the five seconds of every request."""
MOST_AN_HOUR = 60
"""Posters that an account may ask for; asking again for the same one does not count."""
HOUR = 3600.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 0.25


def objects(video_id: UUID, token: str) -> str:
    """Below this lies what is made of a wish. No start of a transcoding has the number 0."""
    return f"{PREFIX.format(video_id=video_id)}0/poster-{token}-"


def photo_key(video_id: UUID, token: str) -> str:
    """Where a picture waits in the raw bucket, under a name of ours."""
    return f"{PHOTOS.format(video_id=video_id)}{token}"


async def ask_for_moment(w: Work, video: VideoHead, moment: PosterMoment, *, limited: bool) -> Wish:
    """Have the picture of this moment made the poster.

    Raises:
        NotPlayable.
        QuotaExceeded: `limited`, and the account has asked for as many as it may.
        Invalid: the clip is over by then.
    """
    videos.require_playable(video)
    length = await queries.duration_ms(w.conn, video.id)
    if moment.at_ms > length:
        raise Invalid.field("at_ms", f"must be 0..{length}: the video is over then")
    return await _ask(w, video, Wish(token=secrets.token_hex(8), at_ms=moment.at_ms), limited=limited)


async def announce_photo(w: Work, video: VideoHead, photo: bytes, *, limited: bool) -> tuple[Wish, bool]:
    """What a picture is to be stored as, and whether it has to be.

    Raises:
        Invalid: it has no bytes.
        NotPlayable, QuotaExceeded.
    """
    if not photo:
        raise Invalid.field("file", "has no bytes")
    videos.require_playable(video)
    wanted = Wish(token=secrets.token_hex(8), photo_sha256=hashlib.sha256(photo).digest())
    before = await queries.wish(w.conn, video.id)
    if before is not None and await _stands(w, video.id, before, wanted):
        return before, False
    if limited:
        await _require_quota(w, video.author_id)
    # In this order nothing is left behind, wherever this breaks off.
    await remove_objects(w.conn, video.id, "raw", photo_key(video.id, wanted.token), seconds=PHOTO_SECONDS)
    return wanted, True


async def ask_for_photo(w: Work, video: VideoHead, wanted: Wish, *, limited: bool) -> Wish:
    """Have the picture that is stored now made the poster.

    Raises:
        QuotaExceeded.
    """
    return await _ask(w, video, wanted, limited=limited)


async def _ask(w: Work, video: VideoHead, wanted: Wish, *, limited: bool) -> Wish:
    before = await queries.wish(w.conn, video.id)
    if before is not None and await _stands(w, video.id, before, wanted):
        return before
    if limited:
        await _require_quota(w, video.author_id)
    await _call_off(w, video.id, before)
    await queries.put(w.conn, video.id, wanted)
    await jobs.enqueue(w.conn, POSTER_JOB, video.id, video.author_id)
    w.emit(JobQueued(video.id))
    return wanted


async def ask_again(w: Work, video_id: UUID, author_id: UUID, wish: Wish) -> None:
    """Have the same moment made the poster once more, under another name. The caller holds the lock of the author's row."""
    await queries.put(w.conn, video_id, Wish(token=secrets.token_hex(8), at_ms=wish.at_ms))
    await jobs.enqueue(w.conn, POSTER_JOB, video_id, author_id)
    w.emit(JobQueued(video_id))


async def _require_quota(w: Work, account_id: UUID) -> None:
    used, seconds = await queries.used(w.conn, account_id, HOUR)
    if used >= MOST_AN_HOUR:
        raise QuotaExceeded(f"At most {MOST_AN_HOUR} posters an hour.", headers={"Retry-After": str(max(1, seconds))})


async def _stands(w: Work, video_id: UUID, before: Wish, wanted: Wish) -> bool:
    """Whether asking again changes nothing: the same is shown, or a job is still at it (operators can cancel those)."""
    if not before.asks_the_same(wanted) or before.state == "refused":
        return False
    return before.state == "done" or await jobs.pending(w.conn, POSTER_JOB, video_id)


async def _call_off(w: Work, video_id: UUID, wish: Wish | None) -> None:
    """Nobody waits for this one any more; a worker that is at it finds its lease gone."""
    if wish is None or wish.state != "waiting":
        return
    await jobs.cancel(w.conn, POSTER_JOB, video_id)
    await remove_objects(w.conn, video_id, "media", objects(video_id, wish.token), seconds=STRAGGLER_SECONDS)
    if wish.photo_sha256 is not None:
        await remove_objects(w.conn, video_id, "raw", photo_key(video_id, wish.token), seconds=STRAGGLER_SECONDS)


async def go_back(w: Work, video: VideoHead, url_seconds: float) -> None:
    """Show the poster that was picked. Whoever holds the URL of the other one can follow it for a while."""
    await _call_off(w, video.id, await queries.wish(w.conn, video.id))
    await queries.forget(w.conn, video.id)
    await show(w, video.id, video.author_id, (None, None), url_seconds)


async def show(w: Work, video_id: UUID, author_id: UUID, shown: tuple[str | None, str | None], url_seconds: float) -> None:
    """Show this poster with its thumbhash, and have the one before it removed when nobody holds its URL any more."""
    before = await posters.show(w.conn, video_id, *shown)
    if before != shown[0]:
        await invalidate(w, author_id, "card", video_id)
        w.emit(VideoEdited(video_id, author_id, ["poster_url", "thumbhash"]))
    if before is not None:
        await remove_objects(w.conn, video_id, "media", f"{PREFIX.format(video_id=video_id)}{before}", seconds=url_seconds)


async def fulfilled(pool: Pool, video_id: UUID, wanted: Wish, until: float) -> bool:
    """Wait until the wish is fulfilled, but not beyond this time of the loop; whether it is.

    Raises:
        Invalid: the picture cannot be read, or the moment shows nothing.
        Unavailable: it could not be made for reasons of ours.
    """
    pause, loop = SHORTEST_PAUSE, asyncio.get_running_loop()
    while True:
        async with connection(pool) as conn:
            now = await queries.wish(conn, video_id)
        if now is None or now.token != wanted.token:
            return False  # it was called off meanwhile
        if now.state == "refused":
            raise refusal(now)
        if now.state == "done" or loop.time() + pause > until:
            return now.state == "done"
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def refusal(wish: Wish) -> Refusal:
    """Why it is not the poster."""
    if wish.error_code == "internal":
        return Unavailable("The poster could not be made; try again.")
    return Invalid.field("file" if wish.at_ms is None else "at_ms", wish.error_detail or "cannot be shown")
