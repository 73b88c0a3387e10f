"""Where candidates come from beside factors and popularity: authors, topics, friends of friends, what is fresh, what rises."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.sparse import csr_array, diags_array

from recommend.arrays import Flags, Floats, Ints, contains, pair_keys
from recommend.factors import Factors
from recommend.interactions import Interactions
from recommend.items import UNKNOWN
from recommend.log import Log
from recommend.weights import DAY, popularity, recency

AUTHOR, TOPIC, FOLLOWS, RISING, FRESH, TASTE, POPULAR = "author", "topic", "follows", "rising", "fresh", "taste", "popular"
WHYS = (AUTHOR, TOPIC, FOLLOWS, RISING, FRESH, TASTE, POPULAR)
"""Why something is in a list. Where several sources put it as high, the first of these is told: it says most."""
MEMORY_DAYS = 30.0
"""Of likes of authors and topics."""
POPULAR_DAYS, NEW_DAYS = 8.0, 3.0
"""Of an author's and a topic's items: memory of likes; what is younger stands higher."""
DEEP = 8
"""Items of an author or topic that may be named; GROUP_ITEMS of them are, which the user has not seen."""
GROUP_ITEMS = 3
AUTHORS, TOPICS, FRIENDS = 10, 5, 10
"""Groups whose items are named to one user."""
FOLLOWED = 200
"""Of the accounts that somebody follows so many count: those whom fewest follow say most."""
FEW = 20
"""Fresh ones, and rising ones, that are named to one user: the best by factors."""
FRESH_DAYS = 3.0


@dataclass(frozen=True, slots=True)
class Named:
    """Pairs that a source names: how high it puts each among those of the same user (from 0), and a detail (-1: none)."""

    users: Ints
    items: Ints
    ranks: Ints
    details: Ints


class Source(Protocol):
    """Names items to users."""

    @property
    def why(self) -> str:
        """One of WHYS."""

    def named(self, users: Ints, seen: Ints) -> Named:
        """Items for users in ascending order; `seen` are sorted pairs of theirs which must not be named."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The best items of those groups that are most a user's."""

    why: str
    of_users: csr_array  # users by groups
    best: Ints  # groups by items, the best first; -1
    most: int  # groups of a user
    width: int
    detailed: bool = False

    def named(self, users: Ints, seen: Ints) -> Named:
        return _named(users, *_most(self.of_users[users], self.most), self.best, seen, self.width, detailed=self.detailed)


@dataclass(frozen=True, slots=True)
class Friends:
    """The best items of authors whom those follow whom the user follows, and the user does not."""

    follows: csr_array
    shares: csr_array  # the same, with less for whom many follow
    best: Ints
    width: int
    why: str = FOLLOWS

    def named(self, users: Ints, seen: Ints) -> Named:
        theirs = self.follows[users]
        found = csr_array(theirs @ self.shares)
        found.sort_indices()
        size = self.follows.shape[0]
        rows = np.repeat(np.arange(len(users)), np.diff(found.indptr))
        own = np.repeat(np.arange(len(users)), np.diff(theirs.indptr))
        known = np.sort(np.concatenate([pair_keys(own, theirs.indices, size), pair_keys(np.arange(len(users)), users, size)]))
        new = ~contains(known, pair_keys(rows, found.indices, size))
        of_users = csr_array((found.data * new, found.indices, found.indptr), shape=found.shape)
        return _named(users, *_most(of_users, FRIENDS), self.best, seen, self.width, detailed=False)


@dataclass(frozen=True, slots=True)
class Few:
    """Of some items those that are most the user's by factors."""

    why: str
    factors: Factors  # of these items alone
    items: Ints
    hidden: csr_array  # users by these items
    able: Flags  # users of whom the factors know something

    def named(self, users: Ints, _seen: Ints) -> Named:
        users = users[self.able[users]]
        found, _ = self.factors.best(users, self.hidden, FEW, 1)
        rows, ranks = np.nonzero(found >= 0)
        return Named(users[rows], self.items[found[rows, ranks]], ranks, np.full(len(rows), UNKNOWN))


