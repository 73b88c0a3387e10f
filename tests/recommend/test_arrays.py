"""Sums for pairs."""

import numpy as np

from recommend.arrays import Pairs, contains, distinct


def test_pairs_are_summed_and_looked_up() -> None:
    values = np.array([1.0, 5.0, 2.0]), np.ones(3)
    pairs = Pairs.summed(np.array([1, 0, 1]), np.array([2, 1, 2]), values, 3)
    assert pairs.at(np.array([1, 0, 0, 1]), np.array([2, 1, 2, -1])).tolist() == [[3, 2], [5, 1], [0, 0], [0, 0]]
    none = np.array([], np.int64)
    assert Pairs.summed(none, none, [none], 1).at(np.array([1]), np.array([0])).tolist() == [[0]]


def test_what_is_among_sorted_numbers() -> None:
    assert contains(np.array([2, 5]), np.array([[1, 2], [5, 9]])).tolist() == [[False, True], [True, False]]
    assert contains(np.array([], np.int64), np.array([1])).tolist() == [False]


def test_each_value_once() -> None:
    assert distinct(np.array([3, 1, 3, 2, 1])).tolist() == [1, 2, 3]
    assert distinct(np.empty(0, np.int64)).tolist() == []
