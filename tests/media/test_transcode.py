"""Pictures upright, square, even, in the right colours and at the right moment, whatever they were."""

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image

from media import steps as both
from media.colour import BT2020, HLG, PQ, to_709
from media.errors import Unreadable
from media.orientation import FILTERS, Signs
from tests.media import interlaced
from tests.media.films import QUARTERS, Film, Picture, corner, decoded, near, quiet, rgb, samples, shows_quarters
from tests.media.hostile import wrecked
from tests.media.made import first_of, ladder_of, request_for


def upright(orientation: Signs) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Which colour each corner must show: each quarter's place under the matrix (ISO/IEC 14496-12, 6.2.2)."""
    a, b, c, d = orientation
    shown = {}
    for (right, lower), colour in QUARTERS.items():
        x, y = 2 * right - 1, 2 * lower - 1
        shown[(a * x + c * y > 0, b * x + d * y > 0)] = colour
    return {(int(right), int(lower)): colour for (right, lower), colour in shown.items()}


@pytest.mark.parametrize("orientation", FILTERS, ids=str)
def test_every_display_matrix_ends_upright(tmp_path: Path, orientation: Signs) -> None:
    film = Film(orientation=orientation, seconds=0.1, sound="")
    first, folder = first_of(film.write(tmp_path / "film.mp4"))
    turned = orientation[0] == 0
    size = (96, 128) if turned else (128, 96)
    assert (first.width, first.height) == (first.mp4.width, first.mp4.height) == size
    picture = decoded(folder / first.mp4.name)[0]
    with Image.open(folder / first.poster.name) as poster:
        stills = [rgb(picture), np.asarray(poster)]
    for still in stills:
        assert (still.shape[1], still.shape[0]) == size
        for (right, lower), colour in upright(orientation).items():
            assert near(corner(still, right, lower), colour), (right, lower)


@pytest.mark.parametrize(
    ("width", "height", "aspect", "size"),
    [
        (101, 77, None, (100, 76)),
        (128, 96, Fraction(2), (256, 96)),
        (128, 96, Fraction(1, 2), (128, 192)),
        (128, 96, Fraction(1, 4000), (128, 96)),
    ],
)
def test_sizes_become_even_and_pixels_square(
    tmp_path: Path, width: int, height: int, aspect: Fraction | None, size: tuple[int, int]
) -> None:
    film = Film(width=width, height=height, aspect=aspect, pixel_format="yuv444p", seconds=0.1, sound="")
    first, folder = first_of(film.write(tmp_path / "film.mp4"))
    picture = decoded(folder / first.mp4.name)[0]
    assert (picture.width, picture.height, picture.format.name) == (*size, "yuv420p")
    assert shows_quarters(rgb(picture), 24)


MARKS: dict[str, dict[str, int]] = {
    "unmarked and small": {},
    "BT.601": {"colorspace": 5, "color_primaries": 5, "color_trc": 6},
    "BT.709": {"colorspace": 1, "color_primaries": 1, "color_trc": 1},
}


@pytest.mark.parametrize("marks", MARKS)
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p10le"])
def test_colours_are_kept(tmp_path: Path, marks: str, pixel_format: str) -> None:
    film = Film(colours=MARKS[marks], pixel_format=pixel_format, seconds=0.1, sound="")
    first, folder = first_of(film.write(tmp_path / "film.mp4"))
    picture = decoded(folder / first.mp4.name)[0]
    assert (picture.format.name, picture.colorspace, picture.color_primaries, picture.color_trc) == ("yuv420p", 1, 1, 1)
    assert picture.color_range == 1
    assert shows_quarters(rgb(picture), 10)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_high_dynamic_range_is_mapped_and_not_washed_out(tmp_path: Path, transfer: int) -> None:
    marks = {"colorspace": 9, "color_primaries": BT2020, "color_trc": transfer}
    film = Film(colours=marks, pixel_format="yuv420p10le", seconds=0.1, sound="")
    first, folder = first_of(film.write(tmp_path / "film.mp4"))
    picture = decoded(folder / first.mp4.name)[0]
    assert (picture.format.name, picture.colorspace, picture.color_primaries, picture.color_trc) == ("yuv420p", 1, 1, 1)
    for place, colour in QUARTERS.items():
        wanted = to_709(np.array([colour]) / 255, transfer, BT2020)[0] * 255
        assert near(corner(rgb(picture), *place), wanted, 16), place


def test_interlaced_pictures_lose_their_comb_and_no_line(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "crf": "5", "x264-params": "bff=1"}
    film = Film(picture=interlaced.woven, options=options, sound="", seconds=0.2, pixel_format="yuv422p")
    first, folder = first_of(film.write(tmp_path / "film.mp4"))
    shown = decoded(folder / first.mp4.name)
    assert len(shown) == 6
    for index, frame in enumerate(shown):
        seen, wanted = rgb(frame), interlaced.scene(2 * index, film.width, film.height)
        assert interlaced.comb(seen.mean(axis=2)) < 40
        assert interlaced.likeness(interlaced.still(seen), interlaced.still(wanted)) > 25
        assert interlaced.likeness(interlaced.moving(seen), interlaced.moving(wanted)) > 25


