"""Colours brought to BT.709, by values that are known."""

from pathlib import Path

import numpy as np
import pytest

from media import colour
from media.colour import BT709, BT2020, HLG, P3, PQ, to_709
from tests.media.films import Film
from tests.media.test_probe import probed


def grey(code: float, transfer: int) -> float:
    red, green, blue = to_709(np.array([[code, code, code]]), transfer, BT2020)[0]
    assert red == pytest.approx(green, abs=0.003)
    assert green == pytest.approx(blue, abs=0.003)
    return float(red)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_greys_stay_grey_and_in_their_order(transfer: int) -> None:
    steps = [grey(code, transfer) for code in np.linspace(0, 0.75, 16)]
    assert steps == sorted(steps)
    assert steps[0] == pytest.approx(0, abs=0.01)


def test_white_of_a_page_is_bright_and_highlights_still_differ() -> None:
    assert 0.8 < grey(0.5807, PQ) < 0.95  # 203 nits
    assert grey(0.5807, PQ) < grey(0.65, PQ) < grey(0.72, PQ) <= 1
    assert 0.75 < grey(0.75, HLG) < 1


def test_a_colour_outside_keeps_its_hue() -> None:
    red, green, blue = to_709(np.array([[0.6, 0.1, 0.1]]), PQ, BT2020)[0]
    assert red > 2 * max(green, blue)
    assert min(green, blue) >= 0


def test_wide_gamut_without_hdr_keeps_greys() -> None:
    assert to_709(np.array([[0.5, 0.5, 0.5]]), BT709, P3[1])[0] == pytest.approx([0.5, 0.5, 0.5], abs=0.01)


def test_ordinary_pictures_need_no_table(tmp_path: Path) -> None:
    picture = probed(Film(sound="", seconds=0.1).write(tmp_path / "film.mp4")).picture
    assert not colour.needs_table(picture)
    assert colour.matrix_name(picture) == "bt601"  # unmarked and small


def test_the_table_is_a_cube_that_libavfilter_reads(tmp_path: Path) -> None:
    film = Film(sound="", seconds=0.1, colours={"color_trc": PQ, "color_primaries": BT2020, "colorspace": 9})
    picture = probed(film.write(tmp_path / "film.mp4")).picture
    assert colour.needs_table(picture)
    colour.write_table(picture, tmp_path / "table.cube")
    lines = (tmp_path / "table.cube").read_text().splitlines()
    assert lines[0] == "LUT_3D_SIZE 33"
    assert len(lines) == 1 + 33**3
    assert all(float(value) <= 1 for value in lines[-1].split())
