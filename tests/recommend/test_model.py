"""The whole model: better than popularity where there is something to learn, and never wrong where there is nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommend import metrics, model
from recommend.arrays import Ints, contains, pair_keys
from recommend.baselines import Popular
from recommend.factors import Shape
from recommend.interactions import Interactions
from recommend.items import Content
from recommend.model import Model, Recipe
from tests.recommend.town import content, lived, split

SHAPE = Shape(factors=8, iterations=5)
SMALL = Recipe(shape=SHAPE, others=SHAPE)
USERS, ITEMS = 400, 300


def _fit(rows: Interactions, users: int, items: int, tagged: bool = False) -> Model:
    return model.fit(rows, content(items, tagged), users, SMALL)


@pytest.fixture(scope="module")
def town() -> tuple[Interactions, Interactions, Model]:
    """The past, the days after it, and what was learned from the past; a user and an item are new."""
    past, future = split(lived(USERS, ITEMS, 20_000))
    return past, future, _fit(past, USERS + 1, ITEMS + 1, tagged=True)


def _judged(past: Interactions, future: Interactions, lists: Ints, users: Ints) -> float:
    width = ITEMS + 1
    keys = future.where(future.liked).seen(width)
    liked = keys[~contains(past.seen(width), keys)]
    who = np.unique(liked // width)
    return float(metrics.ndcg(lists[np.searchsorted(users, who)], who, liked, width).mean())


def test_it_beats_popularity(town: tuple[Interactions, Interactions, Model]) -> None:
    past, future, learned = town
    users = np.arange(USERS)
    assert learned.learned is not None
    assert learned.learned.likes is not None
    popular = Popular.fit(past, past.seen_by_user(USERS, ITEMS + 1))
    theirs = _judged(past, future, popular.best(users, 20), users)
    assert _judged(past, future, learned.best(users, 20), users) > 1.5 * theirs


def test_the_order_of_what_is_shown_is_better_than_chance(town: tuple[Interactions, Interactions, Model]) -> None:
    _, future, learned = town
    shuffled = np.random.default_rng(0).permutation(len(future))
    mixed = future.where(shuffled)
    scores = learned.scores(mixed.users, mixed.items)
    values, weights = metrics.auc(mixed.users, scores, mixed.liked)
    assert np.average(values, weights=weights) > 0.6
    assert np.allclose(learned.scores(future.users, future.items)[shuffled], scores, atol=1e-4)


def test_the_same_rows_give_the_same_lists(town: tuple[Interactions, Interactions, Model]) -> None:
    past, _, learned = town
    users = np.arange(USERS + 1)
    again = _fit(past, USERS + 1, ITEMS + 1, tagged=True).best(users, 20)
    assert np.array_equal(learned.best(users, 20), again)
    assert np.array_equal(learned.best(users[::-1], 20), again[::-1])


def test_new_users_are_served_by_popularity_and_those_with_a_row_by_factors(
    town: tuple[Interactions, Interactions, Model],
) -> None:
    _, _, learned = town
    newest = np.array([USERS])
    assert learned.best(newest, 20)[0].tolist() == np.argsort(-learned.long, kind="stable")[:20].tolist()
    assert learned.scores(newest, np.array([3]))[0] == learned.long[3]
    few = np.arange(USERS + 1)[learned.rows < 3]
    some = few[learned.rows[few] > 0]
    best, _ = learned.factors.best(some, learned.seen, 20, 1)
    assert np.array_equal(learned.best(some, 20), best)


def _rows(pairs: list[tuple[int, int, int, int]]) -> Interactions:
    columns = [np.array([pair[place] for pair in pairs]) for place in range(4)]
    return Interactions(
        columns[0].astype(np.int64), columns[1].astype(np.int64), columns[2].astype(np.float64), columns[3].astype(np.float32)
    )


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 29), st.integers(0, 3), st.integers(0, 1)), max_size=60),
    st.sampled_from([1, 30]),
    st.booleans(),
)
def test_everybody_gets_twenty_unseen_items_as_long_as_there_are_some(
    pairs: list[tuple[int, int, int, int]], items: int, tagged: bool
) -> None:
    rows = _rows([(user, item % items, time, weight) for user, item, time, weight in pairs])
    users = np.arange(5)
    learned = _fit(rows, 5, items, tagged)
    lists = learned.best(users, 20)
    for user, chosen in zip(users, lists, strict=True):
        there = chosen[chosen >= 0]
        seen = np.unique(rows.items[rows.users == user])
        assert len(np.unique(there)) == len(there) == min(20, items - len(seen))
        assert not np.isin(there, seen).any()
        assert (chosen[len(there) :] == -1).all()
    assert np.isfinite(learned.scores(np.repeat(users, items), np.tile(np.arange(items), 5))).all()


@pytest.mark.parametrize("weight", [0.0, 1.0])
@pytest.mark.parametrize("days", [0.0, 12.0])
def test_where_all_is_alike_there_are_still_lists(weight: float, days: float) -> None:
    rows = lived(40, 60, 800, days=days)
    rows.weights[:] = weight
    learned = _fit(rows, 40, 60)
    lists = learned.best(np.arange(40), 20)
    assert (lists >= 0).all()
    assert not contains(rows.seen(60), pair_keys(np.repeat(np.arange(40), 20), lists.ravel(), 60)).any()


def test_new_items_of_a_liked_author_stand_above_others(town: tuple[Interactions, Interactions, Model]) -> None:
    past, _, _ = town
    known = content(ITEMS + 2)
    known.authors[ITEMS:], known.tags[ITEMS:, 0] = [0, 1], [0, 1]
    learned = model.fit(past, known, USERS, SMALL)
    users = np.arange(0, USERS, 4)  # of the first kind
    scores = learned.scores(np.repeat(users, 2), np.tile([ITEMS, ITEMS + 1], len(users))).reshape(-1, 2)
    assert (scores[:, 0] > scores[:, 1]).mean() > 0.9


@pytest.mark.parametrize("users", [1, 2, 3])
def test_few_users_may_have_seen_much(users: int) -> None:
    rows = lived(users, 900, 600 * users)
    learned = _fit(rows, users, 900)
    assert (learned.best(np.arange(users), 20) >= 0).all()


def test_nothing_is_known_of_anything() -> None:
    learned = model.fit(_rows([]), Content.unknown(0), 2, SMALL)
    assert (learned.best(np.array([0, 1]), 3) == -1).all()
