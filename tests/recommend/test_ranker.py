"""Two learners on one scale."""

import numpy as np
import pytest

from recommend.likes import Likes
from recommend.ranker import Logistic, Ranker


def _case() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    rows = chance.normal(size=(6_000, 3)).astype(np.float32)
    labels = chance.random(len(rows)) < 1 / (1 + np.exp(-(1.5 * rows[:, 0] - rows[:, 1] - 1)))
    rows[chance.random(len(rows)) < 0.1, 2] = np.nan
    return rows, labels, np.arange(len(rows)) % 5 == 0


def test_the_regression_finds_what_made_the_labels() -> None:
    rows, labels, _ = _case()
    fitted = Logistic.fit(rows, labels)
    slopes = fitted.slopes[:3] / fitted.deviation
    assert slopes.tolist() == pytest.approx([1.5, -1.0, 0.0], abs=0.15)
    assert fitted.slopes[3] + float(-(fitted.mean * slopes).sum()) == pytest.approx(-1.0, abs=0.15)


def test_scores_are_on_one_scale_and_the_same_every_time() -> None:
    rows, labels, apart = _case()
    ranker, again = (Ranker.fit(rows, labels, apart, 1) for _ in range(2))
    scores = ranker.scores(rows)
    assert np.array_equal(scores, again.scores(rows))
    assert (scores.mean(), scores.std()) == (pytest.approx(0.0, abs=0.01), pytest.approx(1.0, abs=0.05))
    assert scores[labels].mean() - scores[~labels].mean() > 0.8
    assert Likes.fit(rows, labels, apart, 1).scores(rows).std() == pytest.approx(1.0)


def test_a_column_that_says_nothing_does_no_harm() -> None:
    rows, labels, apart = _case()
    rows[:, 1], rows[:, 2] = 4.0, np.nan
    assert np.isfinite(Logistic.fit(rows, labels).odds(rows)).all()
    assert np.isfinite(Ranker.fit(rows, labels, apart, 1).scores(rows)).all()
