"""The newest publications of authors, as arrays: whose are the newest of all that one follows is told without PostgreSQL."""

import time
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from server.kit.memory import Memory
from server.videos import queries as videos
from storage.postgres import Pool, connection

MOST_AUTHORS = 500_000
"""That are known at once; of each a number, its id and a moment, some 150 bytes. With one more all are forgotten."""
MOST_ROWS = 50_000
"""Authors of whom more is known than the newest, 3 KB at the most."""
DEPTH = 12
"""So many of each are known then: a page of ten and one, if all of it is of one author."""
AT_ONCE = 5_000
ROWS_AT_ONCE = 500
KEPT_SECONDS = 3_600.0
UNKNOWN, NONE = -1, 0
DOUBT_SECONDS = 3.0
"""An author who is about to publish is asked for in PostgreSQL until that is applied here, or so long; then it has failed."""

Place = tuple[int, UUID]
"""When a video was published, in microseconds, and its id: where it stands in a feed."""


class Recents:
    """What is known of authors. Numbers are good in one generation; when all is forgotten another begins.

    Attributes:
        version: another one whenever something may have changed.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._numbers: dict[UUID, int] = {}
        self._authors: list[UUID] = []
        self._newest: NDArray[np.int64] = np.full(1024, UNKNOWN, np.int64)
        self._changes: NDArray[np.int32] = np.zeros(1024, np.int32)
        self._doubted: dict[int, float] = {}
        self.generation = self.version = 0
        self._firsts = Memory("newest of authors", self._read_firsts, MOST_ROWS, AT_ONCE, lambda _: 0.0)
        self._rows = Memory("recents of authors", self._read_rows, MOST_ROWS, ROWS_AT_ONCE, lambda _: KEPT_SECONDS)

    def number(self, authors: Sequence[UUID]) -> tuple[int, NDArray[np.int32]]:
        """The generation, and the authors' numbers in it."""
        if len(self._numbers) + sum(one not in self._numbers for one in authors) > MOST_AUTHORS:
            self.forget()
        numbers = self._numbers
        for author_id in authors:
            if author_id not in numbers:
                numbers[author_id] = len(self._authors)
                self._authors.append(author_id)
        if len(self._authors) > len(self._newest):
            size = max(len(self._authors), 2 * len(self._newest)) - len(self._newest)
            self._newest = np.concatenate([self._newest, np.full(size, UNKNOWN, np.int64)])
            self._changes = np.concatenate([self._changes, np.zeros(size, np.int32)])
        return self.generation, np.fromiter((numbers[author_id] for author_id in authors), np.int32, len(authors))

    def forget(self) -> None:
        """Nothing is to be believed."""
        self.generation += 1
        self.version += 1
        self._numbers, self._authors = {}, []
        self._newest = np.full(1024, UNKNOWN, np.int64)
        self._changes = np.zeros(1024, np.int32)
        self._doubted = {}
        self._firsts.clear()
        self._rows.clear()

    def changed(self, author_id: UUID) -> None:
        """Another video of this author is the newest, or one is gone."""
        number = self._numbers.get(author_id)
        if number is not None:
            self._newest[number] = UNKNOWN
            self._changes[number] += 1
            self._firsts.drop(author_id)
            self._rows.drop(author_id)
            self.version += 1

    def publishing(self, author_id: UUID) -> None:
        """The author is about to publish; `published` or some seconds end that."""
        number = self._numbers.get(author_id)
        if number is not None:
            self._doubted[number] = time.monotonic() + DOUBT_SECONDS
            self.version += 1

    def published(self, author_id: UUID) -> None:
        """The author has published."""
        number = self._numbers.get(author_id)
        if number is not None:
            self._doubted.pop(number, None)
            self.changed(author_id)

    def has(self, authors: NDArray[np.int32], author_id: UUID) -> bool:
        """Whether this author is one of these."""
        number = self._numbers.get(author_id)
        return number is not None and bool((authors == number).any())

    def newest(self, authors: NDArray[np.int32], limit: int) -> list[Place] | None:
        """The newest of what these authors have published, at most `limit`; None where PostgreSQL has to tell."""
        first = self._newest[authors]
        if self._doubts(authors) or (len(first) and int(first.min()) == UNKNOWN):
            return None
        least = _least(first, limit)
        found: list[Place] = []
        ends: list[Place] = []
        for number in authors[first >= least].tolist():
            rows = self._rows.get(self._authors[number])
            if rows is None:
                return None
            for row in rows:
                if row[0] < least:
                    break
                found.append(row)
            else:
                if len(rows) == DEPTH:
                    ends.append(rows[-1])  # there may be more
        found.sort(reverse=True)
        if ends and (len(found) < limit or found[limit - 1] < max(ends)):
            return None
        return found[:limit]

    async def learn(self, authors: NDArray[np.int32], limit: int) -> None:
        """Read what `newest` needs: the newest of all authors that are not known, then more of some."""
        generation = self.generation
        unknown = authors[self._newest[authors] == UNKNOWN]
        changes = self._changes[unknown]
        firsts = await self._firsts.of(self._authors[number] for number in unknown.tolist())
        if generation != self.generation:
            return
        for number, change in zip(unknown.tolist(), changes.tolist(), strict=True):
            if self._changes[number] == change:  # else it was read before that
                self._newest[number] = firsts.get(self._authors[number], NONE)
        first = self._newest[authors]
        await self._rows.of([self._authors[number] for number in authors[first >= _least(first, limit)].tolist()])

    async def close(self) -> None:
        """End what is being read."""
        await self._firsts.close()
        await self._rows.close()

    async def _read_firsts(self, authors: Sequence[UUID]) -> Mapping[UUID, int]:
        async with connection(self._pool) as conn:
            return await videos.newest_of_each(conn, authors)

    async def _read_rows(self, authors: Sequence[UUID]) -> Mapping[UUID, list[Place]]:
        async with connection(self._pool) as conn:
            return await videos.recent_of_each(conn, authors, DEPTH, ("public", "followers"))

    def _doubts(self, authors: NDArray[np.int32]) -> bool:
        if not self._doubted:
            return False
        now = time.monotonic()
        self._doubted = {number: until for number, until in self._doubted.items() if until > now}
        return bool(np.isin(authors, list(self._doubted)).any())


def _least(first: NDArray[np.int64], limit: int) -> int:
    """How new a video must be to be among so many: an author whose newest is older than that many others' has nothing there."""
    return max(int(np.partition(first, -limit)[-limit]), NONE + 1) if len(first) > limit else NONE + 1
