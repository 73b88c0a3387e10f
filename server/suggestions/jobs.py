"""The periodic job that finds what is popular, rising and fresh, for everybody who has no list, or has come to its end."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from aiohttp import web

from server.kit.paging import FIRST
from server.kit.request import POOL
from server.plays.rising import rising
from server.suggestions import queries
from server.suggestions.places import MOST_OF_AUTHOR, TEN
from server.suggestions.queries import Open
from storage.postgres import CONNECT_SECONDS, connection

MEMORY_DAYS = 8.0
"""After so many days what was watched weighs 1/e: a long memory is what suits whoever nothing is known of."""
WATCHED_DAYS = 32
"""What was watched before weighs less than 2 %."""
MOST_WATCHED, MOST_RISING, MOST_FRESH = 3_000, 200, 1_000
MOST = 1_000
FRESH_DAYS = 7.0
REACH = 200
"""Of each source so many are looked at for one whose author fits."""
KEPT_SECONDS = 86_400.0
"""So long a version is kept for whoever scrolls in it."""
PLACES = ("popular", "popular", "rising", "popular", "fresh")
"""The source of each place, again and again; one that has nothing leaves it to the first."""


async def popular(app: web.Application) -> None:
    """Find it, and keep it as another version."""
    async with app[POOL].acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction(readonly=True):
        watched = await queries.most_watched(conn, MEMORY_DAYS, WATCHED_DAYS, MOST_WATCHED)
    async with connection(app[POOL]) as conn:
        young = await queries.newest(conn, None, FIRST, MOST_FRESH)
    steep = await _rising(app)
    begins = datetime.now(UTC) - timedelta(days=FRESH_DAYS)
    fresh = [Open(row.video_id, row.author_id, row.at) for row in young if row.open and row.at > begins]
    chosen = await asyncio.to_thread(lambda: list(mixed({"popular": watched, "rising": steep, "fresh": fresh}, MOST)))
    async with app[POOL].acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
        await queries.keep_popular(conn, [video_id for video_id, _ in chosen], [why for _, why in chosen], KEPT_SECONDS)


async def _rising(app: web.Application) -> Sequence[Open]:
    """The steepest first."""
    video_ids = await rising(app, MOST_RISING)
    async with connection(app[POOL]) as conn:
        open_ = await queries.open_for(conn, None, video_ids)
    return [open_[video_id] for video_id in video_ids if video_id in open_]


def mixed(sources: dict[str, Sequence[Open]], most: int) -> Iterator[tuple[UUID, str]]:
    """Videos and what put them there, by PLACES; at most two of an author in ten, as long as there are others."""
    waiting = {why: deque(videos) for why, videos in sources.items()}
    given: set[UUID] = set()
    authors: deque[UUID] = deque(maxlen=TEN - 1)
    while len(given) < most:
        place = PLACES[len(given) % len(PLACES)]
        found = _next([place, *PLACES], waiting, given, authors) or _next([place, *PLACES], waiting, given, ())
        if found is None:
            return
        video, why = found
        given.add(video.video_id)
        authors.append(video.author_id)
        yield video.video_id, why


def _next(
    whys: Sequence[str], waiting: dict[str, deque[Open]], given: set[UUID], authors: Iterable[UUID]
) -> tuple[Open, str] | None:
    last = list(authors)
    for why in whys:
        videos = waiting[why]
        while videos and videos[0].video_id in given:
            videos.popleft()
        for video in islice(videos, REACH):
            if video.video_id not in given and last.count(video.author_id) < MOST_OF_AUTHOR:
                return video, why
    return None
