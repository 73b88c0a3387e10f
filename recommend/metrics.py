"""How good ranked lists are: NDCG, recall, order among what was really shown, coverage, novelty; intervals by bootstrap."""

import numpy as np

from recommend.arrays import Flags, Floats, Ints, contains, pair_keys
from recommend.figures import Estimate

AT_NDCG, AT_RECALL = 10, 20
SAMPLES = 400
"""Of the bootstrap."""


def ndcg(lists: Ints, users: Ints, liked: Ints, items: int) -> Floats:
    """For each user, of rows of ranked items (-1: none): the discounted gain of the first ten over the best there could be.

    `liked` are sorted keys (`pair_keys`, width `items`) of what is to be found.
    """
    top = lists[:, :AT_NDCG]
    discounts = 1.0 / np.log2(np.arange(AT_NDCG) + 2.0)
    gain = (_hits(top, users, liked, items) * discounts[: top.shape[1]]).sum(axis=1)
    best = np.cumsum(discounts)[np.minimum(_relevant(users, liked, items), AT_NDCG) - 1]
    return np.asarray(gain / best, np.float64)


def recall(lists: Ints, users: Ints, liked: Ints, items: int) -> Floats:
    """For each user: the share of what is to be found that is among the first twenty."""
    found = _hits(lists[:, :AT_RECALL], users, liked, items).sum(axis=1)
    return np.asarray(found / _relevant(users, liked, items), np.float64)


def _hits(lists: Ints, users: Ints, liked: Ints, items: int) -> Flags:
    return contains(liked, pair_keys(np.repeat(users, lists.shape[1]), lists.ravel(), items)).reshape(lists.shape) & (lists >= 0)


def _relevant(users: Ints, liked: Ints, items: int) -> Ints:
    return np.searchsorted(liked, (users + 1) * items) - np.searchsorted(liked, users * items)


def auc(users: Ints, scores: Floats, liked: Flags) -> tuple[Floats, Floats]:
    """For each user with both liked rows and others: the chance that a liked row stands above another one, and their rows.

    Equal scores count half.
    """
    order = np.lexsort((scores, users))
    users, scores, liked = users[order], scores[order], liked[order]
    new = np.ones(len(users), np.bool_)
    new[1:] = (users[1:] != users[:-1]) | (scores[1:] != scores[:-1])
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(users))
    middle = ((starts + ends - 1) / 2.0)[np.cumsum(new) - 1]
    _, first, whose, count = np.unique(users, return_index=True, return_inverse=True, return_counts=True)
    ranks = middle - first[whose]
    positive = np.bincount(whose, weights=liked, minlength=len(count))
    above = np.bincount(whose, weights=ranks * liked, minlength=len(count)) - positive * (positive - 1) / 2
    both = (positive > 0) & (positive < count)
    return above[both] / (positive * (count - positive))[both], count[both].astype(np.float64)


def coverage(lists: Ints, items: int) -> float | None:
    """The share of all items that is in a list."""
    return len(np.unique(lists[lists >= 0])) / items if items else None


def novelty(lists: Ints, rows: Ints) -> float | None:
    """The mean self-information of what is listed, in bits: 10 is an item that one row in 1,024 was about.

    `rows` says how many there are of each item; those without any count as half a row.
    """
    there = lists[lists >= 0]
    if not len(there):
        return None
    share = np.maximum(rows, 0.5) / max(float(rows.sum()), 1.0)
    return float(-np.log2(share[there]).mean())


def estimate(values: Floats, weights: Floats | None = None) -> Estimate | None:
    """The mean over users, with its interval; None where there is nobody."""
    if not len(values):
        return None
    weights = np.ones(len(values)) if weights is None else weights
    chance = np.random.default_rng(0)
    means = np.empty(SAMPLES)
    for sample in range(SAMPLES):
        drawn = chance.integers(len(values), size=len(values))
        means[sample] = np.average(values[drawn], weights=weights[drawn])
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(np.average(values, weights=weights)), float(low), float(high))
