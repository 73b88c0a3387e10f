"""A night, out of files and into files."""

from pathlib import Path

import numpy as np
import pytest

from recommend import night
from recommend.night_job import LISTS, SIMILAR, Gate, Night
from tests.recommend.nights import ITEMS, USERS, ids, item, table, tags, user
from tests.recommend.town import BEGAN, lived

PEOPLE, CLIPS, ROWS = 200, 120, 8000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows, clips = lived(PEOPLE, CLIPS, ROWS), np.arange(CLIPS)
    table(tmp_path / "rows", ids(USERS, rows.users), ids(ITEMS, rows.items), rows.times, rows.weights)
    facts = np.full(CLIPS, 8e3), np.full(CLIPS, BEGAN), clips != 7
    table(tmp_path / "videos", ids(ITEMS, clips), ids(USERS, clips % 20), *facts)
    table(tmp_path / "looks", ids(ITEMS, np.array([1, 2])), np.array([64, 64]))
    table(tmp_path / "active", ids(USERS, np.arange(1, PEOPLE)))
    for name in ("out", "follows", "blocks"):
        table(tmp_path / name, ids(USERS, clips[:0]), ids(USERS, clips[:0]))
    tags(tmp_path, {number: [f"kind{number % 4}"] for number in range(CLIPS)})
    return tmp_path


def test_whoever_is_active_gets_a_list_and_every_item_is_like_others(folder: Path) -> None:
    trained = night.train(Night(str(folder), [str(item(3))], 1, 8, 8))
    assert trained.gate.enough
    assert not trained.gate.refuses
    assert (trained.rows, trained.items, trained.eligible, trained.lists) == (ROWS, CLIPS, CLIPS - 1, PEOPLE - 1)
    lists = {line.split("\t")[0]: line.split("\t")[1:] for line in (folder / LISTS).read_text().splitlines()}
    assert set(lists) == {str(user(number)) for number in range(1, PEOPLE)}
    known = {str(item(number)): number for number in range(CLIPS)}
    for name, (items, whys) in lists.items():
        numbers = [known[one] for one in items.split()]
        assert 7 not in numbers
        assert all(number % 20 != known.get(name, -1) for number in numbers)
        assert len(whys.split()) == len(numbers)
    similar = [line.split("\t") for line in (folder / SIMILAR).read_text().splitlines()]
    assert len(similar) == trained.similar > CLIPS / 2
    assert all(one not in others.split() and str(item(7)) not in others.split() for one, others in similar)


def test_the_gate_needs_some_users_and_a_worse_model() -> None:
    assert Gate(10, 0.1, 0.2).refuses
    assert not Gate(9, 0.1, 0.2).refuses
    assert not Gate(10, 0.2, 0.2).refuses
    assert not Gate(0, None, None).refuses
