"""Cursors of the suggested feed lead back to where they came from."""

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from server.suggestions.scroll import MOST_AHEAD, MOST_AUTHORS, MOST_GIVEN, WINDOW, Marks, Scroll, cursor_of, read

PATH = "/feed"
MARKS = st.builds(Marks, st.integers(0, 65535), st.integers(0, 2**WINDOW - 1))


def _hashes(most: int) -> st.SearchStrategy[list[bytes]]:
    return st.lists(st.binary(min_size=6, max_size=6), max_size=most)


SCROLLS = st.builds(
    Scroll,
    model=st.binary(min_size=6, max_size=6),
    listed=MARKS,
    version=st.integers(0, 2**63 - 1),
    popular=MARKS,
    place=st.integers(0, 9),
    given=_hashes(MOST_GIVEN),
    ahead=_hashes(MOST_AHEAD),
    authors=_hashes(MOST_AUTHORS),
)


@given(SCROLLS)
@examples(max_examples=30)
def test_a_cursor_leads_back(scroll: Scroll) -> None:
    assert read(PATH, cursor_of(PATH, scroll, 10)) == scroll
    assert read("/other", cursor_of(PATH, scroll, 10)) is None


@given(st.text(max_size=300))
def test_anything_else_is_none(text: str) -> None:
    assert read(PATH, text) is None


def test_marks_move_on_over_what_is_done_with() -> None:
    marks = Marks()
    for place in (1, 3, 0, 2, 5, WINDOW + 4, WINDOW + 3):
        marks.set(place)
    # The last but one was beyond the window when it came.
    assert [place for place in range(2 * WINDOW) if marks.has(place)] == [0, 1, 2, 3, 5, WINDOW + 3]
