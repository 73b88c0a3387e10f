"""Vectors for items that hardly anybody has seen: those of what is like them, by author, music and tags."""

import numpy as np

from recommend.arrays import Flags, Ints, Singles
from recommend.factors import Factors
from recommend.items import MAX_TAGS, UNKNOWN, Content

ENOUGH = 20
"""Rows, from which on an item speaks for itself."""
SHRINK = 5.0
"""A mean over n items counts n / (n + this)."""
SHARES = (3.0, 1.0, 1.0)
"""What author, music and tags weigh beside each other."""


def introduced(factors: Factors, rows: Ints, content: Content) -> Factors:
    """The factors, with items of fewer than ENOUGH rows moved towards what is like them, the fewer the more."""
    new = np.flatnonzero(rows < ENOUGH)
    kinds = [content.authors[:, None], content.music[:, None], content.tags]
    if not len(new) or not any((kind[new] != UNKNOWN).any() for kind in kinds):
        return factors
    known = rows >= ENOUGH
    guess, weight = np.zeros((len(new), factors.items.shape[1]), np.float32), np.zeros(len(new), np.float32)
    for numbers, share in zip(kinds, SHARES, strict=True):
        means, trust = _means(factors.items, numbers, known)
        for place in range(numbers.shape[1]):
            number = numbers[new, place]
            says = np.where(number != UNKNOWN, trust[number], np.float32(0.0)) * np.float32(share)
            guess += means[number] * says[:, None]
            weight += says
    guess /= np.maximum(weight, np.float32(1e-9))[:, None]
    own = (rows[new] / ENOUGH).astype(np.float32)[:, None]
    own = np.where(weight[:, None] > 0, own, np.float32(1.0))
    items = factors.items.copy()
    items[new] = own * items[new] + (1 - own) * guess
    return Factors(factors.users, items)


def _means(vectors: Singles, numbers: Ints, known: Flags) -> tuple[Singles, Singles]:
    """The mean vector of the known items of each number, and how far it is to be trusted; one row more, for UNKNOWN."""
    most = int(numbers.max(initial=0)) + 2
    sums, counts = np.zeros((most, vectors.shape[1]), np.float32), np.zeros(most, np.float32)
    for place in range(min(numbers.shape[1], MAX_TAGS)):
        there = known & (numbers[:, place] != UNKNOWN)
        np.add.at(sums, numbers[there, place], vectors[there])
        np.add.at(counts, numbers[there, place], 1.0)
    return (sums / np.maximum(counts, 1.0)[:, None]).astype(np.float32), (counts / (counts + SHRINK)).astype(np.float32)
