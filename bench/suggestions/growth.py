"""A night's training on worlds of growing size: seconds of processor time and memory, step by step, for each user and item."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

from bench.suggestions import nights
from bench.suggestions.world import DAY, Size, World
from recommend import log, model, process
from recommend.candidates import BY_FACTORS
from recommend.engines import LOCAL
from recommend.evaluation import RECIPE
from recommend.factors import factorise
from recommend.interactions import Interactions
from recommend.lister import Lister
from recommend.nearest import nearest

SEED = 7
NOW = 1_790_000_000.0
WHOLE = ((Size(10_000, 10_000), 10_000), (Size(100_000, 100_000), 5_000))
"""And for how many users lists are made: what is left out is counted as if it had cost the same."""
ITERATIONS = 2
LISTED, ALIKE = 100, 20
THREADS = 2
MEMORY_BYTES = 24 << 30
"""Address space: what is measured is what is filled."""
HEADS = ("", "read", "past", "all", "lists", "alike", "whole", "ms a user", "us an item", "MiB", "lists for")
COLUMNS = "{:>22} {:>7} {:>7} {:>7} {:>8} {:>7} {:>8} {:>10} {:>10} {:>7} {:>10}"


class Errand(msgspec.Struct, frozen=True):
    """What the process is told: the folder, and what finds the factors."""

    folder: str
    engine: str
    cut: float


class Steps(msgspec.Struct, frozen=True):
    """Seconds of processor time: reading; learning from what is before the last day, and from all; lists; what is alike."""

    read: float
    past: float
    all: float
    lists: float
    alike: float
    users: int  # who were given a list


class Largest(msgspec.Struct, frozen=True):
    """A size of which only parts are measured, with the best items for some users."""

    users: int
    items: int
    lists: int


class Parts(msgspec.Struct, frozen=True):
    """Seconds of processor time: of an iteration, of all of them, of the best items of a user."""

    iteration: float
    fit: float
    best: float


LARGEST = Largest(1_000_000, 1_000_000, 1_000)


@dataclass(frozen=True, slots=True)
class Night:
    """A measured one. Where only some users were given lists, `lists` is taken times what is missing."""

    size: Size
    engine: str
    steps: Steps
    peak_mib: int

    @property
    def lists(self) -> float:
        """Seconds for all users."""
        return self.steps.lists * self.size.users / self.steps.users

    @property
    def whole(self) -> float:
        """Seconds for everything."""
        return self.steps.read + self.steps.past + self.steps.all + self.lists + self.steps.alike

    def line(self) -> str:
        """As a row of the table."""
        known = f"{self.size.users:,} x {self.size.items:,}"
        seconds = (self.steps.read, self.steps.past, self.steps.all, self.lists, self.steps.alike, self.whole)
        each = f"{self.whole / self.size.users * 1e3:.2f}", f"{self.whole / self.size.items * 1e6:,.0f}"
        return COLUMNS.format(known, *(f"{one:,.1f}" for one in seconds), *each, f"{self.peak_mib:,}", f"{self.steps.users:,}")


def measure(folder: Path, size: Size, active: int, engine: str = LOCAL) -> Night:
    """Make a world of that size and have a process train on it, with lists for so many users."""
    nights.write(World.made(size, SEED, NOW), folder, active)
    done = process.run("bench.suggestions.growth:night", Errand(str(folder), engine, NOW - DAY), THREADS, MEMORY_BYTES)
    return Night(size, engine, msgspec.json.decode(done.answer, type=Steps), done.cost.peak_mib)


def run(folder: Path, *, whole: bool = False) -> Iterator[str]:
    """The benchmark: the small size, or all of them."""
    yield "seconds of processor time of the process that learns, two threads, and what it held at most"
    yield COLUMNS.format(*HEADS)
    for size, active in WHOLE if whole else WHOLE[:1]:
        place = folder / str(size.users)
        place.mkdir()
        yield measure(place, size, active).line()
    if whole:
        done = process.run("bench.suggestions.growth:parts", LARGEST, THREADS, MEMORY_BYTES)
        found = msgspec.json.decode(done.answer, type=Parts)
        yield f"{LARGEST.users:,} x {LARGEST.items:,}, partly: {found.iteration:.1f} s an iteration of the largest of three"
        yield f"  kinds of factors, so {found.fit:,.0f} s for all; {found.best * 1e3:.1f} ms a user for the best of all items;"
        yield f"  {done.cost.peak_mib:,} MiB, of which the made-up rows are a part"


def parts(errand: Largest) -> Parts:
    """The dear parts of a night that is too long to wait for: some iterations of the factorisation, lists for some users."""
    world = World.made(Size(errand.users, errand.items), SEED, NOW)
    rows = Interactions(world.user, world.item, world.time, world.liked.astype("f4"))
    del world
    size, weighting, shape = (errand.users, errand.items), RECIPE.weighting, RECIPE.shape
    values = weighting.matrix(rows, NOW, size)
    seen = rows.seen_by_user(*size)
    marks = []
    for iterations in (1, 1 + ITERATIONS):
        began = time.process_time()
        found = factorise(values, weighting.alpha, replace(shape, iterations=iterations), THREADS)
        marks.append(time.process_time() - began)
    iteration = (marks[1] - marks[0]) / ITERATIONS
    began = time.process_time()
    found.best(np.arange(errand.lists), seen, BY_FACTORS, THREADS)
    return Parts(iteration, marks[0] + iteration * (shape.iterations - 1), (time.process_time() - began) / errand.lists)


def night(errand: Errand) -> Steps:
    """What a night does, in the process that is measured; judging the model of the past is left away, as is writing files."""
    marks = [time.process_time()]
    known, recipe = log.read(Path(errand.folder), []), replace(RECIPE, threads=THREADS, engine=errand.engine)
    marks.append(time.process_time())
    past = known.before(errand.cut)
    model.fit(past.rows, known.content, len(known.users), recipe)
    marks.append(time.process_time())
    learned = model.fit(known.rows, known.content, len(known.users), recipe)
    marks.append(time.process_time())
    lister = Lister.of(learned, known)
    users = sum(len(lists.users) for lists in lister.lists(known.active, LISTED))
    marks.append(time.process_time())
    for _ in nearest(learned.factors, lister.catalogue, ALIKE, THREADS):
        pass
    marks.append(time.process_time())
    read, before, whole, lists, alike = (round(after - before, 2) for before, after in pairwise(marks))
    return Steps(read, before, whole, lists, alike, users)
