"""What a row is worth: likes more than being shown, new rows more than old ones."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from recommend.arrays import Floats, Singles
from recommend.interactions import Interactions

DAY = 86_400.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Weighting:
    """Days until a row is worth 1/e of a new one, and what an impression is worth beside a like.

    The confidence of the factorisation is `alpha` times a value. What it has not seen has the confidence 1, so that a
    smaller one would say "less than unknown": values are at least 1 / alpha.
    """

    days: float = 6.0
    impression: float = 0.4
    alpha: float = 100.0

    def values(self, rows: Interactions, now: float) -> Singles:
        """What each row is worth at this time, in seconds since 1970."""
        kind = np.where(rows.liked, 1.0, self.impression)
        value = np.maximum(recency(rows, now, self.days) * kind, 1.0 / self.alpha)
        return np.where(kind > 0.0, value, 0.0).astype(np.float32)

    def matrix(self, rows: Interactions, now: float, shape: tuple[int, int]) -> csr_array:
        """Users by items: the largest value of each pair."""
        values = self.values(rows, now)
        order = np.lexsort((-values, rows.items, rows.users))
        users, items, values = rows.users[order], rows.items[order], values[order]
        first = np.ones(len(order), np.bool_)
        first[1:] = (users[1:] != users[:-1]) | (items[1:] != items[:-1])
        first &= values > 0.0
        starts = np.searchsorted(users[first], np.arange(shape[0] + 1))
        return csr_array((values[first], items[first].astype(np.int32), starts.astype(np.int32)), shape=shape)


def recency(rows: Interactions, now: float, days: float) -> Floats:
    """1 for a row of this moment, 1/e for one that is so many days old."""
    age: Floats = np.maximum(now - rows.times, 0.0) / DAY
    return np.exp(-age / days)


def popularity(rows: Interactions, now: float, days: float, items: int) -> Floats:
    """The likes of each item, old ones counting less."""
    liked = rows.where(rows.liked)
    return np.bincount(liked.items, weights=recency(liked, now, days), minlength=items).astype(np.float64)