def steps(index: int, width: int, height: int) -> Picture:
    """A grey that tells its picture's number."""
    return np.full((height, width, 3), 30 + 6 * index, np.uint8)


def numbers(path: Path) -> list[int]:
    return [round((float(rgb(frame).mean()) - 30) / 6) for frame in decoded(path)]


def test_variable_rate_becomes_constant_without_drift(tmp_path: Path) -> None:
    times = [0, 1 / 30, 2 / 30, 10 / 30, 11 / 30, 11.3 / 30, 12 / 30, 13 / 30]
    first, folder = first_of(Film(times=times, picture=steps, sound="").write(tmp_path / "film.mp4"))
    assert numbers(folder / first.mp4.name) == [0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 5, 6, 7]


def test_at_most_sixty_pictures_a_second(tmp_path: Path) -> None:
    film = Film(rate=240, seconds=0.15, picture=steps, sound="")
    first, folder = first_of(film.write(tmp_path / "film.mp4"))
    assert numbers(folder / first.mp4.name) == pytest.approx([0, 4, 8, 12, 16, 20, 24, 28, 32], abs=2)


def test_what_an_edit_list_hides_is_not_shown(tmp_path: Path) -> None:
    film = Film(picture=steps, seconds=0.8, options={"preset": "ultrafast", "g": "60", "bf": "0"})
    path = film.write(tmp_path / "film.mp4")
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 4 + 8  # the first entry: duration in the movie's units (1/1000 s), media time in the track's
    duration, begin = struct.unpack_from(">Ii", data, at)
    struct.pack_into(">Ii", data, at, duration - 300, begin + 15360 * 3 // 10)
    path.write_bytes(data)
    first, folder = first_of(path)
    shown = numbers(folder / first.mp4.name)
    assert shown[0] == 9
    assert shown[:15] == list(range(9, 24))


def onset(heard: NDArray[np.floating[Any]]) -> float:
    """When the sound begins, in seconds."""
    return float(np.argmax(np.abs(heard[0]) > 0.05)) / 48_000


@pytest.mark.parametrize("late", [0.0, 0.2])
def test_sound_stays_with_its_pictures(tmp_path: Path, late: float) -> None:
    first, folder = first_of(Film(sound_from=late, seconds=0.8, muxing={}).write(tmp_path / "film.mkv"))
    heard = samples(folder / first.mp4.name)
    assert onset(heard) == pytest.approx(late, abs=0.05)
    assert heard.shape[1] / 48_000 == pytest.approx(first.seconds, abs=0.05)


@pytest.mark.parametrize(("layout", "rate"), [("mono", 64_000), ("stereo", 96_000), ("5.1", 96_000)])
def test_any_number_of_channels_becomes_two(tmp_path: Path, layout: str, rate: int) -> None:
    rest, folder = ladder_of(Film(layout=layout, seconds=0.5).write(tmp_path / "film.mp4"))
    assert rest.audio is not None
    heard = samples(folder / rest.audio.track)
    assert heard.shape[0] == 2
    assert np.sqrt((heard**2).mean()) > 0.02
    assert rest.audio.average_bandwidth < rate * 1.3


def test_sound_longer_than_the_pictures_ends_with_them(tmp_path: Path) -> None:
    film = Film(times=[index / 30 for index in range(10)], seconds=2.0)
    first, folder = first_of(film.write(tmp_path / "film.mp4"))
    assert first.seconds == pytest.approx(1 / 3, abs=0.04)
    assert samples(folder / first.mp4.name).shape[1] / 48_000 == pytest.approx(first.seconds, abs=0.05)


def test_pictures_that_do_not_decode_are_refused(tmp_path: Path) -> None:
    path = Film(sound="", seconds=0.5).write(tmp_path / "film.mp4")
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for place, size in places[1:]:
        assert place is not None
        data[place + 4 : place + size] = b"\xff" * (size - 4)
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="damaged"):
        first_of(path)


def test_what_is_copied_is_refused_by_the_ladder_for_the_damage_for_which_it_would_not_be_encoded(tmp_path: Path) -> None:
    path = wrecked(tmp_path / "film.mp4")
    request = request_for(path, copied=True)
    first = both.first_source(request, quiet)
    assert first.copied, "nobody has looked at most of its pictures"
    for refused in (lambda: both.ladder_rest(replace(request, first=first), quiet), lambda: first_of(path)):
        with pytest.raises(Unreadable, match="most of its pictures are damaged") as error:
            refused()
        assert not error.value.retry


def test_what_is_decoded_roughly_looks_the_same_at_half_the_size(tmp_path: Path) -> None:
    options = {"preset": "medium", "g": "30", "crf": "38"}  # so few bits that the loop filter has much to do
    source = Film(sound="", seconds=0.5, width=720, height=1280, options=options).write(tmp_path / "film.mp4")
    first, folder = first_of(source)
    assert first.mp4.width == 360
    for shown, whole in zip(decoded(folder / first.mp4.name), decoded(source), strict=True):
        expected = rgb(whole.reformat(360, 640, interpolation="AREA")).astype(int)
        assert np.abs(rgb(shown).astype(int) - expected).mean() < 4
