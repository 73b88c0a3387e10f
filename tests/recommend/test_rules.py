"""Never more than two of an author among any ten, for as long as there is something else."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from recommend.items import UNKNOWN
from recommend.rules import AMONG, OF_AUTHOR, spaced

AUTHORS = st.lists(st.integers(UNKNOWN, 5), max_size=40)


@given(AUTHORS, st.integers(1, 30), st.lists(st.integers(0, 5), max_size=12))
def test_any_ten_have_two_of_an_author_at_most(authors: list[int], most: int, before: list[int]) -> None:
    chosen, left = spaced(authors, most, before)
    assert len(set(chosen)) == len(chosen) <= most
    shown = [*before, *(authors[place] for place in chosen)]
    for at in range(len(before), len(shown)):
        if shown[at] != UNKNOWN:
            assert shown[max(0, at - AMONG + 1) : at + 1].count(shown[at]) <= OF_AUTHOR
    if len(chosen) < most:  # nothing that is left could follow
        assert sorted([*chosen, *left]) == list(range(len(authors)))
        last = shown[1 - AMONG :]
        assert all(last.count(authors[place]) >= OF_AUTHOR for place in left)


def test_the_first_that_may_follow_is_taken() -> None:
    chosen, left = spaced([7, 7, 7, 1, 2, 7, 3, 4, 5, 6, 8, 9], 12)
    assert chosen[:4] == [0, 1, 3, 4]
    assert chosen == [0, 1, 3, 4, 6, 7, 8, 9, 10, 11, 2, 5]
    assert left == []
    assert list(islice(chosen, 2)) == [0, 1]
