"""Lists for people: of all sources, by the rules, each with a reason that is true."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommend import model
from recommend.arrays import Ints, pair_keys
from recommend.factors import Shape
from recommend.interactions import Interactions
from recommend.lister import Lister
from recommend.log import Log
from recommend.model import Recipe
from recommend.sources import WHYS
from recommend.weights import DAY
from tests.recommend.town import BEGAN, content, kind, lived

USERS, ITEMS = 120, 160
NEW = np.arange(ITEMS - 10, ITEMS)
"""Nobody has seen them; they were uploaded on the last day."""
RISING = np.array([3, 50, 151])
SHAPE = Shape(factors=8, iterations=5)


def _follows() -> csr_array:
    """Everybody follows the next one; every second one the author of every fortieth item."""
    users, odd = np.arange(USERS), np.arange(1, USERS, 2)
    pairs = np.concatenate([users, odd]), np.concatenate([(users + 1) % USERS, np.full(len(odd), USERS)])
    return csr_array((np.ones(len(pairs[0]), np.float32), pairs), shape=(USERS + 40, USERS + 40))


@pytest.fixture(scope="module")
def log() -> Log:
    rows = lived(USERS, ITEMS - 10, 4000)
    about = content(ITEMS)
    about.authors[:] = USERS + np.arange(ITEMS) % 40  # none of them watches
    about.uploads[NEW] = rows.newest - DAY / 2
    eligible = np.ones(ITEMS, np.bool_)
    eligible[::16] = False
    return Log(
        rows,
        about,
        ["a", "b", "c", "d"],
        eligible,
        np.arange(USERS),
        np.array([pair_keys(np.array([5]), np.array([9]), ITEMS)[0]]),
        _follows(),
        pair_keys(np.array([7]), np.array([USERS + 2]), USERS + 40),
        RISING,
        np.arange(USERS + 40).astype("S16"),
        np.arange(ITEMS).astype("S16"),
    )


@pytest.fixture(scope="module")
def lister(log: Log) -> Lister:
    users = len(log.users)
    return Lister.of(model.fit(log.rows, log.content, users, Recipe(shape=SHAPE, others=SHAPE, threads=2)), log)


def _lists(lister: Lister, users: Ints, most: int = 60) -> tuple[Ints, Ints, Ints]:
    found = list(lister.lists(users, most))
    return tuple(np.concatenate([getattr(one, name) for one in found]) for name in ("items", "whys", "details"))  # type: ignore[return-value]


def test_nothing_seen_out_blocked_or_ineligible_and_no_author_too_often(log: Log, lister: Lister) -> None:
    items, _, _ = _lists(lister, log.active)
    seen = log.seen().toarray() > 0
    for user, theirs in enumerate(items):
        there = theirs[theirs >= 0]
        assert len(np.unique(there)) == len(there)
        assert not seen[user, there].any()
        assert log.eligible[there].all()
        authors = log.content.authors[there]
        assert all(np.bincount(authors[at : at + 10]).max() <= 2 for at in range(len(authors) - 9))
    assert USERS + 2 not in log.content.authors[items[7][items[7] >= 0]]
    assert 9 not in items[5]


def test_every_reason_is_true_and_of_all_kinds(log: Log, lister: Lister) -> None:
    items, whys, details = _lists(lister, log.active)
    liked, told = log.rows.where(log.rows.liked), set()
    for user, (theirs, reasons, tags) in enumerate(zip(items.tolist(), whys.tolist(), details.tolist(), strict=True)):
        own = liked.items[liked.users == user]
        for item, reason, tag in zip(theirs, reasons, tags, strict=True):
            why = WHYS[reason]
            told.add(why)
            assert (tag >= 0) == (why == "topic")
            match why:
                case "topic":
                    assert tag in log.content.tags[item]
                    assert (log.content.tags[own] == tag).any()
                case "author":
                    assert log.content.authors[item] in log.content.authors[own]
                case "follows":
                    assert (item % 40, user % 2) == (0, 0)
                case "fresh":
                    assert item in NEW
                case "rising":
                    assert item in RISING
    assert told == set(WHYS)


def test_there_is_a_list_for_whoever_has_no_rows(log: Log, lister: Lister) -> None:
    items, whys, _ = _lists(lister, np.array([USERS + 1]), 20)
    assert (items >= 0).all()
    assert {WHYS[why] for why in whys[0]} == {"popular"}


def test_it_is_the_same_for_the_same(log: Log, lister: Lister) -> None:
    users = log.active[::3]
    assert np.array_equal(lister.best(users[::-1], 30)[::-1], lister.best(users, 30))


def test_what_came_later_is_not_known_before(log: Log) -> None:
    before = log.before(BEGAN + 6 * DAY)
    assert before.rows.newest < BEGAN + 6 * DAY
    assert not before.eligible[NEW].any()
    assert before.follows.nnz == len(before.out) == len(before.rising) == 0
    nothing = replace(log, rows=log.rows.where(log.rows.times < 0))
    empty = Lister.of(model.fit(nothing.rows, log.content, len(log.users), Recipe(shape=SHAPE, others=SHAPE)), nothing)
    assert (empty.best(np.array([0, 1]), 5) >= 0).all()
    assert kind(np.array([5])).tolist() == [1]
    assert isinstance(nothing.rows, Interactions)
