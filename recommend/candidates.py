"""Which items are worth ordering for a user: the best by factors, and what is popular these days."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from recommend.arrays import Ints, Singles, contains, distinct, pair_keys
from recommend.factors import Factors

BY_FACTORS, POPULAR = 120, 30
SEEN_AT_ONCE = 170
"""So many more popular ones are looked at, so that a user who has seen most of them still has some."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of users and items that none of them has seen, user by user, and what the factors say of them."""

    users: Ints
    items: Ints
    scores: Singles
    ranks: Singles  # from 0; beyond the best by factors all have the same
    best: Singles  # the user's highest score

    def __len__(self) -> int:
        return len(self.users)


def find(factors: Factors, popular: Ints, seen: csr_array, users: Ints, threads: int) -> Candidates:
    """Candidates for these users, whose numbers ascend.

    `popular` has items, the most popular first; `seen`, users by items, what is out of the question.
    """
    items, scores = factors.best(users, seen, BY_FACTORS, threads)
    width = factors.items.shape[0]
    there = items >= 0
    keys = pair_keys(np.repeat(users, items.shape[1]), items.ravel(), width)[there.ravel()]
    more = _popular(popular, keys, seen, users, width)
    keys = distinct(np.concatenate([keys, more]))
    return known(factors, keys // width, keys % width, users, scores)


def known(factors: Factors, pair_users: Ints, pair_items: Ints, users: Ints, scores: Singles) -> Candidates:
    """These pairs with what the factors say of them. `users`, ascending, are those whose best `scores` are given in rows."""
    values = factors.scores(pair_users, pair_items)
    rows = np.searchsorted(users, pair_users)
    ranks = np.empty(len(values), np.float32)
    bounds = np.searchsorted(rows, np.arange(len(users) + 1)) if len(rows) else np.zeros(len(users) + 1, np.int64)
    for row, (start, end) in enumerate(pairwise(bounds.tolist())):
        ranks[start:end] = np.searchsorted(-scores[row], -values[start:end])
    best = scores[rows, 0]
    return Candidates(pair_users, pair_items, values, ranks, np.where(np.isfinite(best), best, np.float32(0.0)))


def _popular(popular: Ints, taken: Ints, seen: csr_array, users: Ints, width: int) -> Ints:
    """Keys of the most popular items that a user has not seen and that are not taken."""
    head = popular[: POPULAR + SEEN_AT_ONCE]
    keys = pair_keys(np.repeat(users, len(head)), np.tile(head, len(users)), width).reshape(len(users), len(head))
    free = ~contains(_keys(seen, users, width), keys)
    free &= np.cumsum(free, axis=1) <= POPULAR
    free &= ~contains(np.sort(taken), keys)
    return keys[free]


def _keys(seen: csr_array, users: Ints, width: int) -> Ints:
    rows = seen[users]
    return np.sort(pair_keys(np.repeat(users, np.diff(rows.indptr)), rows.indices, width))
