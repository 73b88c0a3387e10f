"""What a model has to beat: popularity, recent popularity, item-kNN, plain factorisation."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from recommend.arrays import Floats, Ints, Objects, contains, pair_keys
from recommend.factors import Factors, of_likes
from recommend.interactions import Interactions
from recommend.weights import popularity

RECENT_DAYS = 1.0
NEIGHBOURS, SHRINK = 400, 20.0
"""Of an item; how many users two items must share before their cosine is believed."""
AT_ONCE = 1_000
"""Rows of scores, or of items, that are in memory at once."""
FOR_EVER = math.inf
"""Days."""


@dataclass(frozen=True, slots=True)
class Popular:
    """The same for everybody: what is liked most, old likes counting less."""

    likes: Floats
    seen: csr_array

    @classmethod
    def fit(cls, rows: Interactions, seen: csr_array, days: float = FOR_EVER) -> "Popular":
        """Count."""
        return cls(popularity(rows, rows.newest, days, seen.shape[1]), seen)

    def best(self, users: Ints, most: int) -> Ints:
        """A row of items for each user, the best first, none that they have seen."""
        chosen = np.full((len(users), most), -1)
        order = np.argsort(-self.likes, kind="stable")
        for start in range(0, len(users), AT_ONCE):
            seen = self.seen[users[start : start + AT_ONCE]]
            counts = np.diff(seen.indptr)
            head = order[: most + int(counts.max(initial=0))]
            taken = np.sort(pair_keys(np.repeat(np.arange(len(counts)), counts), seen.indices, len(order)))
            free = ~contains(taken, np.arange(len(counts))[:, None] * len(order) + head)
            place = np.cumsum(free, axis=1) - 1
            rows, columns = np.nonzero(free & (place < most))
            chosen[start + rows, place[rows, columns]] = head[columns]
        return chosen

    def scores(self, _users: Ints, items: Ints) -> Floats:
        """Of pairs."""
        return self.likes[items]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Items that those liked who liked the user's."""

    likes: csr_array
    seen: csr_array
    alike: csr_array  # items by items, the nearest of each

    @classmethod
    def fit(cls, rows: Interactions, seen: csr_array) -> "Neighbours":
        """Find the nearest of each item, by the cosine of who liked them."""
        likes, items = rows.where(rows.liked).seen_by_user(*seen.shape), seen.shape[1]
        norms = np.sqrt(np.asarray(likes.sum(axis=0)).ravel())
        by_item = csr_array(likes.T)
        blocks = [_nearest(by_item[start : start + AT_ONCE], start, likes, norms) for start in range(0, items, AT_ONCE)]
        alike = vstack(blocks, format="csr") if blocks else csr_array((items, items), dtype=np.float32)
        return cls(likes, seen, csr_array(alike, shape=(items, items)))

    def best(self, users: Ints, most: int) -> Ints:
        """A row of items for each user, the best first, none that they have seen."""
        chosen = np.full((len(users), most), -1)
        for start in range(0, len(users), AT_ONCE):
            part = users[start : start + AT_ONCE]
            scores = self._of(part)
            seen = self.seen[part]
            scores[np.repeat(np.arange(len(part)), np.diff(seen.indptr)), seen.indices] = -1.0
            order = _top(scores, most)
            order[np.take_along_axis(scores, order, axis=1) < 0] = -1
            chosen[start : start + AT_ONCE, : order.shape[1]] = order
        return chosen

    def scores(self, users: Ints, items: Ints) -> Floats:
        """Of pairs."""
        found = np.empty(len(users))
        for part in np.array_split(np.unique(users), max(1, len(users) // AT_ONCE)):
            rows = np.flatnonzero(np.isin(users, part))
            found[rows] = self._of(part)[np.searchsorted(part, users[rows]), items[rows]]
        return found

    def _of(self, users: Ints) -> Objects:
        return np.asarray((self.likes[users] @ self.alike).toarray())


@dataclass(frozen=True, slots=True)
class Plain:
    """Factors of likes that are all worth the same."""

    factors: Factors
    seen: csr_array
    threads: int

    @classmethod
    def fit(cls, rows: Interactions, seen: csr_array, threads: int) -> "Plain":
        """Factorise."""
        return cls(of_likes(rows, *seen.shape, threads), seen, threads)

    def best(self, users: Ints, most: int) -> Ints:
        """A row of items for each user, the best first, none that they have seen."""
        return self.factors.best(users, self.seen, most, self.threads)[0]

    def scores(self, users: Ints, items: Ints) -> Floats:
        """Of pairs."""
        return self.factors.scores(users, items).astype(np.float64)


def _nearest(block: csr_array, start: int, likes: csr_array, norms: Floats) -> csr_array:
    shared = (block @ likes).toarray()
    own = norms[start : start + len(shared)]
    alike = shared / (np.outer(own, norms) + SHRINK)
    alike[np.arange(len(alike)), np.arange(start, start + len(alike))] = 0.0
    if alike.shape[1] > NEIGHBOURS:
        least = -np.partition(-alike, NEIGHBOURS, axis=1)[:, NEIGHBOURS]
        alike[alike <= least[:, None]] = 0.0
    return csr_array(alike.astype(np.float32))


def _top(scores: Objects, most: int) -> Ints:
    most = min(most, scores.shape[1])
    top = np.argpartition(-scores, most - 1, axis=1)[:, :most]
    return np.take_along_axis(top, np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable"), axis=1)
