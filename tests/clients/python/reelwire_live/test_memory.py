"""Repeats are noticed, within bounds."""

from hypothesis import given
from hypothesis import strategies as st

from reelwire_live.memory import Memory


@given(st.lists(st.sampled_from("abcdef")))
def test_what_was_met_is_a_repeat_as_long_as_it_is_remembered(ids: list[str]) -> None:
    memory, recent = Memory(3), list[str]()
    for one in ids:
        assert memory.is_repeat(one) == (one in recent)
        recent = [*(other for other in recent if other != one), one][-3:]
        assert len(memory) == len(recent)
