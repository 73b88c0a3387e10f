"""Floors of playback: they hold for what was measured, and for nothing else."""

from bench.playback.found import Found

FLOORS = 6


def test_nothing_measured_misses_every_floor() -> None:
    lines = str(Found()).splitlines()
    assert len(lines) == FLOORS
    assert all(line.endswith("MISSED") for line in lines)


def test_what_was_measured_and_is_good_holds() -> None:
    times = [100.0, 120.0]
    found = Found(cold=times, warm=times, guest=times, swipes=[20.0, 30.0], watched=60_000.0, total=1_000_000, ahead=400_000.0)
    lines = str(found).splitlines()
    assert len(lines) == FLOORS
    assert all(line.endswith("holds") for line in lines)


def test_one_that_never_moved_misses_the_floor_of_swipes() -> None:
    found = Found(swipes=[20.0, 30.0], unmoved=1)
    assert next(line for line in str(found).splitlines() if "swipes" in line).endswith("MISSED")
