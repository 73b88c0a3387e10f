"""What a night's training is told, and what it answers; without what learns, for whoever only asks for it."""

import msgspec

from recommend.engines import LOCAL

FEWEST = 10
"""Users who liked something new on the last day: fewer say nothing about a model, which is then published as it is."""
TAGS = "tags.csv"
"""Of the files of `recommend.log` the one that is text: `item,tag`, a row for each."""
LISTS, SIMILAR = "lists", "similar"
"""Files that are written into the folder. A line is an account, its items, why each is there; an item, and what is like it.
Parted by tabs, and by spaces within."""


class Night(msgspec.Struct, frozen=True):
    """A folder with the files of `recommend.log`, into which lists are written; items that rise; how large the factors are.

    `engine` finds them.
    """

    folder: str
    rising: list[str]
    threads: int
    factors: int = 128
    more_factors: int = 64
    engine: str = LOCAL


class Gate(msgspec.Struct, frozen=True):
    """NDCG@10 of the model and of popularity on the last day, for those who liked something new in it; None: not judged."""

    judged: int
    model: float | None
    popularity: float | None

    @property
    def enough(self) -> bool:
        """Whether the figures say something."""
        return self.judged >= FEWEST

    @property
    def refuses(self) -> bool:
        """Whether the model is worse, and enough users say so."""
        return self.enough and (self.model or 0.0) < (self.popularity or 0.0)


class Trained(msgspec.Struct, frozen=True):
    """What came of it: no lists where the gate refuses. `ranker`: there was enough to learn an order from."""

    rows: int
    users: int
    items: int
    eligible: int
    gate: Gate
    lists: int
    similar: int
    ranker: bool
