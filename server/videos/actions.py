"""The rules of videos: who sees one, how it begins, is edited, published and forgotten."""

from collections.abc import Iterable
from uuid import UUID

from botocore.exceptions import ClientError
from msgspec import UNSET

from server.accounts import queries as accounts
from server.counts import queries as counts
from server.counts import truth
from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.errors import Invalid, NotYours, Refusal
from server.kit.ids import new_id, parse_id
from server.kit.invalidation import invalidate
from server.kit.paging import After
from server.kit.request import nothing_there
from server.kit.work import Work
from server.sight import actions as sight
from server.videos import cached, mentions, queries, remains, sharing, tagged, tiers
from server.videos.hashtags import hashtags, normalised
from server.videos.wire import (
    Created,
    JobQueued,
    Listed,
    NewVideo,
    PatchVideo,
    Told,
    VideoEdited,
    VideoHead,
    VideoProgressed,
    VideoPublished,
    VideoPublishing,
    VideoWithdrawn,
    Visibility,
)
from storage import job_trace, jobs
from storage.jobs import LEASE_SECONDS
from storage.objects import ObjectMissing, StoreUnavailable
from storage.postgres import AWAY, Rows

JOB, POSTER_JOB = "transcode", "poster"
EDITED = ("title", "description", "hashtags", "visibility")
"""What a patch may change of a card."""
FROM_VIDEO = "from_video"
"""The parameter that names the video by which somebody came upon its author."""
PREFIX = "videos/{video_id}/"
"""Everything that is made of one video lies below this in the media bucket."""
PHOTOS = "posters/{video_id}/"
"""Pictures that wait to become its poster, in the raw bucket."""
STRAGGLER_SECONDS = 2 * LEASE_SECONDS
"""A worker that has not heard yet that the video is gone may go on storing for so long; what it stores is removed after that."""
STORE_FAILURES = (StoreUnavailable, ObjectMissing, ClientError)
"""With these the object store says that something was not removed."""
STORE_OR_AWAY: tuple[type[BaseException], ...] = (*STORE_FAILURES, *AWAY)
"""With these what a later try may do is left to it."""
RETRY_SECONDS, LONGEST_RETRY_SECONDS = 60.0, 21_600.0
"""What could not be removed is tried again after pauses that double, from the first to the second, with jitter."""


class NotPlayable(Refusal):
    """It is the asker's own, and does not play (yet, or ever)."""

    status = 409
    code = "not_playable"


async def create(w: Work, new: NewVideo) -> Created:
    """Begin a video: insert it with the job that makes it play, or find the author's own video of the same bytes.

    Where another author's video of the same bytes is ready, and this author may see it, this one is ready at once.

    Raises:
        NotFound: the author is gone.
    """
    video_id = new_id()
    if not await accounts.lock(w.conn, new.author_id):
        raise nothing_there()  # the account was deleted while the bytes came in
    owner = await queries.claim_file(w.conn, new, video_id)
    if owner != video_id:
        await _try_again(w, owner)
        return Created(owner, duplicate=True)
    await queries.insert(w.conn, new, video_id, hashtags(new.title, new.description))
    if await sharing.copy(w.conn, new, video_id):
        await publish(w, video_id, new.author_id)
        w.emit(VideoProgressed(video_id, new.author_id, "ready", 1.0))
        return Created(video_id, duplicate=False, ready=True)
    await jobs.enqueue(w.conn, JOB, video_id, new.author_id)
    w.emit(JobQueued(video_id))
    return Created(video_id, duplicate=False)


async def _try_again(w: Work, video_id: UUID) -> None:
    """Its author has sent the same bytes again: if it failed for a reason that may have passed it is tried again."""
    job = (await job_trace.newest(w.conn, JOB, [video_id])).get(video_id)
    if job is None or not job.passing:
        return
    number = await jobs.requeue(w.conn, job.id, ["failed"])
    if number is not None:
        await job_trace.note_of(w.conn, job.id, number, "sent again")
        w.emit(JobQueued(video_id))


async def visible(conn: Rows, video_id: UUID, viewer_id: UUID | None) -> VideoHead:
    """The video, if this account may see it.

    Raises:
        NotFound: it is absent, or not visible to the account.
    """
    video = await queries.head(conn, video_id)
    if not await _sees(conn, video, viewer_id) or video is None:
        raise nothing_there()
    return video


