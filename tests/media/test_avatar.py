"""What accounts show of themselves: square, in some sizes, with nothing in it but pixels."""

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media import avatar, limits
from media.errors import MediaError, TooLargeFrame, Unreadable, Unsupported
from media.pool import Pool
from tests.media import stills
from tests.media.films import shows_quarters


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[Pool]:
    async with Pool(processes=1) as pool:
        yield pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def sent(source: Path, folder: Path) -> avatar.Sent:
    return avatar.Sent(input=str(source), folder=str(folder), name="abc-1", edges=[48, 100])


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
async def test_the_middle_of_a_picture_in_each_size(pool: Pool, tmp_path: Path, folder: Path, suffix: str) -> None:
    source = stills.saved(tmp_path / f"upload.{suffix}").rename(tmp_path / "upload")
    portrait = await pool.run(avatar.portrait, sent(source, folder), limits=limits.STILL)
    for file, edge in zip(portrait.files, (48, 100), strict=True):
        data = (folder / file.name).read_bytes()
        assert (file.name, file.content_type) == (f"abc-1-{edge}.jpg", "image/jpeg")
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        with Image.open(folder / file.name) as picture:
            assert picture.size == (edge, edge)
            shown = np.asarray(picture.convert("RGB"))
        assert shows_quarters(shown)


async def test_the_same_picture_gives_the_same_bytes_upright_and_without_secrets(
    pool: Pool, tmp_path: Path, folder: Path
) -> None:
    source = stills.turned(tmp_path / "upload.jpg")
    once = await pool.run(avatar.portrait, sent(source, folder), limits=limits.STILL)
    again = await pool.run(avatar.portrait, sent(source, folder), limits=limits.STILL)
    assert once == again
    path = folder / once.files[-1].name
    assert b"ecret" not in path.read_bytes()
    with Image.open(path) as picture:
        assert not picture.getexif()
        assert not {"icc_profile", "exif", "comment", "xmp"} & picture.info.keys()
        shown = np.asarray(picture.convert("RGB"))
    assert shows_quarters(shown)


async def test_a_second_picture_behind_a_photo_is_not_looked_at(pool: Pool, tmp_path: Path, folder: Path) -> None:
    source = stills.double(tmp_path / "upload.jpg")
    assert len((await pool.run(avatar.portrait, sent(source, folder), limits=limits.STILL)).files) == 2


def bomb(path: Path) -> Path:
    return stills.pixel_bomb(path, 30_000)


ATTACKS: dict[str, tuple[Callable[[Path], Path], type[MediaError]]] = {
    "bomb": (bomb, TooLargeFrame),
    "large.webp": (stills.large_webp, TooLargeFrame),
    "truncated.jpg": (stills.truncated, Unreadable),
    "picture.svg": (stills.svg, Unreadable),
    "picture.gif": (stills.saved, Unreadable),
    "moving.webp": (stills.moving, Unsupported),
    "moving.png": (stills.moving, Unsupported),
    "empty.jpg": (stills.empty, Unreadable),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_attacks_are_refused(pool: Pool, tmp_path: Path, folder: Path, name: str) -> None:
    write, refusal = ATTACKS[name]
    await stills.require_refused(pool, avatar.portrait, sent(write(tmp_path / name), folder), refusal)
