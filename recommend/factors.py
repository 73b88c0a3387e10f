"""Matrix factorisation for implicit feedback by alternating least squares (Hu, Koren and Volinsky, 2008), by `implicit`."""

from dataclasses import dataclass

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.topk import topk
from scipy.sparse import csr_array, csr_matrix

from recommend.arrays import Ints, Singles

SEED = 20_240_601


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the factors are, and how they are found."""

    factors: int = 128
    regularization: float = 200.0
    iterations: int = 15


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
        asked = csr_matrix(seen[users])
        most = min(most, len(self.items))
        items, scores = topk(self.items, self.users[users], most, filter_query_items=asked, num_threads=threads)
        gone = scores < np.finfo(np.float32).min / 2  # so the library says that nothing is left
        return np.where(gone, -1, items).astype(np.int64), np.where(gone, np.float32(-np.inf), scores)


def factorise(values: csr_array, alpha: float, shape: Shape, threads: int) -> Factors:
    """Find the factors of a matrix of values, users by items; the same for the same matrix."""
    users, items = values.shape
    if not values.nnz:
        return Factors(np.zeros((users, shape.factors), np.float32), np.zeros((items, shape.factors), np.float32))
    model = AlternatingLeastSquares(
        factors=shape.factors,
        regularization=shape.regularization,
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
