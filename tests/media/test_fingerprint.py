"""Fingerprints: of a clip through a child, and how near copies and strangers are."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.duplicates import TREATMENTS, Treatment, treated
from media import clips, fingerprint, limits
from media.fingerprint import FAR, THRESHOLD, Fingerprint, Moment
from media.pool import Pool
from media.task import Task
from tests.media.films import Film, Picture, quiet

ANY_BITS = st.integers(-(1 << 63), (1 << 63) - 1)


def seen(path: Path) -> Fingerprint:
    return fingerprint.fingerprint(Task(input=str(path)), quiet)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fingerprint") / "original.mp4"
    clips.render(path, 2, 3.0, 90, 160, 12, sound=False)
    return path


@pytest.fixture(scope="module")
async def known(pool: Pool, original: Path) -> Fingerprint:
    """The original's fingerprint, made by a child."""
    return await pool.run(fingerprint.fingerprint, Task(input=str(original)), limits=limits.FINGERPRINT)


def test_eight_moments_a_second_are_seen_and_two_are_kept(known: Fingerprint) -> None:
    assert [moment.step for moment in known.moments] == list(range(24))
    assert list(known.kept) == [0, 4, 8, 12, 16, 20]
    assert known.kept[4] == known.moments[4].bits


def test_the_same_clip_is_at_distance_nothing(known: Fingerprint, original: Path) -> None:
    assert seen(original) == known
    assert fingerprint.distance(known.kept, known) == 0


@pytest.mark.parametrize("name", TREATMENTS)
def test_copies_are_near_however_they_were_treated(known: Fingerprint, original: Path, tmp_path: Path, name: str) -> None:
    copy = seen(treated(original, tmp_path / "copy.mp4", TREATMENTS[name]))
    assert fingerprint.distance(known.kept, copy) < THRESHOLD
    assert fingerprint.distance(copy.kept, known) < THRESHOLD
    assert fingerprint.keys(known.kept.values()) & fingerprint.queries(copy)


def test_a_part_is_found_in_the_whole(known: Fingerprint, original: Path, tmp_path: Path) -> None:
    part = seen(treated(original, tmp_path / "part.mp4", Treatment(cut=(0.3, 0.1), speed=Fraction(1))))
    assert fingerprint.distance(known.kept, part) < THRESHOLD


@pytest.mark.parametrize("seed", [1, 5, 9])
def test_other_content_is_far(known: Fingerprint, tmp_path: Path, seed: int) -> None:
    clips.render(tmp_path / "other.mp4", seed, 2.0, 90, 160, 12, sound=False)
    other = seen(tmp_path / "other.mp4")
    assert THRESHOLD < fingerprint.distance(known.kept, other) <= FAR


def test_black_and_very_short_clips_are_like_nothing(known: Fingerprint, tmp_path: Path) -> None:
    def black(_index: int, width: int, height: int) -> Picture:
        return np.zeros((height, width, 3), np.uint8)

    empty = seen(Film(picture=black, seconds=2, sound="").write(tmp_path / "black.mp4"))
    assert empty.moments == []
    short = Fingerprint(known.moments[:5])
    assert len(short.kept) == 2
    for one, other in ((empty, known), (known, empty), (short, known), (empty, empty)):
        assert fingerprint.distance(one.kept, other) == FAR


def test_less_than_half_beside_each_other_says_nothing() -> None:
    kept = {4 * place: place for place in range(10)}
    assert fingerprint.score(kept, {step: step // 4 for step in range(16)}) == 0
    beginning = {step: 0 if step < 8 else -1 for step in range(40)}  # two moments of it, and then something else
    assert fingerprint.score(dict.fromkeys(range(0, 40, 4), 0), beginning) == 64 * 3 / 5


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_the_bits_of_the_mirrored_picture_are_those_that_are_told(seed: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (32, 32))
    plain, mirrored = fingerprint.bits(grey)
    assert fingerprint.bits(grey[:, ::-1]) == (mirrored, plain)


@given(ANY_BITS)
def test_bands_are_keys_of_their_own_that_postgresql_can_hold(bits: int) -> None:
    found = fingerprint.bands(bits)
    assert [key >> fingerprint.BAND_BITS for key in found] == list(range(fingerprint.BANDS))
    assert all(0 <= key < 1 << 31 for key in found)


@given(ANY_BITS, st.integers(0, 63))
def test_one_bit_changes_few_bands(bits: int, flipped: int) -> None:
    other = int.from_bytes((bits ^ (1 << flipped if flipped < 63 else -1 << 63)).to_bytes(8, signed=True), signed=True)
    shared = set(fingerprint.bands(bits)) & set(fingerprint.bands(other))
    assert len(shared) >= fingerprint.BANDS * 2 // 3


def test_bands_are_the_same_for_ever() -> None:
    """They are in databases: whoever changes them must compute all of them anew."""
    assert fingerprint.bands(0x0123456789ABCDEF)[:2] == [640419, 1583325]
    assert fingerprint.bands(-1)[1] == (2 << fingerprint.BAND_BITS) - 1


def test_moments_cross_the_pipe_as_they_are() -> None:
    assert Moment(1, -(1 << 63), (1 << 63) - 1).bits < 0
