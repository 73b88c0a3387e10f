"""Posters that somebody chose, made by a child: moments of the clip, pictures from outside, and attacks."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media import cover, limits
from media.errors import MediaError, TooLargeFrame, Unreadable, Unsupported
from media.limits import MAX_PHOTO_BYTES
from media.manifest import Still
from media.pool import Pool
from tests.media import stills
from tests.media.films import Film, Picture, corner, near, quiet, shows_quarters

SECONDS = ((200, 40, 40), (40, 180, 60), (50, 70, 210))


def a_colour_a_second(index: int, width: int, height: int) -> Picture:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[...] = SECONDS[index // 10]
    return picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "folder"
    found.mkdir()
    return found


def photo(source: Path, folder: Path, width: int = 90, height: int = 160) -> cover.Photo:
    return cover.Photo(input=str(source), folder=str(folder), width=width, height=height)


def seen(folder: Path, still: Still) -> Picture:
    """The poster, which is listed as it is and has nothing in it but its picture."""
    [file], path = still.files, folder / still.poster.name
    data = path.read_bytes()
    assert (file.name, file.kind, file.content_type) == (still.poster.name, "poster", "image/jpeg")
    assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    with Image.open(path) as picture:
        assert picture.size == (still.poster.width, still.poster.height)
        assert not picture.getexif()
        assert not {"icc_profile", "exif", "comment", "xmp"} & picture.info.keys()
        return np.asarray(picture.convert("RGB"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    film = Film(picture=a_colour_a_second, seconds=3, rate=10, width=96, height=160)
    return film.write(tmp_path_factory.mktemp("cover") / "360.mp4")


async def test_a_moment_becomes_the_poster(pool: Pool, folder: Path, film: Path) -> None:
    request = cover.Moment(input=str(film), folder=str(folder), at_ms=1500, name="poster-2.jpg")
    still = await pool.run(cover.poster_at, request, limits=limits.STILL)
    assert (still.poster.name, still.poster.width, still.poster.height) == ("poster-2.jpg", 96, 160)
    assert near(corner(seen(folder, still), 0, 0), SECONDS[1])
    assert still.poster.thumbhash


@pytest.mark.parametrize(("at_ms", "shown"), [(0, 0), (950, 0), (1000, 1), (1999, 1), (2000, 2), (2999, 2), (90_000, 2)])
def test_the_picture_is_the_one_that_is_shown_then(folder: Path, film: Path, at_ms: int, shown: int) -> None:
    still = cover.poster_at(cover.Moment(input=str(film), folder=str(folder), at_ms=at_ms), quiet)
    assert near(corner(seen(folder, still), 0, 0), SECONDS[shown])


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
async def test_a_picture_from_outside_becomes_the_poster(pool: Pool, tmp_path: Path, folder: Path, suffix: str) -> None:
    source = stills.saved(tmp_path / f"upload.{suffix}").rename(tmp_path / "upload")
    still = await pool.run(cover.poster_from, photo(source, folder, 60, 60), limits=limits.STILL)
    picture = seen(folder, still)
    assert picture.shape == (60, 60, 3)
    assert shows_quarters(picture)


async def test_a_photo_is_put_upright_and_keeps_no_secrets(pool: Pool, tmp_path: Path, folder: Path) -> None:
    request = photo(stills.turned(tmp_path / "upload.jpg"), folder)
    still = await pool.run(cover.poster_from, request, limits=limits.STILL)
    picture = seen(folder, still)
    assert picture.shape == (160, 90, 3)
    assert shows_quarters(picture)
    assert b"ecret" not in (folder / still.poster.name).read_bytes()


async def test_a_second_picture_behind_the_photo_is_not_looked_at(pool: Pool, tmp_path: Path, folder: Path) -> None:
    request = photo(stills.double(tmp_path / "upload.jpg"), folder, 160, 120)
    picture = seen(folder, await pool.run(cover.poster_from, request, limits=limits.STILL))
    assert picture.shape == (120, 160, 3)
    assert shows_quarters(picture)


ATTACKS: dict[str, tuple[Callable[[Path], Path], type[MediaError]]] = {
    "bomb": (stills.pixel_bomb, TooLargeFrame),
    "truncated.jpg": (stills.truncated, Unreadable),
    "picture.svg": (stills.svg, Unreadable),
    "picture.gif": (stills.saved, Unreadable),
    "picture.tiff": (stills.saved, Unreadable),
    "archive.png": (stills.archive, Unreadable),
    "empty.jpg": (stills.empty, Unreadable),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_attacks_are_refused(pool: Pool, tmp_path: Path, folder: Path, name: str) -> None:
    write, refusal = ATTACKS[name]
    await stills.require_refused(pool, cover.poster_from, photo(write(tmp_path / name), folder), refusal)


def test_more_bytes_than_a_photo_has_are_not_even_opened(tmp_path: Path, folder: Path) -> None:
    source = stills.saved(tmp_path / "upload.jpg")
    with source.open("ab") as file:
        file.truncate(MAX_PHOTO_BYTES + 1)
    with pytest.raises(Unsupported, match="bytes"):
        cover.poster_from(photo(source, folder), quiet)
