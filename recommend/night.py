"""One night's training: judge on the last day what the days before it taught, then learn from everything, and write lists."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import numpy as np

from recommend import log as logs
from recommend import metrics, model
from recommend.arrays import Ints
from recommend.baselines import Popular
from recommend.engines import factoriser
from recommend.evaluation import RECIPE, Data, Question
from recommend.factors import SEED
from recommend.interactions import Ids
from recommend.lister import Lister
from recommend.log import Log
from recommend.model import Recipe
from recommend.nearest import nearest
from recommend.night_job import FEWEST, LISTS, SIMILAR, Gate, Night, Trained
from recommend.sources import WHYS
from recommend.weights import DAY

LISTED, ALIKE, JUDGED_BY = 100, 20, 20
"""Items of a list, items that are like one, items of a list that is judged."""
MOST_JUDGED = 10_000
"""Users who are asked, chosen by chance."""


def train(night: Night) -> Trained:
    """Read, judge, and unless the model is worse than popularity, learn from everything and write.

    Raises:
        BadTableError: a file cannot be used.
        NoEngineError: the engine is not there; nothing was read then.
        OSError: the lists cannot be written.
    """
    factoriser(night.engine)
    folder, recipe = Path(night.folder), _recipe(night)
    log = logs.read(folder, night.rising)
    gate = _gate(log, recipe)
    sizes = len(log.rows), len(np.unique(log.rows.users)), len(log.items), int(log.eligible.sum())
    if gate.refuses:
        return Trained(*sizes, gate, 0, 0, ranker=False)
    learned = model.fit(log.rows, log.content, len(log.users), recipe)
    lister = Lister.of(learned, log)
    item_names = logs.names(log.items)
    with (folder / LISTS).open("w", encoding="utf-8") as file:
        lists = _write_lists(file, lister, item_names)
    with (folder / SIMILAR).open("w", encoding="utf-8") as file:
        counts = np.bincount(log.rows.items, minlength=len(log.items))[lister.catalogue]
        among = lister.catalogue[np.argsort(-counts, kind="stable")]
        similar = _write_similar(file, item_names, nearest(learned.factors, among, ALIKE, night.threads))
    return Trained(*sizes, gate, lists, similar, ranker=learned.learned is not None)


def _recipe(night: Night) -> Recipe:
    shape = replace(RECIPE.shape, factors=night.factors)
    others = replace(RECIPE.others, factors=night.more_factors)
    return replace(RECIPE, shape=shape, others=others, threads=night.threads, engine=night.engine)


def _gate(log: Log, recipe: Recipe) -> Gate:
    cut = log.rows.newest - DAY
    past, test = log.before(cut), log.rows.where(log.rows.times >= cut)
    if not len(past.rows) or not past.eligible.any():
        return Gate(0, None, None)
    users = np.unique(test.users)
    users = np.random.default_rng(SEED).choice(users, min(MOST_JUDGED, len(users)), replace=False)
    test = test.where(np.isin(test.users, users))
    data = Data(past.rows, test, log.content, _ids(len(log.users)), _ids(len(log.items)), len(log.items))
    question = Question.of(data)
    if len(question.judged) < FEWEST:
        return Gate(len(question.judged), None, None)
    found = Lister.of(model.fit(past.rows, log.content, len(log.users), recipe), past)
    popular = Popular.fit(past.rows, past.seen())
    values = []
    for one in (found, popular):
        theirs = one.best(question.judged, JUDGED_BY)
        values.append(float(metrics.ndcg(theirs, question.judged, question.liked, log.width).mean()))
    return Gate(len(question.judged), *values)


def _ids(count: int) -> Ids:
    return Ids(map(str, range(count)))


def _write_lists(file: TextIO, lister: Lister, item_names: Sequence[str]) -> int:
    """A line for each active user: the user, items, why each; parted by tabs, and by spaces within. How many."""
    written, tags = 0, lister.log.tag_names
    for lists in lister.lists(lister.log.active, LISTED):
        names = logs.names(lister.log.users[lists.users])
        for name, items, whys, details in zip(
            names, lists.items.tolist(), lists.whys.tolist(), lists.details.tolist(), strict=True
        ):
            there = [place for place, item in enumerate(items) if item >= 0]
            told = " ".join(WHYS[whys[at]] + (f":{tags[details[at]]}" if details[at] >= 0 else "") for at in there)
            file.write(f"{name}\t{' '.join(item_names[items[at]] for at in there)}\t{told}\n")
            written += 1
    return written


def _write_similar(file: TextIO, item_names: Sequence[str], found: Iterator[tuple[Ints, Ints]]) -> int:
    """A line for each item with others that are like it: the item, the others. How many."""
    written = 0
    for items, others in found:
        for item, row in zip(items.tolist(), others.tolist(), strict=True):
            alike = [item_names[other] for other in row if other >= 0]
            if alike:
                file.write(f"{item_names[item]}\t{' '.join(alike)}\n")
                written += 1
    return written
