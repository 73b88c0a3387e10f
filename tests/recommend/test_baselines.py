"""What the model has to beat, on small cases."""

import numpy as np

from recommend.baselines import Neighbours, Plain, Popular
from recommend.interactions import Interactions
from recommend.weights import DAY
from tests.recommend.town import kind, lived

ROWS = Interactions(
    np.array([0, 0, 1, 1, 2, 2, 3]),
    np.array([0, 1, 0, 1, 2, 3, 0]),
    DAY * np.array([0.0, 0, 0, 0, 9, 9, 9]),
    np.ones(7, np.float32),
)
SEEN = ROWS.seen_by_user(5, 5)


def test_popularity_leaves_out_what_was_seen() -> None:
    popular = Popular.fit(ROWS, SEEN)
    assert popular.best(np.array([4, 3, 0]), 5).tolist() == [[0, 1, 2, 3, 4], [1, 2, 3, 4, -1], [2, 3, 4, -1, -1]]
    assert popular.scores(np.array([0, 0]), np.array([0, 4])).tolist() == [3, 0]


def test_recent_popularity_forgets() -> None:
    assert Popular.fit(ROWS, SEEN, 1.0).best(np.array([4]), 3).tolist() == [[0, 2, 3]]


def test_neighbours_are_liked_by_the_same_users() -> None:
    neighbours = Neighbours.fit(ROWS, SEEN)
    assert neighbours.best(np.array([3]), 2).tolist() == [[1, 2]]
    scores = neighbours.scores(np.array([3, 0, 3]), np.array([1, 0, 2]))
    assert scores[0] > scores[2] == 0.0
    assert scores[1] > 0.0


def test_plain_factors_find_kinds() -> None:
    rows = lived(150, 300, 3_000)
    plain = Plain.fit(rows, rows.seen_by_user(150, 300), 1)
    users, items = np.repeat(np.arange(150), 300), np.tile(np.arange(300), 150)
    own, scores = kind(users) == kind(items), plain.scores(users, items)
    assert scores[own].mean() > 1.2 * scores[~own].mean()
    assert plain.best(np.arange(2), 100).shape == (2, 100)
