"""One line of anybody's text: no breaks, no controls, and nothing that turns it round."""

import pytest

from server.pages.line import TURNING, one_line

MOST = 10


@pytest.mark.parametrize("mark", sorted(TURNING))
def test_marks_that_turn_text_round_go(mark: str) -> None:
    assert one_line(f"a{mark}b", MOST) == "ab"
    assert one_line(mark * 3, MOST) == ""


def test_breaks_and_controls_are_spaces() -> None:
    assert one_line(" a\r\nb\u2028c\x00d ", MOST) == "a b c d"


def test_what_is_longer_ends_in_an_ellipsis() -> None:
    assert one_line("0123456789", MOST) == "0123456789"
    assert one_line("012345678 9x", MOST) == "012345678…"
