"""Items that nobody has seen are placed beside what is like them."""

import numpy as np

from recommend.factors import Factors
from recommend.items import Content
from recommend.newcomers import ENOUGH, introduced

FACTORS = Factors(np.ones((1, 2), np.float32), np.array([[1, 0], [0, 1], [0, 0], [0.5, 0.5], [0, 0]], np.float32))
ROWS = np.array([ENOUGH, 50, 0, ENOUGH // 2, 0])


def test_a_new_item_takes_after_its_author_and_the_more_it_is_watched_the_less() -> None:
    content = Content.unknown(5)
    content.authors[:] = [0, 1, 1, 0, -1]
    found = introduced(FACTORS, ROWS, content).items
    assert np.array_equal(found[:2], FACTORS.items[:2])
    assert np.allclose(found[2], [0, 1])
    assert np.allclose(found[3], [0.75, 0.25])
    assert not found[4].any()


def test_where_nothing_is_known_nothing_changes() -> None:
    assert introduced(FACTORS, ROWS, Content.unknown(5)) is FACTORS