def of_log(log: Log, factors: Factors, seen: csr_array, able: Flags) -> list[Source]:
    """All that the log has something for."""
    now, users = log.rows.newest, len(log.users)
    scores = _scores(log, now)
    authors = _best(log.content.authors, np.arange(len(log.items)), log, scores, users)
    places = np.nonzero((log.content.tags >= 0) & (log.content.tags < len(log.tag_names)))
    topics = _best(log.content.tags[places], places[0], log, scores, len(log.tag_names))
    liked = log.rows.where(log.rows.liked)
    found: list[Source] = [
        Groups(AUTHOR, _liked(liked, now, log.content.authors[:, None], users, users), authors, AUTHORS, log.width),
        Groups(TOPIC, _liked(liked, now, log.content.tags, users, len(log.tag_names)), topics, TOPICS, log.width, detailed=True),
    ]
    if log.follows.nnz:
        follows = _few_each(log.follows)
        followers = np.maximum(np.bincount(follows.indices, minlength=users), 1)
        found.append(Friends(follows, csr_array(follows @ diags_array(1.0 / np.sqrt(followers))), authors, log.width))
    fresh = np.flatnonzero(log.eligible & (log.content.uploads > now - FRESH_DAYS * DAY))
    rising = log.rising[log.eligible[log.rising]]
    return found + [
        Few(why, Factors(factors.users, factors.items[items]), items, seen[:, items], able)
        for why, items in ((FRESH, fresh), (RISING, rising))
        if len(items)
    ]


def _scores(log: Log, now: float) -> Floats:
    age = (now - log.content.uploads) / DAY
    new = np.where(np.isfinite(age), np.exp(-np.maximum(age, 0.0) / NEW_DAYS), 0.0)
    return np.log1p(popularity(log.rows, now, POPULAR_DAYS, len(log.items))) + new


def _best(groups: Ints, items: Ints, log: Log, scores: Floats, count: int) -> Ints:
    """A row of the best items that may be suggested for each of so many groups, out of pairs."""
    there = (groups >= 0) & log.eligible[items]
    groups, items = groups[there], items[there]
    order = np.lexsort((-scores[items], groups))
    groups, items = groups[order], items[order]
    place = np.arange(len(groups)) - np.searchsorted(groups, groups)
    best = np.full((count, DEEP), UNKNOWN)
    top = place < DEEP
    best[groups[top], place[top]] = items[top]
    return best


def _liked(liked: Interactions, now: float, numbers: Ints, users: int, count: int) -> csr_array:
    """Users by groups: what the user liked of each, old likes counting less."""
    of_rows = numbers[liked.items]
    row, place = np.nonzero((of_rows >= 0) & (of_rows < count))
    values = recency(liked, now, MEMORY_DAYS)[row].astype(np.float32)
    pairs = liked.users[row], of_rows[row, place]
    found = csr_array((values, pairs), shape=(users, count))
    found.sum_duplicates()
    return found


def _few_each(follows: csr_array) -> csr_array:
    followers = np.bincount(follows.indices, minlength=follows.shape[1])
    rows = np.repeat(np.arange(follows.shape[0]), np.diff(follows.indptr))
    order = np.lexsort((followers[follows.indices], rows))
    keep = order[np.arange(len(rows)) - follows.indptr[rows] < FOLLOWED]
    return csr_array((follows.data[keep], (rows[keep], follows.indices[keep])), shape=follows.shape)


def _most(of_users: csr_array, most: int) -> tuple[Ints, Ints, Ints]:
    """The groups that are most each row's: row, group, place."""
    rows = np.repeat(np.arange(of_users.shape[0]), np.diff(of_users.indptr))
    order = np.lexsort((of_users.indices, -of_users.data, rows))
    place = np.arange(len(rows)) - of_users.indptr[rows]
    top = (place < most) & (of_users.data[order] > 0)
    return rows[top], of_users.indices[order][top].astype(np.int64), place[top]


def _named(users: Ints, rows: Ints, groups: Ints, places: Ints, best: Ints, seen: Ints, width: int, *, detailed: bool) -> Named:
    """The first items of each group that the user has not seen: the best one of all groups before the second of any."""
    if not best.size:
        groups, rows, places = groups[:0], rows[:0], places[:0]
    items = best[groups] if len(groups) else np.empty((0, DEEP), np.int64)
    keys = pair_keys(np.repeat(users[rows], DEEP), items.ravel(), width).reshape(items.shape)
    free = (items >= 0) & ~contains(seen, keys)
    nth = np.cumsum(free, axis=1) - 1
    pair, place = np.nonzero(free & (nth < GROUP_ITEMS))
    ranks = nth[pair, place] * (int(places.max(initial=0)) + 1) + places[pair]
    details = groups[pair] if detailed else np.full(len(pair), UNKNOWN)
    return Named(users[rows[pair]], items[pair, place], ranks, details)
