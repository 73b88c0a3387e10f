"""The kinds of arrays that this package passes around, and sums over pairs of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Flags = NDArray[np.bool_]
Objects = NDArray[Any]


def pair_keys(firsts: NDArray[Any], seconds: NDArray[Any], width: int) -> Ints:
    """One number for each pair; `width` is more than any of the seconds."""
    return np.asarray(firsts.astype(np.int64) * width + seconds)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Sums for pairs of numbers, several for each pair, in few bytes: what is not in it is 0."""

    keys: Ints
    sums: Singles  # a row for each key
    width: int

    @classmethod
    def summed(cls, firsts: NDArray[Any], seconds: NDArray[Any], values: Sequence[NDArray[Any]], width: int) -> "Pairs":
        """The sums of the values of each pair."""
        keys, where = np.unique(pair_keys(firsts, seconds, width), return_inverse=True)
        sums = [np.bincount(where, weights=each, minlength=len(keys)) for each in values]
        return cls(keys, np.stack(sums, axis=1).astype(np.float32), width)

    def at(self, firsts: NDArray[Any], seconds: NDArray[Any]) -> Singles:
        """A row of sums for each of these pairs; a second number below 0 is of no pair."""
        found = np.zeros((len(firsts), self.sums.shape[1]), np.float32)
        there = np.flatnonzero(seconds >= 0)
        if not len(self.keys) or not len(there):
            return found
        asked = pair_keys(firsts[there], seconds[there], self.width)
        place = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        known = self.keys[place] == asked
        found[there[known]] = self.sums[place[known]]
        return found


def contains(keys: Ints, asked: Ints) -> Flags:
    """Which of the asked numbers are among sorted ones."""
    if not len(keys):
        return np.zeros(asked.shape, np.bool_)
    found: Flags = keys[np.minimum(np.searchsorted(keys, asked), len(keys) - 1)] == asked
    return found


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Each value once, in ascending order: as `numpy.unique`, whose hash table takes twenty times as long for millions."""
    ordered = np.sort(values)
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]
