"""What a ranker is told."""

import numpy as np
import pytest

from recommend import features
from recommend.candidates import Candidates
from recommend.factors import Factors
from recommend.interactions import Interactions
from recommend.items import Content
from recommend.weights import DAY

NONE = np.zeros(1, np.float32)


def _pair(user: int, item: int) -> Candidates:
    return Candidates(np.array([user]), np.array([item]), NONE, NONE, NONE)


def _content() -> Content:
    content = Content.unknown(4)
    content.authors[:3], content.tags[:2, 0] = [0, 0, 1], [0, 1]
    content.durations[:2] = [1_000.0, 2_000.0]
    return content


@pytest.mark.filterwarnings("error")
def test_there_is_a_number_for_all_and_each_time_as_many() -> None:
    factors = Factors(np.ones((3, 2), np.float32), np.ones((4, 2), np.float32))
    nothing = Interactions(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.float32))
    rows = Interactions(np.array([0, 0, 1]), np.array([0, 1, 0]), DAY * np.array([0.0, 1, 2]), np.array([1, 0, 1], np.float32))
    for known in (nothing, rows):
        told = features.learn(known, 3 * DAY, _content(), factors, (factors,)).of(_pair(0, 1))
        assert told.shape == features.learn(rows, 3 * DAY, _content(), factors, (factors,)).of(_pair(2, 3)).shape
        assert not np.isinf(told).any()


def test_who_likes_an_author_is_told_apart_from_who_does_not() -> None:
    factors = Factors(np.ones((2, 2), np.float32), np.ones((4, 2), np.float32))
    rows = Interactions(np.array([0, 1]), np.array([0, 0]), np.array([0.0, 0.0]), np.array([1, 0], np.float32))
    known = features.learn(rows, DAY, _content(), factors, (factors,))
    likes, rate = known._affinity(np.array([0, 1]), np.array([0, 0]), known.affinities[0][1])
    assert likes[0] > likes[1] == 0.0
    assert rate[0] > 0.0 > rate[1]
