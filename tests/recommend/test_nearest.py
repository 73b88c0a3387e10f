"""What is like an item."""

import numpy as np

from recommend.factors import Factors
from recommend.nearest import nearest


def test_the_same_direction_is_near_and_nothing_is_like_what_nobody_watched() -> None:
    items = np.array([[1, 0], [2, 0.1], [0, 3], [0.1, 1], [0, 0], [-1, -1]], np.float32)
    factors = Factors(np.zeros((1, 2), np.float32), items)
    [(some, rows)] = nearest(factors, np.arange(6), 2, 1)
    found = dict(zip(some.tolist(), rows.tolist(), strict=True))
    assert found == {0: [1, 3], 1: [0, 3], 2: [3, 1], 3: [2, 1], 5: [-1, -1]}


def test_nothing_at_all() -> None:
    factors = Factors(np.zeros((1, 2), np.float32), np.zeros((3, 2), np.float32))
    assert list(nearest(factors, np.arange(3), 2, 1)) == []
