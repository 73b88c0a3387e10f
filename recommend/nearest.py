"""What is like an item: those whose factors point in the same direction, because the same people watch them."""

from collections.abc import Iterator

import numpy as np
from implicit.cpu.topk import topk

from recommend.arrays import Ints
from recommend.factors import Factors

AT_ONCE = 2_000
MOST_ITEMS = 100_000
"""Items that are compared with each other: the most watched ones."""


def nearest(factors: Factors, among: Ints, most: int, threads: int) -> Iterator[tuple[Ints, Ints]]:
    """Of some items, the most watched first: items, and rows of those nearest to each, -1 where there are no more."""
    among = among[:MOST_ITEMS]
    vectors = factors.items[among]
    lengths = np.linalg.norm(vectors, axis=1)
    among, vectors, lengths = among[lengths > 0], vectors[lengths > 0], lengths[lengths > 0]
    vectors = np.ascontiguousarray(vectors / lengths[:, None], np.float32)
    size = min(most + 1, len(among))
    for start in range(0, len(among), AT_ONCE):
        found, scores = topk(vectors, vectors[start : start + AT_ONCE], size, num_threads=threads)
        own = np.arange(start, start + len(found))
        others = np.where(scores > 0, found, -1)
        others[others == own[:, None]] = -1
        order = np.argsort(others < 0, axis=1, kind="stable")[:, :most]
        others = np.take_along_axis(others, order, axis=1)
        yield among[own], np.where(others >= 0, among[others], -1)
