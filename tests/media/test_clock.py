"""Slots of a constant rate, filled from pictures at any time."""

from fractions import Fraction

from media.clock import Clock


def shown(times: list[float], frames: int, rate: int = 10, start: float = 0.0) -> list[int]:
    """Which picture (by its number) each slot shows."""
    clock: Clock[int] = Clock(Fraction(rate), start, frames)
    given = [picture for index, time in enumerate(times) for picture in clock.place(index, time)]
    given += clock.finish()
    assert clock.full
    return given


def test_one_picture_a_slot() -> None:
    assert shown([0, 0.1, 0.2, 0.3], 4) == [0, 1, 2, 3]


def test_a_hole_shows_the_picture_before_it() -> None:
    assert shown([0, 0.1, 0.5], 6) == [0, 1, 1, 1, 1, 2]


def test_of_too_many_pictures_the_latest_is_shown() -> None:
    assert shown([0, 0.01, 0.02, 0.1, 0.11, 0.2], 3) == [2, 4, 5]


def test_the_first_picture_also_fills_what_is_before_it() -> None:
    assert shown([0.3, 0.4], 5) == [0, 0, 0, 0, 1]


def test_times_count_from_the_start() -> None:
    assert shown([100.0, 100.1], 2, start=100.0) == [0, 1]


def test_the_last_picture_stays_to_the_end() -> None:
    assert shown([0], 3) == [0, 0, 0]


def test_a_day_between_two_pictures_ends_at_the_last_slot() -> None:
    assert shown([0, 86_400], 5) == [0, 0, 0, 0, 0]
    assert shown([0, 86_400, 86_400.1], 2) == [0, 0]


def test_pictures_that_go_back_in_time_replace_the_one_not_shown_yet() -> None:
    assert shown([0, 0.2, 0.1, 0.3], 4) == [0, 0, 2, 3]
