"""One loudness for all clips, with reason."""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from media import sound
from media.facts import Sound
from media.probe import probe
from media.sound import HIGHEST, LOUDNESS, MOST_GAIN, SILENT, Level, Window, gain_for, measure
from media.task import Task
from tests.media.films import SOUND_RATE, Film, quiet, samples

SECONDS = 2.0


SOUND = Sound(0, "ac3", 2, SOUND_RATE, 0.0, 3.0, 1, "")


def through(tmp_path: Path, volume: float, layout: str = "stereo") -> tuple[Level, Level, Path]:
    """The level of a tone before and after, and the file."""
    source = Film(seconds=SECONDS, volume=volume, layout=layout, width=32, height=32).write(tmp_path / "film.mp4")
    found = probe(Task(input=str(source)), quiet).sound
    assert found is not None
    made = tmp_path / "made.mp4"
    before = measure(Window(str(source), found.stream, 0.0, SECONDS))
    sound.encode(found, str(source), 0.0, SECONDS, 96_000, made)
    return before, measure(Window(str(made), 0, 0.0, SECONDS)), made


class Clicks(Film):
    """A faint tone with a click every half a second."""

    def tone(self) -> NDArray[np.floating[Any]]:
        heard = super().tone()
        heard[:: SOUND_RATE // 2] = 0.95
        return heard


@pytest.mark.parametrize("volume", [0.06, 0.2, 0.9])
def test_clips_are_equally_loud(tmp_path: Path, volume: float) -> None:
    _, after, _ = through(tmp_path, volume)
    assert after.loudness == pytest.approx(LOUDNESS, abs=0.5)
    assert after.peak <= HIGHEST


def test_a_quiet_clip_is_not_pumped_up(tmp_path: Path) -> None:
    before, after, _ = through(tmp_path, 0.003)
    assert after.loudness - before.loudness == pytest.approx(MOST_GAIN, abs=0.5)


def test_silence_stays_silence(tmp_path: Path) -> None:
    _, after, made = through(tmp_path, 0.0)
    assert after.loudness < SILENT
    assert np.abs(samples(made)).max() < 0.001


def test_peaks_are_held_below_the_ceiling(tmp_path: Path) -> None:
    """A click in a whisper: what makes the whisper audible would make the click too loud."""
    source = Clicks(seconds=SECONDS, volume=0.05, sound="pcm_s16le", muxing={}, width=32, height=32).write(tmp_path / "film.mkv")
    found = probe(Task(input=str(source)), quiet).sound
    assert found is not None
    sound.encode(found, str(source), 0.0, SECONDS, 96_000, tmp_path / "made.mp4")
    assert measure(Window(str(tmp_path / "made.mp4"), 0, 0.0, SECONDS)).peak <= HIGHEST


@pytest.mark.parametrize(("loudness", "gain"), [(-14, 0), (-20, 6), (-6.5, -7.5), (-40, 12), (-61, 0), (-70, 0), (20, -24)])
def test_the_gain_for_a_loudness(loudness: float, gain: float) -> None:
    assert gain_for(Level(loudness, -3.0)) == gain
    assert math.isfinite(gain)


def test_sound_that_changes_its_layout_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ac3", rate=SOUND_RATE, layout="stereo")
        for number, layout in enumerate(("stereo", "5.1", "mono")):
            context = av.CodecContext.create("ac3", "w")
            context.layout, context.sample_rate, context.format = layout, SOUND_RATE, "fltp"
            tone = np.sin(np.arange(SOUND_RATE) * 2 * np.pi * 440 / SOUND_RATE).astype(np.float32) * 0.3
            frame = av.AudioFrame.from_ndarray(np.tile(tone, (len(av.AudioLayout(layout).channels), 1)), "fltp", layout)
            frame.sample_rate, frame.time_base, frame.pts = SOUND_RATE, Fraction(1, SOUND_RATE), number * SOUND_RATE
            for packet in (*context.encode(frame), *context.encode(None)):
                packet.stream = stream
                out.mux(packet)
    sound.encode(SOUND, str(path), 0.0, 3.0, 96_000, tmp_path / "sound.mp4")
    heard = samples(tmp_path / "sound.mp4")
    assert heard.shape[1] / SOUND_RATE == pytest.approx(3, abs=0.05)
    for second in range(3):
        part = heard[0][second * SOUND_RATE + SOUND_RATE // 4 : (second + 1) * SOUND_RATE - SOUND_RATE // 4]
        assert np.sqrt((part**2).mean()) > 0.05, second
