"""Who watched what and liked it, made up by a seed: as uneven as real watching, and with tastes that can be learned.

A tenth of the items has 64 % of the rows. Everybody has three tastes, every item one, and most of what somebody watches and
nearly all that they like is of their own tastes: what learns that beats popularity, and what does not is broken.
"""

import math
from dataclasses import dataclass

import numpy as np

from bench.population.rows import Array

DAY = 86_400
"""Seconds."""
HEAD, HEAD_WEIGHT = 0.1, 0.66
"""So much of the weight is of the heaviest tenth. Of the rows it has 64 % then: large tastes are not watched more."""
STEPS = 40
TASTES, SHARES = 3, (0.6, 0.3, 0.1)
"""Of everybody, and how much of what they watch by taste is of each."""
BY_TASTE = 0.75
"""Share of the rows; the rest is what anybody watches."""
FAITHFUL = 0.8
"""Share of an author's items that are of the author's taste, and of an item's first tags that are of the item's taste."""
LIKED, LIKED_OF_OTHERS = 0.5, 0.1
"""The chance that an item of one's tastes is liked, and another one; people and items differ beside that."""
LINGERING = 8.0
"""Days: the mean time between an upload and what is watched of it."""
TAGS_OF_TASTE, TAGS = 12, 3
ITEMS_OF_AUTHOR = 10
FOLLOWS = 5
"""Whom somebody follows, on average; nearly all of their tastes."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything; `days` is how far uploads go back."""

    users: int
    items: int
    rows_each: int = 24
    days: int = 30

    @property
    def tastes(self) -> int:
        """More items are of more kinds."""
        return max(8, round(math.sqrt(self.items) / 2))


