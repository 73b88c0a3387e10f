"""The rules of views: every report is kept, and one an hour counts for each account and video."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from server.kit.errors import NotYours, QuotaExceeded
from server.kit.ids import new_id
from server.kit.work import Work
from server.plays import queries
from server.plays.queries import Held
from server.plays.wire import DayViews, Play, Stored, Watch, Watched, WatchedVideo, Watching
from server.videos import actions as videos
from server.videos import tiers
from server.videos.wire import VideoHead

COUNTS_FROM_MS = 2000
"""A view counts when so much was watched, or half of the video."""
AGAIN_SECONDS = 3600.0
"""So long after a view that counted the next one of the same account and video does."""
MOST_REPORTS, QUOTA_SECONDS = 3600, 3600.0
"""Reports that an account may send in so long: one a second, or many at once after it was offline."""
CURVE_DAYS = 30
"""So many days, today included, authors see by day."""
MOST_VIEWERS = 5000
"""How long a video is watched is told of so many accounts at the most; of the first ones, where there are more."""
SLOTS = 20
"""The parts of a video after which it is told who still watches."""
DIGITS = 4
"""Of a share, behind the point."""
SHARDS = 4
"""Views that counted wait in so many queues; each process begins with another one."""


class Told(NamedTuple):
    """What this room knows of how a video is watched: parts of `wire.Stats`."""

    views: int
    days: list[DayViews]
    watching: Watching
    stored: Stored


async def watch(w: Work, account_id: UUID, video: VideoHead, watched: Watched, *, limited: bool) -> None:
    """Keep a report of a video that is visible to the account.

    Raises:
        NotPlayable.
        QuotaExceeded: `limited`, and the account has reported as much as it may.
    """
    videos.require_playable(video)
    if limited:
        await _take_quota(w, account_id, 1)
    await _keep(w, account_id, [(video, watched)])


async def watch_many(w: Work, account_id: UUID, reports: Sequence[WatchedVideo], *, limited: bool) -> None:
    """Keep reports of several videos, or several of one.

    Those of videos that are absent, hidden from the account or not playable are left out, and nobody is told which:
    a video may go while somebody swipes, and the others were watched all the same.

    Raises:
        QuotaExceeded: `limited`, and the account would have reported more than it may; nothing is kept then.
    """
    if limited and reports:
        await _take_quota(w, account_id, len(reports))
    heads = await videos.playable_among(w.conn, {report.video_id for report in reports}, account_id)
    found = [(heads[report.video_id], report) for report in reports if report.video_id in heads]
    if found:
        await _keep(w, account_id, found)


async def _take_quota(w: Work, account_id: UUID, reports: int) -> None:
    if not await queries.take_quota(w.conn, account_id, reports, MOST_REPORTS, QUOTA_SECONDS):
        seconds = await queries.seconds_left(w.conn, account_id, QUOTA_SECONDS)
        raise QuotaExceeded(f"At most {MOST_REPORTS} views an hour.", headers={"Retry-After": str(seconds)})


async def _keep(w: Work, account_id: UUID, reports: Sequence[tuple[VideoHead, Watched]]) -> None:
    durations = await queries.begin(w.conn, account_id, [video.id for video, _ in reports])
    plays: dict[UUID, Play] = {}
    watches: list[Watch] = []
    for video, watched in reports:
        watches.append(_logged(video.id, durations.get(video.id), watched))
        skipped = not is_view(watched.watched_ms, durations.get(video.id))
        counts = video.author_id != account_id and not skipped
        plays[video.id] = _summed(plays.get(video.id), video.id, watched, skipped=skipped, counts=counts)
    await queries.keep(w.conn, account_id, list(plays.values()), watches, AGAIN_SECONDS, SHARDS)
    authors = {video.id: video.author_id for video, _ in reports if plays[video.id].counted_as is not None}
    for video_id in await queries.away(w.conn, list(authors)) if authors else []:
        await tiers.watched(w, video_id, authors[video_id])


async def stats(w: Work, account_id: UUID, video_id: UUID) -> Told:
    """How the account's own video is watched, as far as the database has it.

    Raises:
        NotFound: it is absent or not visible to the account.
        NotYours: it is somebody else's.
    """
    video = await videos.visible(w.conn, video_id, account_id)
    if video.author_id != account_id:
        raise NotYours("Only its author can ask for this.")
    views = await queries.counts(w.conn, [video_id])
    today, found = await queries.curve(w.conn, video_id, CURVE_DAYS)
    days = [today - timedelta(days=ago) for ago in reversed(range(CURVE_DAYS))]
    row = (await tiers.of(w.conn, [video_id])).get(video_id)
    return Told(
        views=views.get(video_id, 0),
        days=[DayViews(day, found.get(day, 0)) for day in days],
        watching=watching(await queries.held(w.conn, video_id, MOST_VIEWERS, SLOTS)),
        stored=Stored(row.tier if row else "warm", await queries.rendered(w.conn, video_id)),
    )


def watching(held: Sequence[Held]) -> Watching:
    """The share that still watches after each part."""
    viewers = sum(one.viewers for one in held)
    if viewers == 0:
        return Watching(0, None, [])
    left = [0.0] * SLOTS
    for one in held:
        if one.slot is not None:
            left[min(one.slot, SLOTS) - 1] += one.viewers - one.ended
    there = [sum(one.ended for one in held) + sum(left[slot:]) for slot in range(SLOTS + 1)]
    average_ms = round(sum(one.watched_ms for one in held) / viewers)
    return Watching(viewers, average_ms, [round(share / viewers, DIGITS) for share in there])


def is_view(watched_ms: int, duration_ms: int | None) -> bool:
    """Whether somebody who watched for so long has viewed a video of this duration."""
    return watched_ms >= COUNTS_FROM_MS or (duration_ms is not None and watched_ms * 2 >= duration_ms)


def _logged(video_id: UUID, duration_ms: int | None, watched: Watched) -> Watch:
    return Watch(video_id, watched.watched_ms, duration_ms, watched.completed, watched.replays, watched.source)


def _summed(before: Play | None, video_id: UUID, watched: Watched, *, skipped: bool, counts: bool) -> Play:
    """One more report of the same video; together they are one view at the most."""
    counted_as = before.counted_as if before else None
    return Play(
        video_id=video_id,
        reports=(before.reports if before else 0) + 1,
        watched_ms=(before.watched_ms if before else 0) + watched.watched_ms,
        completions=(before.completions if before else 0) + watched.completed,
        replays=(before.replays if before else 0) + watched.replays,
        skips=(before.skips if before else 0) + skipped,
        source=watched.source,
        counted_as=counted_as or (new_id() if counts else None),
    )
