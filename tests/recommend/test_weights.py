"""What rows are worth."""

import math

import numpy as np
import pytest

from recommend.interactions import Interactions
from recommend.weights import DAY, Weighting, popularity

ROWS = Interactions(
    np.array([0, 0, 0, 1, 1]),
    np.array([2, 2, 1, 0, 2]),
    DAY * np.array([4.0, 10, 10, 9, 0]),
    np.array([3, 0, 0, 1, 1], np.float32),
)


def test_likes_weigh_more_than_impressions_and_new_ones_more_than_old_ones() -> None:
    values = Weighting(days=6.0, impression=0.4).values(ROWS, 10 * DAY)
    assert values.tolist() == pytest.approx([math.exp(-1), 0.4, 0.4, math.exp(-1 / 6), math.exp(-10 / 6)])


def test_no_row_is_worth_less_than_what_was_never_seen() -> None:
    weighting = Weighting(days=1.0, impression=0.4, alpha=100.0)
    assert (weighting.alpha * weighting.values(ROWS, 10 * DAY) >= 1.0 - 1e-6).all()


def test_of_a_pair_the_largest_value_counts() -> None:
    matrix = Weighting().matrix(ROWS, 10 * DAY, (3, 3)).toarray()
    assert matrix[0].tolist() == pytest.approx([0, 0.4, 0.4])
    assert matrix[1].tolist() == pytest.approx([math.exp(-1 / 6), 0, math.exp(-10 / 6)])
    assert matrix[2].tolist() == [0, 0, 0]


def test_popularity_forgets() -> None:
    assert popularity(ROWS, 10 * DAY, 1e9, 4).tolist() == pytest.approx([1, 0, 2, 0])
    assert popularity(ROWS, 10 * DAY, 1.0, 4).tolist() == pytest.approx([math.exp(-1), 0, math.exp(-6) + math.exp(-10), 0])
