"""The clips that nobody had to film."""

from pathlib import Path

import numpy as np
import pytest

from media import clips
from media.canvas import Canvas
from media.scenes import SCENES, Scene
from media.tunes import RATE, tune
from tests.media.films import decoded, samples


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.title)
def test_a_scene_ends_where_it_began_and_moves_between(scene: Scene) -> None:
    paint = scene.prepare(Canvas(54, 96, seed=3))
    first, middle, last = (np.clip(paint(phase), 0, 1) for phase in (0.0, 0.4, 1.0))
    assert first.shape == (96, 54, 3)
    assert np.isfinite(first).all()
    assert np.abs(first - last).max() < 0.02
    assert np.abs(first - middle).mean() > 0.002
    assert first.std() > 0.05


def test_scenes_have_names_of_their_own() -> None:
    assert len({scene.title for scene in SCENES}) == len(SCENES) >= 12
    assert clips.scene(1) is not clips.scene(2)


def test_a_clip_is_a_film_with_sound_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    one, other = tmp_path / "one.mp4", tmp_path / "other.mp4"
    shown = clips.render(one, 4, seconds=0.5, width=90, height=160)
    assert shown is clips.render(other, 4, seconds=0.5, width=90, height=160) is clips.scene(4)
    pictures = decoded(one)
    assert (len(pictures), pictures[0].width, pictures[0].height) == (15, 90, 160)
    assert samples(one).shape[1] / RATE == pytest.approx(0.5, abs=0.05)
    assert np.array_equal(samples(one), samples(other))
    first, again = (film[-1].to_ndarray().astype(int) for film in (pictures, decoded(other)))
    assert np.abs(first - again).mean() < 2  # the encoder is not the same to the last bit


def test_a_still_is_square_and_the_same_for_the_same_seed() -> None:
    picture = clips.still(4, 48)
    assert picture.shape == (48, 48, 3)
    assert picture.std() > 10
    assert np.array_equal(picture, clips.still(4, 48))
    assert not np.array_equal(picture, clips.still(5, 48))


def test_a_tune_is_soft_and_loops() -> None:
    heard = tune(7, 3.0)
    assert heard.shape == (2, 3 * RATE)
    assert np.abs(heard).max() < 0.85
    assert 0.05 < np.sqrt((heard**2).mean()) < 0.2
    assert np.abs(heard[:, 0] - heard[:, -1]).max() < 0.1
    assert not np.array_equal(heard, tune(8, 3.0))
