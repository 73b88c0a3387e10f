"""Closed groups of pictures, found in packets alone."""

from pathlib import Path

import pytest

from media import gops, opening
from media.gops import Gops
from tests.media.films import Film

FIXED = {"preset": "ultrafast", "g": "15", "sc_threshold": "0"}


def found(path: Path, step: float = 1 / 30) -> Gops | None:
    with opening.opened(str(path)) as container:
        return gops.closed(container, container.streams.video[0], step)


@pytest.mark.parametrize("bframes", [0, 3])
def test_fixed_closed_groups_are_found(tmp_path: Path, bframes: int) -> None:
    groups = found(Film(seconds=1.2, sound="", options={**FIXED, "bf": str(bframes)}).write(tmp_path / "film.mp4"))
    assert groups is not None
    assert groups.starts == pytest.approx((0, 0.5, 1.0), abs=0.001)
    assert groups.longest == pytest.approx(0.5, abs=0.001)
    assert 10 <= groups.level <= 42


def test_open_groups_are_none(tmp_path: Path) -> None:
    options = {"preset": "medium", "x264-params": "keyint=15:min-keyint=15:open-gop=1:bframes=3:b-adapt=0:scenecut=0"}
    assert found(Film(seconds=1.2, sound="", options=options).write(tmp_path / "film.mp4")) is None


def test_intra_refresh_has_no_groups_to_cut_at(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x264-params": "keyint=15:intra-refresh=1"}
    groups = found(Film(seconds=1.2, sound="", options=options).write(tmp_path / "film.mp4"))
    assert groups is None or groups.longest == pytest.approx(1.2, abs=0.01)


def test_uneven_times_are_no_constant_rate(tmp_path: Path) -> None:
    times = [0, 1 / 30, 2 / 30, 8 / 30, 9 / 30]
    assert found(Film(times=times, sound="", options=FIXED).write(tmp_path / "film.mp4")) is None


def test_pictures_that_are_hidden_stay_hidden(tmp_path: Path) -> None:
    path = Film(seconds=1.0, sound="", options={**FIXED, "bf": "0"}).write(tmp_path / "film.mp4")
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 12
    data[at + 4 : at + 8] = (int.from_bytes(data[at + 4 : at + 8]) + 1000).to_bytes(4)
    path.write_bytes(data)
    assert found(path) is None