async def _sees(conn: Rows, video: VideoHead | None, viewer_id: UUID | None) -> bool:
    if video is not None and viewer_id == video.author_id:
        return True
    # Asked also where it changes nothing: what is hidden takes no other time than what is absent.
    standing = await sight.standing(conn, viewer_id, video.author_id if video else None)
    if video is None or not video.plays or standing.hidden:
        return False
    return video.visibility == "public" or (video.visibility == "followers" and standing.follows)


async def playable(w: Work, video_id: UUID) -> VideoHead:
    """The video, if it plays and this account may see it.

    Raises:
        NotFound: it is absent or not visible to the account.
        NotPlayable: it is the account's own and does not play.
    """
    video = await visible(w.conn, video_id, w.account_id)
    require_playable(video)
    return video


async def playable_among(conn: Rows, video_ids: Iterable[UUID], viewer_id: UUID) -> dict[UUID, VideoHead]:
    """Those of the videos that play and that this account may see."""
    heads = await queries.heads(conn, video_ids)
    return {video.id: video for video in heads if video.plays and await _sees(conn, video, viewer_id)}


def require_playable(video: VideoHead) -> None:
    """Refuse what does not play; where there is a body, after it was found valid.

    Raises:
        NotPlayable.
    """
    if not video.plays:
        raise NotPlayable("This video does not play.")


async def own(w: Work, video_id: UUID) -> VideoHead:
    """The account's own video, locked for a change.

    Raises:
        NotFound: it is absent or not visible to the account.
        NotYours: it is somebody else's.
    """
    video = await visible(w.conn, video_id, w.account_id)
    if video.author_id != w.account_id:
        raise NotYours("Only its author can do this.")
    # The author first, then the video: publishing takes its locks in the same order.
    await accounts.lock(w.conn, video.author_id)
    locked = await queries.head(w.conn, video_id, lock=True)
    if locked is None:
        raise nothing_there()
    return locked


async def edit(w: Work, video: VideoHead, patch: PatchVideo) -> None:
    """Change what the patch holds. A video that stops being private is published, if it never was."""
    title = None if patch.title is UNSET else patch.title
    description = None if patch.description is UNSET else patch.description
    visibility: Visibility | None = None if patch.visibility is UNSET else patch.visibility
    before = await queries.told(w.conn, video.id)
    texts = await queries.edit(w.conn, video, title, description, visibility)
    await queries.set_hashtags(w.conn, video.id, hashtags(*texts))
    after = await queries.told(w.conn, video.id)
    if after != before:
        await invalidate(w, video.author_id, "card", video.id)
    if after.visibility != before.visibility:
        await invalidate(w, video.author_id, "video", video.id)
        await publish(w, video.id, video.author_id)
        await truth.mend_public_videos(w.conn, video.author_id)
    if (after.hashtags, after.visibility) != (before.hashtags, before.visibility):
        await tagged.unlist(w.conn, video.id, before.hashtags)
        await tagged.list_(w.conn, video.id)
    _tell(w, video, before, after)
    if before.published_at is not None:
        await _mention(w, video.id, video.author_id, after, before)


def _tell(w: Work, video: VideoHead, before: Told, after: Told) -> None:
    fields = [name for name in EDITED if getattr(before, name) != getattr(after, name)]
    if not fields:
        return
    w.emit(VideoEdited(video.id, video.author_id, fields, known=before.published_at is not None))
    if before.shown and not after.shown:
        w.emit(VideoWithdrawn(video.id, video.author_id))


async def publish(w: Work, video_id: UUID, author_id: UUID) -> None:
    """Publish once: the row of the log is written in the transaction that makes the video visible.

    The caller holds the lock of the author's row, so that the order of an author's publications is the order of commits.
    """
    if await queries.publish(w.conn, video_id, author_id):
        w.forewarn(VideoPublishing(author_id))
        await tagged.list_(w.conn, video_id)
        await truth.mend_public_videos(w.conn, author_id)
        w.emit(VideoPublished(video_id, author_id))
        await _mention(w, video_id, author_id, await queries.told(w.conn, video_id))


