"""Two learners of "liked or not" from features: boosted trees and a logistic regression, on one scale."""

from dataclasses import dataclass

import lightgbm
import numpy as np

from recommend.arrays import Flags, Floats, Singles
from recommend.factors import SEED

ROUNDS = 400
PATIENCE = 20
"""Rounds without a gain on users that were kept apart."""
TREES = {
    "objective": "binary",
    "num_leaves": 31,
    "learning_rate": 0.05,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "verbosity": -1,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
}
STEPS = 12
RIDGE = 1.0
TINY = 1e-6
FAR = 6.0
"""Standard deviations, beyond which a feature says no more."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and deviation of log-odds, so that those of two learners can be added."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Floats) -> "Scale":
        """The scale of these."""
        return cls(float(values.mean()), max(float(values.std()), 1e-9))

    def put(self, values: Floats) -> Floats:
        """These values on it."""
        return (values - self.mean) / self.deviation


@dataclass(frozen=True, slots=True)
class Trees:
    """LightGBM's."""

    booster: lightgbm.Booster
    threads: int

    @classmethod
    def fit(cls, rows: Singles, labels: Flags, apart: Flags, threads: int) -> "Trees":
        """Learn, and stop when the rows kept apart get no better."""
        settings = TREES | {"num_threads": threads}
        learned = lightgbm.Dataset(rows[~apart], labels[~apart].astype(np.float32), params=settings)
        held = learned.create_valid(rows[apart], labels[apart].astype(np.float32))
        stop = lightgbm.early_stopping(PATIENCE, verbose=False)
        return cls(lightgbm.train(settings, learned, ROUNDS, valid_sets=[held], callbacks=[stop]), threads)

    def odds(self, rows: Singles) -> Floats:
        """Log-odds of each row."""
        return np.asarray(self.booster.predict(rows, raw_score=True, num_threads=self.threads), np.float64)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A ridge regression of log-odds, by Newton's method."""

    mean: Singles
    deviation: Singles
    slopes: Floats

    @classmethod
    def fit(cls, rows: Singles, labels: Flags) -> "Logistic":
        """Learn; what is not known counts as average."""
        known = np.maximum(np.isfinite(rows).sum(axis=0), 1)
        mean = np.nansum(rows, axis=0, dtype=np.float64) / known
        deviation = np.sqrt(np.nansum((rows - mean.astype(np.float32)) ** 2, axis=0, dtype=np.float64) / known)
        deviation[deviation < TINY] = np.inf  # it says nothing
        fitted = cls(mean.astype(np.float32), deviation.astype(np.float32), np.zeros(rows.shape[1] + 1))
        inputs, slopes = fitted._inputs(rows), np.zeros(rows.shape[1] + 1)
        for _ in range(STEPS):
            chance = 1.0 / (1.0 + np.exp(-np.clip(inputs @ slopes.astype(np.float32), -30.0, 30.0)))
            weight = np.maximum(chance * (1.0 - chance), np.float32(1e-6))
            curvature = (inputs.T @ (inputs * weight[:, None])).astype(np.float64) + RIDGE * np.eye(len(slopes))
            step = np.linalg.solve(curvature, (inputs.T @ (labels - chance)).astype(np.float64) - RIDGE * slopes)
            slopes = slopes + step
            if np.abs(step).max() < 1e-4:
                break
        return cls(fitted.mean, fitted.deviation, slopes)

    def odds(self, rows: Singles) -> Floats:
        """Log-odds of each row."""
        return (self._inputs(rows) @ self.slopes.astype(np.float32)).astype(np.float64)

    def _inputs(self, rows: Singles) -> Singles:
        centred = np.nan_to_num((rows - self.mean) / self.deviation, copy=False, nan=0.0)
        inputs = np.ones((len(rows), rows.shape[1] + 1), np.float32)
        np.clip(centred, -FAR, FAR, out=inputs[:, :-1])
        return inputs


@dataclass(frozen=True, slots=True)
class Ranker:
    """The mean of both."""

    trees: Trees
    logistic: Logistic
    scales: tuple[Scale, Scale]

    @classmethod
    def fit(cls, rows: Singles, labels: Flags, apart: Flags, threads: int) -> "Ranker":
        """Learn from rows of features and whether each was liked; `apart` are those of users kept apart."""
        trees, logistic = Trees.fit(rows, labels, apart, threads), Logistic.fit(rows[~apart], labels[~apart])
        return cls(trees, logistic, (Scale.of(trees.odds(rows)), Scale.of(logistic.odds(rows))))

    def scores(self, rows: Singles) -> Floats:
        """One for each row, about 0 on average."""
        trees, logistic = self.scales
        return (trees.put(self.trees.odds(rows)) + logistic.put(self.logistic.odds(rows))) / 2.0
