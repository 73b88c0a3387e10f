"""The whole model: factors find candidates, a ranker and a like model order them, popularity serves whoever is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from recommend import candidates, features, newcomers
from recommend.arrays import Flags, Floats, Ints, Singles, contains, distinct, pair_keys
from recommend.candidates import Candidates
from recommend.engines import LOCAL, factoriser
from recommend.factors import SEED, Factors, Shape, of_likes
from recommend.features import Features
from recommend.interactions import Interactions
from recommend.items import Content
from recommend.likes import SHARE, Likes
from recommend.ranker import Ranker
from recommend.weights import DAY, Weighting, popularity

LONG, SHORT = 8.0, 2.0
"""Days of memory, of popularity: for whoever is new, and among candidates."""
HIDDEN_DAYS = 2.0
"""At the end of what there is: what the ranker has to foretell. At most a quarter of the whole time."""
LEARNERS = 15_000
"""Users that the ranker learns from."""
NEGATIVES = 0.25
"""Share of the candidates that were not liked, which it learns from."""
APART = 0.15
"""Share of the users by whom it is decided when learning is to stop."""
MIN_LIKED = 200
"""Candidates that were liked: with fewer there is nothing to learn from, and the factors order alone."""
MIN_ROWS = 3
"""Rows of a user whom the ranker orders for."""
AT_ONCE = 2_000
"""Users whose features are in memory together."""

WORTH, SLOW_WORTH = Weighting(), Weighting(days=30.0, impression=0.7)
LARGE, SMALL = Shape(), Shape(factors=64, iterations=8)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What rows are worth to the factors that find candidates, and to those that the ranker asks as well.

    The latter remember for a longer time; a third kind, of the same shape, is of likes alone. `engine` finds them all.
    """

    weighting: Weighting = WORTH
    shape: Shape = LARGE
    slow: Weighting = SLOW_WORTH
    others: Shape = SMALL
    threads: int = 1
    engine: str = LOCAL


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned from the hidden days."""

    ranker: Ranker
    likes: Likes | None

    def scores(self, rows: Singles) -> Floats:
        """Of rows of features."""
        ranked = self.ranker.scores(rows)
        return ranked if self.likes is None else ranked + SHARE * self.likes.scores(rows)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that is needed to say what a user should be shown. Items and users are numbers, from 0."""

    factors: Factors
    features: Features
    seen: csr_array
    rows: Ints  # how many each user has
    lately: Ints  # items, the most popular first
    long: Floats  # the popularity of each item, with a long memory
    learned: Learned | None
    threads: int

    def best(self, users: Ints, most: int) -> Ints:
        """A row of items for each user, the best first, none that they have seen; -1 where there are no more."""
        chosen = np.full((len(users), most), -1)
        for batch in _batches(len(users)):
            chosen[batch] = self._best(users[batch], most)
        return self._filled(users, chosen)

    def scores(self, users: Ints, items: Ints) -> Floats:
        """How high each pair stands among those of the same user."""
        scores = np.empty(len(users))
        order = np.argsort(users, kind="stable")
        for part in _parts(users[order]):
            batch = order[part]
            scores[batch] = self._scores(users[batch], items[batch])
        return scores

    def _best(self, users: Ints, most: int) -> Ints:
        chosen = np.full((len(users), most), -1)
        places = np.argsort(users)
        known = places[self.rows[users[places]] > 0]
        if not len(known):
            return chosen
        ranked = known[self.rows[users[known]] >= MIN_ROWS] if self.learned else known[:0]
        plain = np.setdiff1d(known, ranked)
        found, _ = self.factors.best(users[plain], self.seen, most, self.threads)
        chosen[plain, : found.shape[1]] = found
        if len(ranked) and self.learned:
            pairs = candidates.find(self.factors, self.lately, self.seen, users[ranked], self.threads)
            scores = self.learned.scores(self.features.of(pairs))
            order = np.lexsort((-scores, pairs.users))
            place = np.arange(len(pairs)) - np.searchsorted(pairs.users, pairs.users)
            top = place < most
            chosen[ranked[np.searchsorted(users[ranked], pairs.users[top])], place[top]] = pairs.items[order][top]
        return chosen

    def _scores(self, users: Ints, items: Ints) -> Floats:
        scores = np.where(self.rows[users] > 0, self.factors.scores(users, items), self.long[items]).astype(np.float64)
        ranked = np.flatnonzero(self.rows[users] >= MIN_ROWS)
        if self.learned and len(ranked):
            order = ranked[np.argsort(users[ranked], kind="stable")]
            pairs = _known(self.factors, self.seen, users[order], items[order], self.threads)
            scores[order] = self.learned.scores(self.features.of(pairs))
        return scores

    def _filled(self, users: Ints, chosen: Ints) -> Ints:
        """Where there are too few, the popular ones with a long memory follow, then all others."""
        popular = np.argsort(-self.long, kind="stable")
        for row in np.flatnonzero((chosen < 0).any(axis=1)):
            have = chosen[row][chosen[row] >= 0]
            out = np.concatenate([have, self.seen[[users[row]]].indices])
            head = popular[: len(out) + chosen.shape[1]]
            full = np.concatenate([have, head[~np.isin(head, out)]])[: chosen.shape[1]]
            chosen[row, : len(full)] = full
        return chosen


