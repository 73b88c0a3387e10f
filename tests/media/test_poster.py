"""The still that is chosen, and its hash."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from media import thumbhash
from media.poster import PosterPicker, score
from tests.media.films import Picture, quarters


def frame(pixels: Picture) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="yuv420p", dst_colorspace=1)


def black(width: int = 96, height: int = 160) -> Picture:
    return np.zeros((height, width, 3), np.uint8)


def test_the_still_is_neither_black_nor_flat(tmp_path: Path) -> None:
    picker = PosterPicker(60, (96, 160))
    for index in range(60):
        if picker.wants(index):
            picker.see(frame(quarters(index, 96, 160) if 30 <= index < 40 else black()))
    poster = picker.write(tmp_path / "poster.jpg")
    assert (poster.width, poster.height, poster.name) == (96, 160, "poster.jpg")
    with Image.open(tmp_path / "poster.jpg") as picture:
        assert picture.size == (96, 160)
        assert np.asarray(picture).mean() > 60
        assert not picture.getexif()


def test_a_black_clip_has_a_still_too(tmp_path: Path) -> None:
    picker = PosterPicker(1, (96, 160))
    picker.see(frame(black()))
    assert picker.write(tmp_path / "poster.jpg").thumbhash


def test_sharp_goes_before_blurred() -> None:
    sharp = np.tile(np.repeat([60.0, 180.0], 4), (80, 10))
    blurred = np.tile(120 + 60 * np.sin(np.linspace(0, 20 * np.pi, 80)), (80, 1))
    assert score(sharp) > score(blurred) > score(np.full((80, 80), 118.0)) == 0


def test_a_hash_tells_the_mean_colour_and_the_shape() -> None:
    pixels = np.zeros((100, 56, 3), np.uint8)
    pixels[...] = (200, 100, 50)
    code = thumbhash.encode(pixels)
    head = int.from_bytes(code[:3], "little")
    luma, p, q = (head & 63) / 63, ((head >> 6 & 63) - 31.5) / 31.5, ((head >> 12 & 63) - 31.5) / 31.5
    blue = luma - 2 / 3 * p
    red = (3 * luma - blue + q) / 2
    assert [round(value * 255) for value in (red, red - q, blue)] == pytest.approx([200, 100, 50], abs=12)
    shape = int.from_bytes(code[3:5], "little")
    assert (shape & 7, shape >> 15) == (round(7 * 56 / 100), 0)
    assert len(code) <= 30


def test_a_hash_as_the_reference_encoder_makes_it() -> None:
    """Two halves, black and white: computed by hand from the published algorithm, the first luma term is the scale."""
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:, 16:] = 255
    code = thumbhash.encode(pixels)
    head = int.from_bytes(code[:3], "little")
    assert (head & 63, head >> 18 & 31) == (round(63 * 0.5), round(31 * 0.3186))
    assert code[5] & 15 == 0  # the lowest frequency across is the largest, and negative: dark on the left
