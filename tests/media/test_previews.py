"""The moving preview and the storyboard, made by a child and looked at as a player does."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media import limits, previews, storyboard
from media.errors import Internal, NoVideo
from media.manifest import Pictures
from media.pool import Pool
from media.task import Task
from tests.media.films import QUARTERS, Film, Picture, corner, near, quarters, quiet, shows_quarters
from tests.media.hostile import sound_with_cover

LIVELY = (6.0, 9.5)


def mostly_still(index: int, width: int, height: int) -> Picture:
    """Ten pictures a second; something happens between six and nine and a half seconds only."""
    moving = LIVELY[0] <= index / 10 < LIVELY[1]
    return quarters(index * 5 if moving else 0, width, height)


def noise(index: int, width: int, height: int) -> Picture:
    """What no encoder can make small."""
    return np.random.default_rng(index % 5).integers(0, 2, (height, width, 3), dtype=np.uint8) * 255


def work(tmp_path: Path, film: Film) -> Task:
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    return Task(input=str(film.write(folder / "360.mp4")), folder=str(folder))


@pytest.fixture(scope="module")
async def made(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> tuple[Pictures, Path]:
    """Twelve seconds of an upright clip, through a child."""
    task = work(tmp_path_factory.mktemp("previews"), Film(picture=mostly_still, seconds=12, width=360, height=640, rate=10))
    return await pool.run(previews.pictures, task, limits=limits.PICTURES), Path(task.folder)


def test_the_preview_shows_three_lively_seconds(made: tuple[Pictures, Path]) -> None:
    preview = made[0].preview
    assert LIVELY[0] - 0.2 <= preview.starts_ms / 1000 <= LIVELY[1] - 3 + 0.2
    with Image.open(made[1] / preview.name) as picture:
        assert (picture.format, picture.size) == ("WEBP", (preview.width, preview.height)) == ("WEBP", (180, 320))
        assert picture.n_frames == preview.frames == 24  # type: ignore[attr-defined]
        picture.load()
        assert picture.info["duration"] == 125
        assert picture.info["loop"] == 0
        assert not picture.getexif()
        assert not {"icc_profile", "exif", "xmp"} & picture.info.keys()
        assert near(corner(np.asarray(picture.convert("RGB")), 0, 0), QUARTERS[0, 0], 40)
    assert preview.bytes == (made[1] / preview.name).stat().st_size <= previews.MOST_PREVIEW_BYTES


def test_the_storyboard_has_a_tile_for_each_second(made: tuple[Pictures, Path]) -> None:
    board = made[0].storyboard
    assert (board.tile_width, board.tile_height, board.tiles, board.columns) == (90, 160, 12, 10)
    assert (board.interval_ms, board.ends_ms) == (1000, 12_000)
    with Image.open(made[1] / board.name) as picture:
        assert (picture.format, picture.size) == ("JPEG", (900, 320))
        assert not picture.getexif()
        for x, y in storyboard.places(board):
            tile = np.asarray(picture.crop((x, y, x + 90, y + 160)))
            assert shows_quarters(tile)


def test_the_cues_are_those_of_the_storyboard(made: tuple[Pictures, Path]) -> None:
    found, folder = made
    assert (folder / found.storyboard.cues).read_text() == storyboard.cues(found.storyboard)


def test_every_file_is_listed_as_it_is(made: tuple[Pictures, Path]) -> None:
    found, folder = made
    kinds = {file.kind: (file.content_type, file.name) for file in found.files}
    assert kinds == {
        "preview": ("image/webp", "preview.webp"),
        "storyboard": ("image/jpeg", "storyboard.jpg"),
        "storyboard_cues": ("text/vtt", "storyboard.vtt"),
    }
    for file in found.files:
        data = (folder / file.name).read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_single_picture_is_enough(tmp_path: Path) -> None:
    found = previews.pictures(work(tmp_path, Film(seconds=1 / 30, sound="")), quiet)
    assert (found.preview.frames, found.preview.starts_ms, found.storyboard.tiles) == (1, 0, 1)
    assert found.storyboard.ends_ms > 0


def test_a_wide_clip_keeps_its_shape(tmp_path: Path) -> None:
    found = previews.pictures(work(tmp_path, Film(width=640, height=360, seconds=0.5)), quiet)
    assert (found.preview.width, found.preview.height) == (320, 180)
    assert (found.storyboard.tile_width, found.storyboard.tile_height) == (160, 90)


def test_a_small_clip_is_not_enlarged(tmp_path: Path) -> None:
    found = previews.pictures(work(tmp_path, Film(width=64, height=96, seconds=0.2)), quiet)
    assert (found.preview.width, found.preview.height) == (64, 96)
    assert (found.storyboard.tile_width, found.storyboard.tile_height) == (64, 96)


def test_noise_stays_small(tmp_path: Path) -> None:
    film = Film(picture=noise, width=320, height=320, seconds=3.2, rate=10, options={"preset": "ultrafast", "crf": "1"})
    found = previews.pictures(work(tmp_path, film), quiet)
    assert found.preview.bytes <= previews.MOST_PREVIEW_BYTES
    with Image.open(tmp_path / "folder" / found.preview.name) as picture:
        assert picture.size == (found.preview.width, found.preview.height)


def test_what_cannot_be_made_small_is_no_preview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST_PREVIEW_BYTES", 10)
    with pytest.raises(Internal, match="stays above 10 bytes"):
        previews.pictures(work(tmp_path, Film(seconds=0.1)), quiet)


def test_sound_alone_has_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(NoVideo):
        previews.pictures(Task(input=str(sound_with_cover(tmp_path / "song.mp4")), folder=str(tmp_path)), quiet)