def fit(rows: Interactions, content: Content, users: int, recipe: Recipe) -> Model:
    """Learn from rows about so many users and the items of `content`; the same from the same rows."""
    now, items = rows.newest, len(content.authors)
    learned = _learn(rows, content, users, recipe)
    factors, known = _know(rows, content, users, recipe)
    return Model(
        factors,
        known,
        rows.seen_by_user(users, items),
        np.bincount(rows.users, minlength=users),
        np.argsort(-popularity(rows, now, SHORT, items), kind="stable"),
        popularity(rows, now, LONG, items),
        learned,
        recipe.threads,
    )


def _learn(rows: Interactions, content: Content, users: int, recipe: Recipe) -> Learned | None:
    """Hide the last days, and learn to foretell them."""
    span = rows.newest - float(rows.times.min()) if len(rows) else 0.0
    cut = rows.newest - min(HIDDEN_DAYS * DAY, span / 4)
    past, hidden = rows.where(rows.times < cut), rows.where(rows.times >= cut)
    items = len(content.authors)
    fresh = hidden.where(~contains(past.seen(items), pair_keys(hidden.users, hidden.items, items)))
    chance = np.random.default_rng(SEED)
    learners = _learners(past, fresh, users, chance)
    if len(learners) < 2:
        return None
    apart = np.zeros(users, np.bool_)
    apart[chance.choice(learners, max(1, int(len(learners) * APART)), replace=False)] = True
    factors, known = _know(past, content, users, recipe)
    lately = np.argsort(-popularity(past, past.newest, SHORT, items), kind="stable")
    seen, liked = past.seen_by_user(users, items), fresh.where(fresh.liked).seen(items)
    parts = []
    for batch in _batches(len(learners)):
        pairs = candidates.find(factors, lately, seen, learners[batch], recipe.threads)
        labels = contains(liked, pair_keys(pairs.users, pairs.items, items))
        keep = labels | (chance.random(len(labels)) < NEGATIVES)
        parts.append((known.of(_where(pairs, keep)), labels[keep], apart[pairs.users[keep]]))
    inputs, labels, held = (np.concatenate([part[place] for part in parts]) for place in range(3))
    if int(labels.sum()) < MIN_LIKED:
        return None
    ranker = Ranker.fit(inputs, labels, held, recipe.threads)
    return Learned(ranker, _learn_likes(fresh, factors, known, seen, learners, apart, recipe.threads))


def _learners(past: Interactions, fresh: Interactions, users: int, chance: np.random.Generator) -> Ints:
    """Users who have some rows, and liked something later; in ascending order."""
    able = np.bincount(past.users, minlength=users) >= MIN_ROWS
    able &= np.bincount(fresh.users[fresh.liked], minlength=users) > 0
    learners = np.flatnonzero(able)
    return np.sort(chance.choice(learners, min(LEARNERS, len(learners)), replace=False))


def _learn_likes(
    fresh: Interactions, factors: Factors, known: Features, seen: csr_array, learners: Ints, apart: Flags, threads: int
) -> Likes | None:
    shown = fresh.where(np.isin(fresh.users, learners))
    shown = shown.where(np.argsort(shown.users, kind="stable"))
    if min(int(shown.liked.sum()), int((~shown.liked).sum())) < MIN_LIKED:
        return None
    parts = _parts(shown.users)
    rows = [known.of(_known(factors, seen, shown.users[part], shown.items[part], threads)) for part in parts]
    return Likes.fit(np.concatenate(rows), shown.liked, apart[shown.users], threads)


def _know(rows: Interactions, content: Content, users: int, recipe: Recipe) -> tuple[Factors, Features]:
    """The factors that find candidates, and everything that is told of pairs."""
    now, items = rows.newest, len(content.authors)
    counts, size, threads = np.bincount(rows.items, minlength=items), (users, items), recipe.threads
    factorise = factoriser(recipe.engine)
    found = [
        factorise(recipe.weighting.matrix(rows, now, size), recipe.weighting.alpha, recipe.shape, threads),
        factorise(recipe.slow.matrix(rows, now, size), recipe.slow.alpha, recipe.others, threads),
        of_likes(rows, users, items, threads, recipe.others, factorise),
    ]
    factors, *others = (newcomers.introduced(one, counts, content) for one in found)
    return factors, features.learn(rows, now, content, factors, tuple(others))


def _known(factors: Factors, seen: csr_array, users: Ints, items: Ints, threads: int) -> Candidates:
    who = distinct(users)
    _, scores = factors.best(who, seen, candidates.BY_FACTORS, threads)
    return candidates.known(factors, users, items, who, scores)


def _where(pairs: Candidates, rows: Flags) -> Candidates:
    return Candidates(*(getattr(pairs, name)[rows] for name in Candidates.__slots__))


def _parts(users: Ints) -> Iterator[slice]:
    """Of the rows of ascending users: those of AT_ONCE users each."""
    bounds = np.searchsorted(users, distinct(users)[::AT_ONCE]).tolist()
    return (slice(start, end) for start, end in pairwise([*bounds, len(users)]))


def _batches(users: int) -> Iterator[slice]:
    return (slice(start, start + AT_ONCE) for start in range(0, users, AT_ONCE))
