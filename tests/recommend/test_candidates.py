"""What is considered for a user."""

import numpy as np

from recommend.candidates import BY_FACTORS, POPULAR, find, known
from recommend.factors import Factors
from recommend.interactions import Interactions

ITEMS = 400


def _factors() -> Factors:
    return Factors(np.array([[1.0], [-1.0]], np.float32), np.linspace(1.0, 2.0, ITEMS, dtype=np.float32)[:, None])


def test_the_best_by_factors_and_the_popular_ones_without_what_was_seen() -> None:
    gone = np.array([5, 399])
    rows = Interactions(np.array([0, 0]), gone, np.zeros(2), np.ones(2, np.float32))
    pairs = find(_factors(), np.arange(ITEMS), rows.seen_by_user(2, ITEMS), np.array([0, 1]), 1)
    first, second = pairs.items[pairs.users == 0], pairs.items[pairs.users == 1]
    assert first.tolist() == [*range(5), *range(6, POPULAR + 1), *range(ITEMS - 1 - BY_FACTORS, ITEMS - 1)]
    assert second.tolist() == list(range(BY_FACTORS))
    assert (np.diff(pairs.users) >= 0).all()


def test_ranks_say_how_many_stand_above() -> None:
    factors = _factors()
    nothing = Interactions(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.float32))
    scores = factors.best(np.array([0]), nothing.seen_by_user(1, ITEMS), 3, 1)[1]
    pairs = known(factors, np.array([0, 0, 0]), np.array([399, 397, 0]), np.array([0]), scores)
    assert pairs.ranks.tolist() == [0, 2, 3]
    assert pairs.best.tolist() == [2.0, 2.0, 2.0]
