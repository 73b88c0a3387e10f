"""Bandwidths as they are said and as they are measured."""

import re

import pytest

from tests.media.lint.streams import MASTER, Stream, number


@pytest.mark.parametrize(
    ("tag", "name", "clause"),
    [
        ("#EXT-X-STREAM-INF", ":BANDWIDTH", "1.27"),
        ("#EXT-X-STREAM-INF", "AVERAGE-BANDWIDTH", "1.26"),
        ("#EXT-X-I-FRAME-STREAM-INF", ":BANDWIDTH", "6.9"),
        ("#EXT-X-I-FRAME-STREAM-INF", "AVERAGE-BANDWIDTH", "6.9"),
    ],
)
def test_a_tenth_more_or_less_is_too_much(stream: Stream, tag: str, name: str, clause: str) -> None:
    line = next(line for line in stream.text(MASTER).split("\n") if line.startswith(tag))
    said = int(re.search(rf"{name}=(\d+)", line)[1])  # type: ignore[index]
    for factor, wrong in ((1.05, False), (1.2, True), (0.8, True)):
        edited = stream.edited(MASTER, line, line.replace(f"{name}={said}", f"{name}={round(said * factor)}"))
        assert edited.errors() == ({clause} if wrong else set()), factor


def test_a_peak_of_more_than_twice_the_average(stream: Stream) -> None:
    silent = stream.edited(MASTER, ',AUDIO="sound"', "")
    assert "1.30" not in silent.warnings()
    # The first segment shown six times as slowly, the second as before.
    assert "1.30" in silent.patched("v272.mp4", b"tfhd", 12, number(6 * 512)).warnings()
