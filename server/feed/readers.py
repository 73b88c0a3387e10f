"""Accounts that read their feed here: whom they follow, whom they do not see, and which of the videos shown to them they like."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from server.feed.recents import Place
from server.follows import queries as follows
from server.follows.actions import MAX_FOLLOWS
from server.kit.invalidation import Invalidated
from server.kit.memory import Memory
from server.likes import queries as likes
from server.sight import queries as sight
from storage.postgres import Pool, connection

MOST_READERS = 20_000
"""With 200 follows each some 60 MB; one with the most, 10,000, has 40 KB."""
AT_ONCE = 50
READER_SECONDS = 3_600.0
MOST_HIDDEN = 20_000
"""Of whoever does not see more it is asked anew each time whom they do not see: anybody may block anybody."""
LIKED_SECONDS = 60.0
"""Likes of this account by way of another process are told (`Touched`), but not kept for whom the broker could not reach."""
MOST_LIKED = 2_000
"""Videos of which one reader's like is known."""


class Newest(NamedTuple):
    """Which videos stand on a first page.

    Attributes:
        version: of `Recents`, in which it is so.
        limit: so many the page has at the most.
        places: theirs, and the one after.
        cursor: of the next page.
    """

    version: int
    limit: int
    places: list[Place]
    cursor: str | None


class Reader:
    """One account.

    Attributes:
        authors: the numbers that `Recents` has given to those it follows.
        hidden: whom it does not see; None where these are too many to be kept.
        liked: whether it likes a video, as far as was read.
        newest: the first page of its feed, as it was last.
    """

    __slots__ = ("_liked_until", "authors", "generation", "hidden", "liked", "newest")

    def __init__(self, authors: NDArray[np.int32], generation: int, hidden: frozenset[UUID] | None) -> None:
        self.authors = authors
        self.generation = generation
        self.hidden = hidden
        self.liked: dict[UUID, bool] = {}
        self._liked_until = 0.0
        self.newest: Newest | None = None

    def hides(self, account_ids: Collection[UUID]) -> bool:
        """Whether it does not see one of these, or that is not known."""
        return bool(account_ids) if self.hidden is None else not self.hidden.isdisjoint(account_ids)

    def believed(self) -> dict[UUID, bool]:
        """What is known of its likes, and not too old. A new one is begun, and none emptied: others may be looking at it."""
        if self.liked and time.monotonic() > self._liked_until:
            self.liked = {}
        return self.liked

    def unknown(self, video_ids: Iterable[UUID]) -> list[UUID]:
        """Those of which it has to be read whether it likes them."""
        liked = self.believed()
        return [i for i in video_ids if i not in liked]

    def learn(self, asked: Iterable[UUID], liked: set[UUID]) -> None:
        """What was read."""
        if not self.liked or len(self.liked) > MOST_LIKED:
            self.liked = {}
            self._liked_until = time.monotonic() + LIKED_SECONDS
        self.liked |= {i: i in liked for i in asked}


class Readers:
    """The accounts that are in memory."""

    def __init__(self, pool: Pool, number: Callable[[Sequence[UUID]], tuple[int, NDArray[np.int32]]]) -> None:
        """`number` gives authors their numbers, with the generation in which these are good (`Recents.number`)."""
        self._pool = pool
        self._number = number
        self.known = Memory("readers", self._read, MOST_READERS, AT_ONCE, lambda _: READER_SECONDS)

    def hear(self, event: Invalidated) -> None:
        """From the invalidations."""
        if event.kind in ("follow", "block", "account"):
            self.known.drop(event.account_id)

    def touched(self, account_ids: Iterable[UUID]) -> None:
        """What they like has changed."""
        for account_id in account_ids:
            if (reader := self.known.get(account_id)) is not None:
                # A new one: what is being read for the old one is kept by nobody.
                reader.liked = {}

    def missed(self) -> None:
        """Any of them may have liked something unheard."""
        for reader in self.known.values():
            reader.liked = {}

    async def learn_liked(self, account_id: UUID, reader: Reader, video_ids: Sequence[UUID]) -> Mapping[UUID, bool]:
        """Whether the account likes these videos, and others that are known; what is not known is read."""
        unknown, known = reader.unknown(video_ids), reader.liked
        if not unknown:
            return known
        async with connection(self._pool) as conn:
            liked = await likes.liked_by(conn, unknown, account_id)
        found = {**known, **{i: i in liked for i in unknown}}
        if reader.liked is known:  # else something was liked meanwhile
            reader.learn(unknown, liked)
        return found

    async def _read(self, account_ids: Sequence[UUID]) -> Mapping[UUID, Reader]:
        async with connection(self._pool) as conn:
            followed = await follows.followed_by_each(conn, account_ids, MAX_FOLLOWS)
            hidden = await sight.hidden_from_each(conn, account_ids, MOST_HIDDEN + 1)
        return {i: self._reader(followed.get(i, []), hidden.get(i, frozenset())) for i in account_ids}

    def _reader(self, followed: list[UUID], hidden: frozenset[UUID]) -> Reader:
        generation, authors = self._number(followed)
        return Reader(authors, generation, hidden if len(hidden) <= MOST_HIDDEN else None)
