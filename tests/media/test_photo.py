"""Pictures from outside, as they come out of the file, and what is cut out of them."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from media import photo, poster
from media.errors import TooLargeFrame, Unreadable, Unsupported
from tests.media import stills
from tests.media.films import near, shows_quarters


@pytest.mark.parametrize(
    ("wanted", "cut"),
    [((90, 160), (68, 120)), ((60, 60), (60, 60)), ((160, 90), (160, 90)), ((1080, 1920), (68, 120)), ((1000, 1000), (120, 120))],
)
def test_the_middle_is_cut_out_and_never_enlarged(wanted: tuple[int, int], cut: tuple[int, int]) -> None:
    assert photo.covering(Image.new("RGB", (160, 120)), *wanted).size == cut


def test_what_is_transparent_shows_paper(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(tmp_path / "a.png")
    palette = Image.new("P", (40, 40), 0)
    palette.putpalette([255, 0, 0])
    palette.save(tmp_path / "b.png", transparency=0)
    for name in ("a.png", "b.png"):
        assert photo.decoded(str(tmp_path / name), 40).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "P", "LA", "RGB"])
def test_every_kind_of_png_is_red_green_and_blue(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (40, 30)).save(tmp_path / "a.png")
    found = photo.decoded(str(tmp_path / "a.png"), 40)
    assert (found.mode, found.size) == ("RGB", (40, 30))


def test_print_colours_can_be_shown(tmp_path: Path) -> None:
    Image.new("CMYK", (40, 30), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    red = photo.decoded(str(tmp_path / "a.jpg"), 40).getpixel((5, 5))
    assert isinstance(red, tuple)
    assert near(red, (255, 0, 0), 40)


def test_a_colour_profile_is_applied_and_nonsense_is_ignored(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name, words in {"a.jpg": profile, "b.jpg": b"nonsense" * 40, "c.jpg": profile[:300]}.items():
        picture = photo.decoded(str(stills.saved(tmp_path / name, quality=95, icc_profile=words)), 160)
        assert shows_quarters(np.asarray(picture))


def test_a_large_photo_is_decoded_no_larger_than_needed(tmp_path: Path) -> None:
    Image.new("RGB", (2000, 1600)).save(tmp_path / "a.jpg")
    assert photo.decoded(str(tmp_path / "a.jpg"), 400).size == (500, 400)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize("size", [(1, 1), (1, 4000)])
def test_specks_are_pictures_too(tmp_path: Path, suffix: str, size: tuple[int, int]) -> None:
    Image.new("RGB", size).save(tmp_path / f"a.{suffix}")
    speck = photo.decoded(str(tmp_path / f"a.{suffix}"), 40)
    written = poster.write(photo.covering(speck, 40, 40), tmp_path / "poster.jpg")
    assert (written.width, written.height) == (1, 1)


def test_a_bomb_is_judged_by_its_header(tmp_path: Path) -> None:
    for edge in (7100, 9500, 16_000):  # within what Pillow allows, where it warns, where it refuses
        with pytest.raises(TooLargeFrame):
            photo.decoded(str(stills.pixel_bomb(tmp_path / "a.png", edge)), 40)
    with pytest.raises(TooLargeFrame):
        photo.decoded(str(stills.large_webp(tmp_path / "a.webp")), 40)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_flipped_bytes_end_in_a_picture_or_a_refusal(tmp_path: Path, suffix: str) -> None:
    for seed in range(40):
        with suppress(Unreadable, Unsupported, TooLargeFrame):
            assert photo.decoded(str(stills.flipped(tmp_path / f"a.{suffix}", seed)), 160).mode == "RGB"
