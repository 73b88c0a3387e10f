"""Whether what is shown is liked: learned from rows that were really shown, where a ranker learns what comes to be shown too."""

from dataclasses import dataclass

from recommend.arrays import Flags, Floats, Singles
from recommend.ranker import Scale, Trees

SHARE = 0.25
"""Of its say beside the ranker's."""


@dataclass(frozen=True, slots=True)
class Likes:
    """Trees over the same features, on a scale of its own."""

    trees: Trees
    scale: Scale

    @classmethod
    def fit(cls, rows: Singles, labels: Flags, apart: Flags, threads: int) -> "Likes":
        """Learn from rows that were shown."""
        trees = Trees.fit(rows, labels, apart, threads)
        return cls(trees, Scale.of(trees.odds(rows)))

    def scores(self, rows: Singles) -> Floats:
        """One for each row, about 0 on average."""
        return self.scale.put(self.trees.odds(rows))
