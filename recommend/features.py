"""What a ranker is told of a user, an item, and the two together: from rows up to a moment, and nothing of later ones."""

import warnings
from dataclasses import dataclass

import numpy as np

from recommend.arrays import Floats, Ints, Pairs, Singles
from recommend.candidates import Candidates
from recommend.factors import Factors
from recommend.interactions import Interactions
from recommend.items import MAX_TAGS, Content
from recommend.weights import DAY, popularity, recency

MEMORIES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Days, of popularity."""
LATELY = 2.0
"""Days."""
PRIOR = 20.0
"""A liked rate begins with so many rows of the average."""
PAIR_PRIOR = 3.0
FEW = 0.1


@dataclass(frozen=True, slots=True)
class Features:
    """Everything that is known at a moment, ready to be looked up for pairs."""

    of_users: Singles
    of_items: Singles
    rates: Singles  # the liked rate of each user
    durations: Singles  # logarithm, of each item
    liked_durations: Singles  # its mean over what the user liked
    content: Content
    affinities: tuple[tuple[Ints, Pairs], ...]  # a number for each item; likes and rows of users and numbers
    tags: Pairs
    others: tuple[Factors, ...]  # further opinions

    def of(self, pairs: Candidates) -> Singles:
        """A row for each pair."""
        users, items = pairs.users, pairs.items
        together = [
            pairs.scores,
            np.log1p(pairs.ranks),
            pairs.scores / np.maximum(pairs.best, 1e-6),
            *(other.scores(users, items) for other in self.others),
            self.durations[items] - self.liked_durations[users],
            *(column for numbers, counts in self.affinities for column in self._affinity(users, numbers[items], counts)),
            *self._tag_affinity(users, items),
        ]
        blocks = self.of_users[users], self.of_items[items], np.stack(together, axis=1)
        return np.concatenate(blocks, axis=1, dtype=np.float32)

    def _affinity(self, users: Ints, numbers: Ints, counts: Pairs) -> list[Singles]:
        liked, shown = counts.at(users, numbers).T
        return [np.log1p(liked), (liked + PAIR_PRIOR * self.rates[users]) / (shown + PAIR_PRIOR) - self.rates[users]]

    def _tag_affinity(self, users: Ints, items: Ints) -> list[Singles]:
        tags = self.content.tags[items]
        count = np.maximum((tags >= 0).sum(axis=1), 1)
        columns = [self._affinity(users, tags[:, place], self.tags) for place in range(MAX_TAGS) if (tags[:, place] >= 0).any()]
        none = np.zeros(len(users), np.float32)
        return [np.asarray(sum((column[kind] for column in columns), none) / count, np.float32) for kind in (0, 1)]


def learn(rows: Interactions, now: float, content: Content, factors: Factors, others: tuple[Factors, ...]) -> Features:
    """What the rows tell at this time, in seconds since 1970, which is not before the newest."""
    users, items = len(factors.users), len(factors.items)
    rate = float(rows.liked.mean()) if len(rows) else 0.0
    durations = np.log(np.maximum(content.durations, 1.0)).astype(np.float32)
    of_users, rates, liked_durations = _of_users(rows, now, users, rate, durations)
    known = [numbers for numbers in (content.authors, content.music) if (numbers >= 0).any()]
    return Features(
        of_users,
        _of_items(rows, now, items, rate, content, durations),
        rates,
        durations,
        liked_durations,
        content,
        tuple((numbers, _pairs(rows, numbers)) for numbers in known),
        _pairs(rows, content.tags),
        others,
    )


def _of_items(rows: Interactions, now: float, items: int, rate: float, content: Content, durations: Singles) -> Singles:
    likes = np.bincount(rows.items[rows.liked], minlength=items).astype(float)
    shown = np.bincount(rows.items, minlength=items).astype(float)
    recent = recency(rows, now, LATELY)
    shown_lately = np.bincount(rows.items, weights=recent, minlength=items).astype(float)
    liked_lately = np.bincount(rows.items, weights=recent * rows.liked, minlength=items)
    first, last = np.full(items, np.inf), np.full(items, -np.inf)
    np.minimum.at(first, rows.items, rows.times)
    np.maximum.at(last, rows.items, rows.times)
    columns: list[Floats] = [
        *(_share(popularity(rows, now, days, items)) for days in MEMORIES),
        _share(likes),
        _share(shown),
        _share(shown_lately),
        (likes + PRIOR * rate) / (shown + PRIOR),
        (liked_lately + PRIOR * rate) / (shown_lately + PRIOR),
        _days(now - first),
        _days(now - last),
        _days(now - content.uploads),
        durations.astype(np.float64),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _of_users(rows: Interactions, now: float, users: int, rate: float, durations: Singles) -> tuple[Singles, Singles, Singles]:
    shown = np.bincount(rows.users, minlength=users).astype(float)
    likes = np.bincount(rows.users[rows.liked], minlength=users).astype(float)
    lately = np.bincount(rows.users, weights=recency(rows, now, LATELY), minlength=users)
    last = np.full(users, -np.inf)
    np.maximum.at(last, rows.users, rows.times)
    rates = (likes + PRIOR * rate) / (shown + PRIOR)
    length = durations[rows.items]
    timed = rows.liked & np.isfinite(length)
    count = np.bincount(rows.users[timed], minlength=users)
    total = np.bincount(rows.users[timed], weights=length[timed], minlength=users)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        liked_durations = (total / count).astype(np.float32)
    columns = [np.log1p(shown), np.log1p(lately), rates, _days(now - last), liked_durations]
    return np.stack(columns, axis=1).astype(np.float32), rates.astype(np.float32), liked_durations


def _share(counts: Floats) -> Floats:
    """Beside the average item, as a logarithm: the same in a week with many rows and in one with few."""
    return np.log(counts / max(float(counts.mean()), 1e-9) + FEW) if len(counts) else counts


def _days(seconds: Floats) -> Floats:
    return np.where(np.isfinite(seconds), seconds / DAY, np.nan)


def _pairs(rows: Interactions, numbers: Ints) -> Pairs:
    """The likes and the rows of users and numbers, of which each item has one, or several in a row, or none (-1)."""
    of_rows = np.atleast_2d(numbers.T).T[rows.items]
    row, place = np.nonzero(of_rows >= 0)
    counts = rows.liked[row].astype(np.float64), np.ones(len(row))
    return Pairs.summed(rows.users[row], of_rows[row, place], counts, int(numbers.max(initial=0)) + 1)
