"""Matrix factorisation for implicit feedback by alternating least squares (Hu, Koren and Volinsky, 2008), by `implicit`."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.topk import topk
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from recommend.arrays import Ints, Singles
from recommend.interactions import Interactions

SEED = 20_240_601
LEAST_STRENGTH = 10.0
"""So many times the regularization is the largest singular value at least: what is below it vanishes from the factors."""
POWERS = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the factors are, and how they are found. The regularization is of a matrix with many rows."""

    factors: int = 128
    regularization: float = 200.0
    iterations: int = 15


LIKES, LIKES_ALPHA = Shape(factors=64), 20.0


@dataclass(frozen=True, slots=True)
class Factors:
    """A vector for each user and for each item; their product says how much the item is the user's."""

    users: Singles
    items: Singles

    def scores(self, users: Ints, items: Ints) -> Singles:
        """For pairs."""
        return np.asarray(np.einsum("ij,ij->i", self.users[users], self.items[items]), np.float32)

    def best(self, users: Ints, seen: csr_array, most: int, threads: int) -> tuple[Ints, Singles]:
        """The best items of each user and their scores, but those that are `seen`, in rows; -1 where there are no more."""
        best = np.full((len(users), most), -1, np.int64)
        scores = np.full((len(users), most), -np.inf, np.float32)
        most = min(most, len(self.items))
        if len(users) and most:
            hidden = csr_matrix(seen[users])
            found, values = topk(self.items, self.users[users], most, filter_query_items=hidden, num_threads=threads)
            there = values > np.finfo(np.float32).min / 2  # so the library says that nothing is left
            best[:, :most] = np.where(there, found, -1)
            scores[:, :most] = np.where(there, values, np.float32(-np.inf))
        return best, scores


class Factorise(Protocol):
    """Finds the factors of a matrix of values, users by items; `threads` is for what runs on this machine."""

    def __call__(self, values: csr_array, alpha: float, shape: Shape, threads: int) -> Factors:
        """Do it."""


def factorise(values: csr_array, alpha: float, shape: Shape, threads: int) -> Factors:
    """Find the factors of a matrix of values, users by items; the same for the same matrix."""
    users, items = values.shape
    if not values.nnz:
        return Factors(np.zeros((users, shape.factors), np.float32), np.zeros((items, shape.factors), np.float32))
    with threadpool_limits(1, "blas"):  # its own threads each solve a row
        model = AlternatingLeastSquares(
            factors=shape.factors,
            regularization=regularization(values, alpha, shape),
            alpha=alpha,
            iterations=shape.iterations,
            num_threads=threads,
            random_state=SEED,
        )
        model.fit(csr_matrix(values), show_progress=False)
    found = Factors(model.user_factors, model.item_factors)
    # What has no row keeps the noise that it began with.
    found.users[np.diff(values.indptr) == 0] = 0.0
    found.items[np.bincount(values.indices, minlength=items) == 0] = 0.0
    return found


def of_likes(
    rows: Interactions, users: int, items: int, threads: int, shape: Shape = LIKES, by: Factorise = factorise
) -> Factors:
    """Factors of likes that are all worth the same, whenever they were."""
    return by(rows.where(rows.liked).seen_by_user(users, items), LIKES_ALPHA, shape, threads)


def regularization(values: csr_array, alpha: float, shape: Shape) -> float:
    """What the shape says; less where the values are few."""
    return min(shape.regularization, _strength(values) * alpha / LEAST_STRENGTH)


def _strength(values: csr_array) -> float:
    """About the largest singular value."""
    vector, size = np.ones(values.shape[1]), 0.0
    for _ in range(POWERS):
        image = values.T @ (values @ vector)
        size = float(np.linalg.norm(image))
        vector = image / max(size, 1e-12)
    return float(np.sqrt(size))
