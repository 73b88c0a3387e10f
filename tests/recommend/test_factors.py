"""Factors find who is like whom, and say the same every time."""

import numpy as np

from recommend.factors import Shape, factorise
from recommend.weights import Weighting
from tests.recommend.town import kind, lived

SHAPE = Shape(factors=8, regularization=5.0, iterations=5)


def test_the_same_rows_give_the_same_factors() -> None:
    rows = lived(60, 40, 1_500)
    matrix = Weighting().matrix(rows, rows.newest, (61, 42))
    once, again = factorise(matrix, 100.0, SHAPE, 2), factorise(matrix, 100.0, SHAPE, 1)
    assert np.array_equal(once.users, again.users)
    assert np.array_equal(once.items, again.items)
    assert not once.users[60].any()
    assert not once.items[40:].any()


def test_users_get_what_is_of_their_kind_and_nothing_that_they_have_seen() -> None:
    rows = lived(150, 300, 3_000)
    seen = rows.seen_by_user(150, 300)
    factors = factorise(Weighting(impression=0.1).matrix(rows, rows.newest, (150, 300)), 100.0, SHAPE, 1)
    users = np.arange(150)
    best, scores = factors.best(users, seen, 5, 1)
    assert (kind(best) == kind(users)[:, None])[best >= 0].mean() > 0.7
    assert not seen[np.repeat(users, 5)[best.ravel() >= 0], best[best >= 0]].any()
    assert (np.diff(scores, axis=1)[best[:, 1:] >= 0] <= 0).all()


def test_who_has_seen_everything_is_given_nothing() -> None:
    rows = lived(3, 2, 50)
    factors = factorise(Weighting().matrix(rows, rows.newest, (3, 2)), 100.0, SHAPE, 1)
    best, scores = factors.best(np.arange(3), rows.seen_by_user(3, 2), 4, 1)
    assert (best == -1).all()
    assert np.isneginf(scores).all()
