"""What the probe finds out, by films whose facts are known."""

from fractions import Fraction
from pathlib import Path

import pytest

from media.errors import Unsupported
from media.facts import Probe
from media.probe import constant_rate, probe
from media.task import Task
from tests.media.films import UPRIGHT, Film, patched, quiet


def probed(path: Path) -> Probe:
    return probe(Task(input=str(path)), quiet)


def test_an_ordinary_film(tmp_path: Path) -> None:
    found = probed(Film(seconds=1.5).write(tmp_path / "film.mp4"))
    picture, sound = found.picture, found.sound
    assert (picture.width, picture.height, picture.rate, picture.frames) == (128, 96, Fraction(30), 45)
    assert (picture.codec, picture.orientation, picture.interlaced) == ("h264", UPRIGHT, False)
    assert found.seconds == pytest.approx(1.5, abs=0.03)
    assert sound is not None
    assert (sound.codec, sound.channels, sound.sample_rate) == ("aac", 2, 48_000)


def test_a_silent_film(tmp_path: Path) -> None:
    assert probed(Film(sound="", seconds=0.2).write(tmp_path / "film.mp4")).sound is None


def test_sound_as_the_first_stream(tmp_path: Path) -> None:
    found = probed(Film(sound_first=True, seconds=0.2).write(tmp_path / "film.mp4"))
    assert (found.picture.stream, found.sound and found.sound.stream) == (1, 0)


@pytest.mark.parametrize(
    ("codec", "suffix", "pixel_format", "sound"),
    [
        ("libvpx", "webm", "yuv420p", "libopus"),
        ("libvpx-vp9", "webm", "yuv444p", ""),
        ("mjpeg", "mov", "yuvj420p", ""),
        ("prores_ks", "mov", "yuv422p10le", ""),
        ("libx265", "mp4", "yuv420p10le", ""),
        ("mpeg4", "mkv", "yuv420p", "ac3"),
    ],
)
def test_codecs_of_phones_and_cameras(tmp_path: Path, codec: str, suffix: str, pixel_format: str, sound: str) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    film = Film(codec=codec, pixel_format=pixel_format, sound=sound, options=options, muxing={}, seconds=0.4)
    found = probed(film.write(tmp_path / f"film.{suffix}"))
    assert (found.picture.width, found.picture.height, found.picture.frames) == (128, 96, 12)
    assert found.picture.rate == 30


def test_a_codec_outside_the_list(tmp_path: Path) -> None:
    path = Film(codec="png", pixel_format="rgb24", options={}, sound="", muxing={}, seconds=0.1).write(tmp_path / "film.mov")
    with pytest.raises(Unsupported, match="codec"):
        probed(path)


def test_too_small_to_show(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="8x8"):
        probed(Film(width=8, height=8, sound="", seconds=0.1).write(tmp_path / "film.mp4"))


def test_a_phone_held_upright(tmp_path: Path) -> None:
    found = probed(Film(orientation=(0, 1, -1, 0), sound="", seconds=0.1).write(tmp_path / "film.mp4")).picture
    assert (found.width, found.height, found.coded_width, found.coded_height) == (96, 128, 128, 96)


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    found = probed(Film(aspect=Fraction(4, 3), sound="", seconds=0.1).write(tmp_path / "film.mp4")).picture
    assert (found.width, found.height) == (171, 96)


def test_the_header_lies_about_size_and_length(tmp_path: Path) -> None:
    path = Film(seconds=0.5).write(tmp_path / "film.mp4")
    patched(path, b"mvhd", 16, 0x7FFFFFFF)
    patched(path, b"mdhd", 16, 0x7FFFFFFF)
    patched(path, b"avc1", 24, 0xFFFFFFFF)
    found = probed(path)
    assert found.seconds == pytest.approx(0.5, abs=0.03)
    assert (found.picture.width, found.picture.height) == (128, 96)


def test_variable_rate_is_the_usual_distance_of_pictures(tmp_path: Path) -> None:
    times = [0, 0.033, 0.067, 0.1, 0.4, 0.433, 0.467, 0.5]
    found = probed(Film(times=times, sound="").write(tmp_path / "film.mp4"))
    assert found.picture.rate == 30


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (1 / 30, Fraction(30)),
        (0.033, Fraction(30)),
        (0.0417, Fraction(24000, 1001)),
        (1001 / 30000, Fraction(30000, 1001)),
        (1 / 240, Fraction(60)),
        (1 / 50, Fraction(50)),
        (1 / 17, Fraction(17)),
        (5.0, Fraction(10)),
        (0.0, Fraction(10)),
    ],
)
def test_the_rate_of_a_distance(step: float, rate: Fraction) -> None:
    assert constant_rate(step) == rate


def test_a_shape_that_no_phone_plays(tmp_path: Path) -> None:
    for aspect, height in ((Fraction(9), 96), (Fraction(1), 16)):
        with pytest.raises(Unsupported, match="8 to 1"):
            probed(Film(aspect=aspect, width=160, height=height, sound="").write(tmp_path / f"{height}.mp4"))


def test_sound_without_a_decoder_is_no_sound(tmp_path: Path) -> None:
    path = Film().write(tmp_path / "film.mp4")
    data = bytearray(path.read_bytes())
    at = data.index(b"\x05\x80\x80\x80", data.index(b"esds")) + 5  # AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1)
    assert data[at] >> 3 == 2
    data[at] = 6 << 3 | data[at] & 7  # AAC Scalable instead of LC
    path.write_bytes(data)
    assert probed(path).sound is None
