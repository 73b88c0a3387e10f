"""Figures against cases that were worked out by hand."""

import math

import numpy as np
import pytest

from recommend import metrics

USERS = np.array([0, 2])
LISTS = np.array([[4, 1, 0, -1], [3, 2, 1, 0]])
LIKED = np.array([0 * 10 + 1, 0 * 10 + 7, 2 * 10 + 0])
"""The first user is to be given 1 and 7, the other one 0; of ten items."""


def test_ndcg() -> None:
    first = (1 / math.log2(3)) / (1 + 1 / math.log2(3))
    second = 1 / math.log2(5)
    assert metrics.ndcg(LISTS, USERS, LIKED, 10).tolist() == pytest.approx([first, second])


def test_ndcg_asks_for_ten_at_most() -> None:
    everything = np.arange(20)[None, :]
    assert metrics.ndcg(everything, np.array([0]), np.arange(15), 100).tolist() == pytest.approx([1.0])
    assert metrics.ndcg(everything[:, ::-1], np.array([0]), np.arange(10), 100).tolist() == [0.0]


def test_recall() -> None:
    assert metrics.recall(LISTS, USERS, LIKED, 10).tolist() == [0.5, 1.0]


def test_auc_is_the_chance_that_the_liked_one_stands_above() -> None:
    users = np.array([1, 0, 0, 0, 0, 1, 2, 3, 3])
    scores = np.array([0.5, 0.9, 0.1, 0.4, 0.4, 0.5, 1.0, 1.0, 2.0])
    liked = np.array([True, True, False, True, False, False, True, False, False])
    values, weights = metrics.auc(users, scores, liked)
    # The first: 0.9 beats both, 0.4 beats one and is equal to the other; then a draw; nobody else has both kinds.
    assert values.tolist() == pytest.approx([3.5 / 4, 0.5])
    assert weights.tolist() == [4.0, 2.0]
    assert metrics.auc(users[:0], scores[:0], liked[:0])[0].tolist() == []


def test_coverage_and_novelty() -> None:
    assert metrics.coverage(LISTS, 10) == pytest.approx(0.5)
    rows = np.array([8, 4, 0, 4, 0, 0, 0, 0, 0, 0])
    bits = [-math.log2(0.5 / 16), 2, 1, 2, -math.log2(0.5 / 16), 2, 1]
    assert metrics.novelty(LISTS, rows) == pytest.approx(sum(bits) / 7)
    assert (metrics.coverage(LISTS, 0), metrics.novelty(LISTS[:0], rows)) == (None, None)


def test_intervals_hold_what_they_should() -> None:
    values = np.random.default_rng(1).random(2_000)
    found = metrics.estimate(values)
    assert found is not None
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(4 * values.std() / math.sqrt(2_000), rel=0.15)
    assert found.low < found.value < found.high
    weighed = metrics.estimate(np.array([1.0, 0.0]), np.array([3.0, 1.0]))
    assert weighed is not None
    assert weighed.value == 0.75
    assert metrics.estimate(values[:0]) is None