async def _mention(w: Work, video_id: UUID, author_id: UUID, told: Told, before: Told | None = None) -> None:
    """Tell of those whom the words of a video reach now, and did not reach before."""
    known = await mentions.reached_by(w.conn, author_id, before) if before else []
    reached = await mentions.reached_by(w.conn, author_id, told)
    await deeds.keep(w.conn, *(Deed(who, "mention", video_id, author_id) for who in reached if who not in known))


async def delete(w: Work, video: VideoHead) -> None:
    """Forget a video: it is gone at once; its objects go by the next removal, and what others did to it in slices."""
    await cached.keep_paths(w.conn, video.id)
    await sharing.release(w.conn, video.id)
    told = await queries.told(w.conn, video.id)
    await tagged.unlist(w.conn, video.id, told.hashtags)
    key = await queries.delete(w.conn, video)
    await remains.leave(w.conn, [video.id])
    await counts.forget_video(w.conn, video.id)
    await truth.mend_public_videos(w.conn, video.author_id)
    for kind in (JOB, POSTER_JOB, tiers.RESTORE_JOB):
        await jobs.cancel(w.conn, kind, video.id)
    await tiers.forget(w.conn, video.id)
    await tiers.forget_cold(w.conn, video.id)
    await queries.hasten_removals(w.conn, video.id, STRAGGLER_SECONDS)
    await queries.remove_objects(w.conn, video.id, "media", PREFIX.format(video_id=video.id), seconds=STRAGGLER_SECONDS)
    await queries.remove_objects(w.conn, video.id, "raw", PHOTOS.format(video_id=video.id), seconds=STRAGGLER_SECONDS)
    if key is not None:
        await queries.remove_objects(w.conn, video.id, "raw", key, seconds=STRAGGLER_SECONDS)
    await invalidate(w, video.author_id, "video", video.id)
    if told.shown:
        w.emit(VideoWithdrawn(video.id, video.author_id))


async def forget(w: Work, author_id: UUID, video_id: UUID) -> None:
    """The same for a video whose author is gone; what is not there is fine."""
    video = await queries.stored(w.conn, video_id)
    if video is None:
        await queries.unlist(w.conn, author_id, video_id)
    else:
        await delete(w, video)


async def finish(w: Work, video_id: UUID) -> None:
    """Forget a video that was to go (`deleting.py`), if it is there yet."""
    # The author first, as in `own`: what an author has published is counted under that lock. One who is gone has no row.
    known = await queries.head(w.conn, video_id)
    if known is not None:
        await accounts.lock(w.conn, known.author_id)
    video = await queries.stored(w.conn, video_id)
    if video is not None:
        await delete(w, video)


async def of_author(conn: Rows, author_id: UUID, viewer_id: UUID | None, after: After, limit: int) -> list[Listed]:
    """A page of an author's videos: to themselves all, to followers those for followers too, to others the public ones.

    Whoever has blocked the author sees none.
    """
    standing = await sight.standing(conn, viewer_id, author_id)
    if standing.hidden:
        return []
    visible_to_viewer: tuple[Visibility, ...] = ("public", "followers") if standing.follows else ("public",)
    everything = viewer_id == author_id
    return await queries.of_author(conn, author_id, after, limit, visible_to_viewer, everything=everything)


async def with_hashtag(conn: Rows, tag: str, viewer_id: UUID | None, after: After, limit: int) -> list[Listed]:
    """A page of the public videos with a hashtag, however it is written, of everybody whom the viewer sees."""
    stored = normalised(tag)
    return await tagged.tagged(conn, stored, viewer_id, after, limit) if stored else []


async def whereby(conn: Rows, text: str | None, author_id: UUID, viewer_id: UUID) -> UUID | None:
    """The video of an author, named in `?from_video=`, that made the viewer do something; None without one.

    Raises:
        NotFound: it is absent, or not visible to the viewer.
        Invalid: the text is no id, or the video is somebody else's.
    """
    if text is None:
        return None
    video_id = parse_id(text)
    if video_id is None:
        raise Invalid.field(FROM_VIDEO, "is no id")
    video = await visible(conn, video_id, viewer_id)
    if video.author_id != author_id:
        raise Invalid.field(FROM_VIDEO, "is a video of somebody else")
    return video.id
