"""Train on the past, judge on what came after: the model, and what it has to beat."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from recommend import dump, interactions, items, metrics, model
from recommend import log as logs
from recommend.arrays import Flags, Floats, Ints, contains, pair_keys
from recommend.baselines import RECENT_DAYS, Neighbours, Plain, Popular
from recommend.engines import factoriser
from recommend.factors import SEED
from recommend.figures import Figures, Judged, NewItems, NewUsers
from recommend.interactions import Ids, Interactions
from recommend.items import Content
from recommend.job import Job
from recommend.log import Log
from recommend.model import Recipe
from recommend.weights import DAY

LISTED = 20
RECIPE = Recipe()
NEW_ROWS = 20
"""Items with no more rows than this are new."""
NEW_USERS_ASKED, NEW_ITEMS_ASKED = 2_000, 50
"""How many users are asked for the order of new items, and how many items each."""


class Recommender(Protocol):
    """What is judged. Users and items are numbers, and only items of the catalogue are asked for."""

    def best(self, users: Ints, most: int) -> Ints:
        """A row of items for each user, the best first; -1 where there are no more."""

    def scores(self, users: Ints, items: Ints) -> Floats:
        """How high each pair stands among those of the same user."""


@dataclass(frozen=True, slots=True)
class Data:
    """What is known, and what came after. The catalogue is the first items: those that the test alone names are behind them."""

    rows: Interactions
    test: Interactions
    content: Content
    users: Ids
    items: Ids
    catalogue: int

    @classmethod
    def read(cls, job: Job) -> "Data":
        """Out of the files.

        Raises:
            BadTableError: one cannot be used.
        """
        if job.log is not None:
            return cls._of_log(logs.read(Path(job.log), []), job.days)
        assert job.interactions is not None
        assert job.test is not None
        users, names = Ids(), Ids()
        rows = interactions.read(Path(job.interactions), users, names)
        content = items.read(Path(job.items), names) if job.items else Content.unknown(len(names))
        return cls(
            rows, interactions.read(Path(job.test), users, names), content, users, names, len(names.names[: len(content.authors)])
        )

    @classmethod
    def _of_log(cls, log: Log, days: float) -> "Data":
        cut = log.rows.newest - days * DAY
        rows, test = log.rows.where(log.rows.times < cut), log.rows.where(log.rows.times >= cut)
        users, names = Ids(logs.names(log.users)), Ids(logs.names(log.items))
        return cls(rows, test, log.content, users, names, len(names))


@dataclass(frozen=True, slots=True)
class Question:
    """What every model is asked: lists for the users of the test, and the order of what they were shown."""

    data: Data
    users: Ints  # of the test, in ascending order
    liked: Ints  # keys of what is to be found, with all items for their width
    shown: Interactions
    new_items: Flags  # of the catalogue
    new_pairs: Interactions  # liked new items and others that the user has not seen, with weights that say which is which

    @classmethod
    def of(cls, data: Data) -> "Question":
        """Put it."""
        width = len(data.items)
        seen = data.rows.seen(width)
        fresh = data.test.where(~contains(seen, pair_keys(data.test.users, data.test.items, width)))
        liked = fresh.where(fresh.liked).seen(width)
        shown = data.test.where(data.test.items < data.catalogue)
        new = np.bincount(data.rows.items, minlength=data.catalogue) <= NEW_ROWS
        return cls(data, np.unique(data.test.users), liked, shown, new, _new_pairs(liked, seen, new, width))

    @property
    def judged(self) -> Ints:
        """Users with something to be found."""
        return np.unique(self.liked // max(len(self.data.items), 1))

    @property
    def liked_new(self) -> Ints:
        """The keys of new items that are to be found."""
        items = self.liked % max(len(self.data.items), 1)
        return self.liked[_among(self.new_items, items)]


def evaluate(job: Job) -> Judged:
    """Read, learn, judge; write the model's lists where they are wanted.

    Raises:
        BadTableError: a file cannot be used.
        NoEngineError: the engine is not there; nothing was read then.
        OSError: the lists cannot be written.
    """
    if not job.baselines:
        factoriser(job.engine)
    data = Data.read(job)
    question = Question.of(data)
    figures = []
    for name, recommender in _baselines(data, job.threads) if job.baselines else _model(data, job):
        lists = recommender.best(question.users, LISTED)
        if job.dump:
            dump.write(Path(job.dump), question.users, lists, data.users.names, data.items.names)
        figures.append(judge(name, recommender, lists, question))
    return Judged(len(data.rows), len(data.test), len(data.users), data.catalogue, len(question.judged), figures)


def judge(name: str, recommender: Recommender, lists: Ints, question: Question) -> Figures:
    """The figures of a model, of its lists for all users of the question."""
    data, width = question.data, len(question.data.items)
    judged = question.judged
    theirs = lists[np.searchsorted(question.users, judged)]
    ndcg, recall = metrics.ndcg(theirs, judged, question.liked, width), metrics.recall(theirs, judged, question.liked, width)
    shown = question.shown
    auc = metrics.auc(shown.users, recommender.scores(shown.users, shown.items), shown.liked)
    rows = np.bincount(data.rows.items, minlength=width)
    new = np.bincount(data.rows.users, minlength=len(data.users))[judged] == 0
    return Figures(
        name,
        metrics.estimate(ndcg),
        metrics.estimate(recall),
        metrics.estimate(*auc),
        metrics.coverage(lists, data.catalogue),
        metrics.novelty(lists, rows),
        int((lists >= 0).all(axis=1).sum()),
        NewUsers(int(new.sum()), metrics.estimate(ndcg[new]), metrics.estimate(recall[new])),
        _judge_new(recommender, lists, question),
    )


def _judge_new(recommender: Recommender, lists: Ints, question: Question) -> NewItems:
    width = len(question.data.items)
    liked, pairs = question.liked_new, question.new_pairs
    users = np.unique(liked // max(width, 1))
    found = metrics.recall(lists[np.searchsorted(question.users, users)], users, liked, width)
    order, _ = metrics.auc(pairs.users, recommender.scores(pairs.users, pairs.items), pairs.liked)
    return NewItems(int(question.new_items.sum()), len(users), metrics.estimate(found), metrics.estimate(order))


def _new_pairs(liked: Ints, seen: Ints, new: Flags, width: int) -> Interactions:
    """For some users: the new items that they liked, and as many others as NEW_ITEMS_ASKED that they have not seen."""
    chance = np.random.default_rng(SEED)
    liked = liked[_among(new, liked % max(width, 1))]
    users = np.unique(liked // max(width, 1))
    users = chance.choice(users, min(NEW_USERS_ASKED, len(users)), replace=False)
    liked = liked[np.isin(liked // max(width, 1), users)]
    drawn = chance.choice(np.flatnonzero(new), (len(users), NEW_ITEMS_ASKED)) if len(users) else np.empty((0, 0), np.int64)
    others = np.unique(pair_keys(np.repeat(users, drawn.shape[1]), drawn.ravel(), width))
    others = others[~contains(seen, others) & ~contains(liked, others)]
    keys = np.concatenate([liked, others])
    weights = np.repeat(np.array([1.0, 0.0], np.float32), [len(liked), len(others)])
    return Interactions(keys // max(width, 1), keys % max(width, 1), np.zeros(len(keys)), weights)


def _among(new: Flags, items: Ints) -> Flags:
    inside = items < len(new)
    inside[inside] = new[items[inside]]
    return inside


def _model(data: Data, job: Job) -> Iterator[tuple[str, Recommender]]:
    recipe = replace(RECIPE, threads=job.threads, engine=job.engine)
    yield "model", model.fit(data.rows, data.content, len(data.users), recipe)


def _baselines(data: Data, threads: int) -> Iterator[tuple[str, Recommender]]:
    seen = data.rows.seen_by_user(len(data.users), data.catalogue)
    yield "popularity", Popular.fit(data.rows, seen)
    yield "recent popularity", Popular.fit(data.rows, seen, RECENT_DAYS)
    yield "item-kNN", Neighbours.fit(data.rows, seen)
    yield "plain ALS", Plain.fit(data.rows, seen, threads)