@dataclass(frozen=True, slots=True)
class World:
    """All of it. Users and items are numbers from 0, and an author is a user; times are seconds since 1970.

    Attributes:
        tags: a row of TAGS for each item, -1 where it has fewer.
        user: of each row, beside `item`, `time`, `liked` and `share` (how much of it was watched); in the order of `time`.
        follower: each beside `followed`; no pair twice.
    """

    size: Size
    now: float
    author: Array
    upload: Array
    taste: Array
    tags: Array
    duration_ms: Array
    user: Array
    item: Array
    time: Array
    liked: Array
    share: Array
    follower: Array
    followed: Array

    @classmethod
    def made(cls, size: Size, seed: int, now: float, author: Array | None = None, upload: Array | None = None) -> "World":
        """The world as it is at that moment; the same for the same arguments.

        Args:
            size: of it.
            seed: of its chance.
            now: seconds since 1970.
            author: of each item, where that is settled; else every tenth user or so has posted.
            upload: when each item was uploaded, where that is settled.
        """
        rng = np.random.default_rng(seed)
        if author is None:
            posting = rng.permutation(size.users)[: max(1, size.items // ITEMS_OF_AUTHOR)]
            author = posting[rng.integers(0, len(posting), size.items)]
        if upload is None:
            upload = np.sort(now - rng.random(size.items) * size.days * DAY)
        tastes = rng.integers(0, size.tastes, (size.users, TASTES))  # of everybody; authors post what they like best
        kept = rng.random(size.items) < FAITHFUL
        taste = np.where(kept, tastes[author, 0], rng.integers(0, size.tastes, size.items))
        user, item = _watched(size, tastes, taste, rng)
        age = rng.exponential(LINGERING * DAY, len(user)) % np.maximum(now - upload[item], 1.0)
        time = np.floor(upload[item] + age)
        order = np.argsort(time, kind="stable")
        user, item, time = user[order], item[order], time[order]
        liked = _liked(size, (tastes[user] == taste[item][:, None]).any(axis=1), user, item, rng)
        seconds = np.clip(rng.lognormal(2.7, 0.5, size.items), 3.0, 180.0)
        return cls(
            *(size, now, author, upload, taste, _tags(size, taste, rng), (seconds * 1000).astype("i8")),
            *(user, item, time, liked, np.where(liked, rng.beta(5.0, 1.5, len(user)), rng.beta(1.0, 4.0, len(user)))),
            *_followed(size, tastes, author, rng),
        )

    def until(self, time: float) -> int:
        """How many of the rows are from before that."""
        return int(np.searchsorted(self.time, time))


def _watched(size: Size, tastes: Array, taste: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Users and items of every row, in no order; the same pair may come again, as in life."""
    rows = size.users * size.rows_each
    user = _draw(np.cumsum(rng.lognormal(0.0, 0.7, size.users)), rows, rng)
    weights = rng.permutation(_weights(size.items))
    by_taste = np.argsort(taste, kind="stable")  # so that the items of a taste lie side by side
    summed = np.concatenate([[0.0], np.cumsum(weights[by_taste])])
    bounds = np.searchsorted(taste[by_taste], np.arange(size.tastes + 1))
    of_taste = tastes[user, rng.choice(TASTES, rows, p=SHARES)]
    low, high = summed[bounds[of_taste]], summed[bounds[of_taste + 1]]
    anything = (rng.random(rows) >= BY_TASTE) | (high <= low)
    low, high = np.where(anything, 0.0, low), np.where(anything, summed[-1], high)
    place = np.searchsorted(summed, low + rng.random(rows) * (high - low), side="right") - 1
    return user, by_taste[place.clip(0, size.items - 1)]


def _weights(items: int) -> Array:
    """For the nth item n ^ -x, with the x that gives the heaviest their share."""
    logs, low, high = np.log(np.arange(1, items + 1)), 0.0, 2.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        weights: Array = np.exp(-middle * logs)
        enough = weights[: max(1, round(items * HEAD))].sum() > HEAD_WEIGHT * weights.sum()
        low, high = (low, middle) if enough else (middle, high)
    return weights


def _liked(size: Size, own: Array, user: Array, item: Array, rng: np.random.Generator) -> Array:
    eager, good = (np.exp(rng.normal(0.0, 0.3, many)) for many in (size.users, size.items))
    chance = np.where(own, LIKED, LIKED_OF_OTHERS) * eager[user] * good[item]
    liked: Array = rng.random(len(user)) < chance.clip(max=0.95)
    return liked


def _tags(size: Size, taste: Array, rng: np.random.Generator) -> Array:
    """Of each item up to TAGS different ones, which are numbers; a taste has TAGS_OF_TASTE of its own."""
    of = np.where(rng.random((size.items, TAGS)) < FAITHFUL, taste[:, None], rng.integers(0, size.tastes, (size.items, TAGS)))
    tags = of * TAGS_OF_TASTE + rng.integers(0, TAGS_OF_TASTE, of.shape)
    tags[:, 1:][rng.random((size.items, TAGS - 1)) < 0.5] = -1
    for place in range(1, TAGS):
        again = (tags[:, :place] == tags[:, place, None]).any(axis=1)
        tags[again, place] = -1
    return tags


def _followed(size: Size, tastes: Array, author: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Followers, and whom each follows: mostly who posts what they like best."""
    authors, posts = np.unique(author, return_counts=True)
    order = np.argsort(tastes[authors, 0], kind="stable")
    authors, summed = authors[order], np.concatenate([[0.0], np.cumsum(posts[order])])
    bounds = np.searchsorted(tastes[authors, 0], np.arange(size.tastes + 1))
    follower = rng.integers(0, size.users, size.users * FOLLOWS)
    of = tastes[follower, 0]
    low, high = summed[bounds[of]], summed[bounds[of + 1]]
    anything = (rng.random(len(follower)) >= FAITHFUL) | (high <= low)
    low, high = np.where(anything, 0.0, low), np.where(anything, summed[-1], high)
    place = np.searchsorted(summed, low + rng.random(len(follower)) * (high - low), side="right") - 1
    pairs = np.unique(follower * size.users + authors[place.clip(0, len(authors) - 1)])
    pairs = pairs[pairs // size.users != pairs % size.users]
    return pairs // size.users, pairs % size.users


def _draw(summed: Array, many: int, rng: np.random.Generator) -> Array:
    drawn: Array = np.searchsorted(summed, rng.random(many) * summed[-1], side="right").clip(max=len(summed) - 1)
    return drawn
