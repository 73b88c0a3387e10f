"""The ring remembers the newest entries, and knows what it does not remember."""

from uuid import UUID

import pytest

from server.live import ring
from server.live.log import Entry
from server.live.ring import Ring

SOMEBODY = UUID(int=1)


def entries(*seqs: int) -> list[Entry]:
    return [Entry(seq, SOMEBODY, UUID(int=seq)) for seq in seqs]


def test_it_gives_what_came_after_a_position_even_where_numbers_are_missing() -> None:
    found = Ring(0, entries(1, 2, 4, 7))
    assert [entry.seq for entry in found.after(2, 7)] == [4, 7]
    assert [entry.seq for entry in found.after(0, 2)] == [1, 2]
    assert found.after(7, 9) == []
    assert found.covers(0)


def test_it_forgets_the_oldest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "RING_LENGTH", 10)
    found = Ring(5, [])
    for entry in entries(*range(6, 200)):
        found.append(entry)
        assert not found.covers(4)
        first = found.floor + 1
        assert [e.seq for e in found.after(found.floor, 1000)] == list(range(first, entry.seq + 1))
    assert found.floor > 150
    assert not found.covers(found.floor - 1)


def test_a_full_beginning_covers_no_more_than_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "RING_LENGTH", 3)
    assert Ring(0, entries(7, 8, 9)).floor == 6
    assert Ring(4, entries(7, 8)).floor == 4
