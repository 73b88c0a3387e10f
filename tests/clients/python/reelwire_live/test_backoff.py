"""Pauses grow, and differ."""

from hypothesis import given
from hypothesis import strategies as st

from reelwire_live.backoff import pause


@given(st.integers(min_value=1, max_value=1_000_000), st.floats(min_value=0, max_value=1, exclude_max=True))
def test_a_pause_is_half_a_second_to_thirty(attempt: int, chance: float) -> None:
    assert 0.5 <= pause(attempt, lambda: chance) <= 30


def test_its_ceiling_doubles_with_each_failure() -> None:
    assert [pause(attempt, lambda: 1.0) for attempt in (1, 2, 3, 4, 5, 6, 7)] == [1, 2, 4, 8, 16, 30, 30]
    assert {pause(attempt, lambda: 0.0) for attempt in range(1, 8)} == {0.5}
    assert len({pause(7) for _ in range(10)}) > 1
