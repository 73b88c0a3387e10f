"""Which uploads are shown as they are."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from media import standard
from media.facts import Probe
from media.probe import probe
from media.task import Task
from tests.media.films import Film, quiet

GROUPS = {"preset": "ultrafast", "g": "15", "sc_threshold": "0"}


def probed(path: Path, **film: Any) -> Probe:
    return probe(Task(input=str(Film(seconds=1.0, options=GROUPS, **film).write(path))), quiet)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Probe:
    return probed(tmp_path_factory.mktemp("usual") / "film.mp4")


def test_what_every_phone_plays_is_copied(usual: Probe) -> None:
    assert standard.copied(usual)
    assert standard.heard_as_it_is(usual)


@pytest.mark.parametrize(
    "film",
    [
        {"codec": "mpeg4", "options": {}},
        {"pixel_format": "yuv444p"},
        {"orientation": (0, 1, -1, 0)},
        {"aspect": Fraction(4, 3)},
        {"options": {"preset": "ultrafast", "g": "150", "sc_threshold": "0"}, "seconds": 4.5, "width": 64, "height": 48},
        {"colours": {"color_trc": 16, "color_primaries": 9, "colorspace": 9}},
    ],
    ids=["codec", "chroma", "turned", "anamorphic", "long groups", "HDR"],
)
def test_what_is_not_of_that_kind_is_encoded(tmp_path: Path, film: dict[str, Any]) -> None:
    path = Film(**{"seconds": 1.0, "options": GROUPS, **film}).write(tmp_path / "film.mp4")
    assert not standard.copied(probe(Task(input=str(path)), quiet))


def test_more_bits_than_people_can_stream_are_encoded(usual: Probe) -> None:
    picture = usual.picture
    assert not standard.copied(replace(usual, picture=replace(picture, bytes=picture.bytes * 100)))


def test_a_level_beyond_phones_is_encoded(usual: Probe) -> None:
    assert usual.picture.gops is not None
    groups = replace(usual.picture.gops, level=51)
    assert not standard.copied(replace(usual, picture=replace(usual.picture, gops=groups)))


@pytest.mark.parametrize(
    "change",
    [{"codec": "mp3float"}, {"profile": "HE-AAC"}, {"channels": 6}, {"sample_rate": 22_050}, {"start": 0.5}, {"end": 0.2}],
)
def test_other_sound_is_encoded_beside_copied_pictures(usual: Probe, change: dict[str, Any]) -> None:
    assert usual.sound is not None
    assert not standard.heard_as_it_is(replace(usual, sound=replace(usual.sound, **change)))
    assert not standard.heard_as_it_is(replace(usual, sound=None))


def test_slow_motion_is_encoded(tmp_path: Path) -> None:
    """A rendition of more than 60 pictures a second must not be listed (Apple's authoring specification, 1.19)."""
    for rate, copied in ((60, True), (120, False)):
        found = probed(tmp_path / f"{rate}.mp4", width=180, height=320, rate=rate)
        assert standard.copied(found) == copied, rate
