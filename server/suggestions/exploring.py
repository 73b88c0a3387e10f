"""New videos that few have seen: each process knows which, so that one is given by chance and its probability can be told."""

import random
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from uuid import UUID

from server.kit.paging import After
from server.suggestions import queries
from server.suggestions.queries import Open, Young
from server.suggestions.scroll import hash_of
from storage.postgres import Pool, connection

EXPLORE_DAYS = 7.0
"""Whoever published so lately is new."""
IMPRESSIONS = 20
"""So many accounts should see a video before it has to stand on its own: with fewer, a model never suggests it."""
MOST = 2_000
"""Videos that take part at a time, the oldest first."""
ROWS = 1_000
"""That are looked at with one statement."""
LOOKS = 10
"""Such statements of one round; the next one goes on behind them."""
LATE = timedelta(minutes=1)
"""What was published so lately is looked at again: it may have been committed behind what came after it."""
LOOK_SECONDS = 10.0
ANEW = 360
"""Each so many times all are looked at: what was hidden for a while may have come back."""
FIRST_ID, LAST_ID = UUID(int=0), UUID(int=2**128 - 1)


class NewVideos:
    """The videos that take part at one time, the oldest first.

    Attributes:
        all: with when they were published.
        ids: the same by their ids.
        hashes: their ids by what stands for these in cursors.
        of_author: their ids by whose they are.
        authors: whose they are, by what stands for them in cursors.
        oldest: the lowest of their ids; higher than any where there are none.
    """

    def __init__(self, videos: Sequence[Open]) -> None:
        self.all = videos
        self.ids = {one.video_id: one for one in videos}
        self.hashes = {hash_of(video_id): video_id for video_id in self.ids}
        self.of_author: dict[UUID, set[UUID]] = {}
        for one in videos:
            self.of_author.setdefault(one.author_id, set()).add(one.video_id)
        self.authors = {hash_of(author_id): author_id for author_id in self.of_author}
        self.oldest = min(self.ids, default=LAST_ID)

    def since(self, after: After) -> list[UUID]:
        """Those that were published at this place or later."""
        place = bisect_left(self.all, (after.at, after.id), key=lambda one: (one.published_at, one.video_id))
        return [one.video_id for one in self.all[place:]]

    def closed_to(self, account_id: UUID, seen: Iterable[UUID], hidden: AbstractSet[UUID]) -> set[UUID]:
        """Those that the account has seen, its own, and those of whom it does not see."""
        closed = {video_id for video_id in seen if video_id in self.ids} | self.of_author.get(account_id, set())
        for author_id in self.of_author.keys() & hidden if hidden else ():
            closed |= self.of_author[author_id]
        return closed


class Exploring:
    """What one process knows of them.

    Attributes:
        videos: those that take part now.
        dice: throws them.
    """

    def __init__(self, pool: Pool, dice: random.Random | None = None) -> None:
        self._pool = pool
        self.videos = NewVideos([])
        self.dice = dice or random.Random()  # noqa: S311 - no secret
        self._after = After(datetime(1970, 1, 1, tzinfo=UTC), FIRST_ID)
        self._rounds = 0

    async def refresh(self) -> None:
        """Find out which take part now: those that still do, and as many new ones as there is room for."""
        now = datetime.now(UTC)
        begins = now - timedelta(days=EXPLORE_DAYS)
        if self._rounds % ANEW == 0 or self._after.at < begins:
            self._after = After(begins, FIRST_ID)
        self._rounds += 1
        async with connection(self._pool) as conn:
            known = await queries.still_young(conn, self.videos.all, begins, IMPRESSIONS)
        taking_part = {row.video_id: row for row in known if _few_have_seen(row)}
        for _ in range(LOOKS):
            if len(taking_part) >= MOST:
                break
            async with connection(self._pool) as conn:
                rows = await queries.young(conn, self._after, ROWS, IMPRESSIONS)
            taking_part |= {row.video_id: row for row in rows if _few_have_seen(row)}
            if rows:
                self._after = min(
                    After(rows[-1].at, rows[-1].video_id), After(now - LATE, FIRST_ID), key=lambda at: (at.at, at.id)
                )
            if len(rows) < ROWS:
                break
        oldest = sorted(taking_part.values(), key=lambda row: (row.at, row.video_id))[:MOST]
        self.videos = NewVideos([Open(row.video_id, row.author_id, row.at) for row in oldest])


def _few_have_seen(video: Young) -> bool:
    return video.warm and video.impressions < IMPRESSIONS
