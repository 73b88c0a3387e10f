"""Positions: what we wrote is read back, anything else is none of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.live.log import MAX_POSITION, Position


@given(st.text("0123456789abcdef", min_size=1, max_size=12), st.integers(0, 10**17))
def test_a_position_is_read_as_it_was_written(epoch: str, seq: int) -> None:
    text = str(Position(epoch, seq))
    assert Position.read(text) == (epoch, seq)
    assert len(text) <= MAX_POSITION


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    found = Position.read(text)
    assert found is None or str(found) == text


@pytest.mark.parametrize("text", ["", "-", "ab-", "-1", "ab-01", "ab--1", "ab-1-1", "AB-1", "ab-1\n", "ab-١", "ab-" + "1" * 19])
def test_what_is_none_of_ours_is_refused(text: str) -> None:
    assert Position.read(text) is None
