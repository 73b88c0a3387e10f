"""Tracks against each other."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.media.films import Picture
from tests.media.lint.streams import MASTER, Stream, held, make, number


def test_all_name_one_target(stream: Stream) -> None:
    assert stream.line("audio.m3u8", "#EXT-X-TARGETDURATION", "#EXT-X-TARGETDURATION:3").errors() == {"8.2"}
    assert stream.line("iframes-174.m3u8", "#EXT-X-TARGETDURATION", "#EXT-X-TARGETDURATION:3").errors() == set()


def shortened(stream: Stream, name: str) -> Stream:
    """The stream with the last segment of a playlist left out."""
    for start in ("#EXTINF", "#EXT-X-BYTERANGE", name.removesuffix(".m3u8")):
        stream = stream.line(name, start, "", 1)
    return stream


def test_all_have_one_length(stream: Stream) -> None:
    assert "8.3" in shortened(stream, "audio.m3u8").errors()
    assert {"8.7", "8.22"} <= shortened(stream, "v234.m3u8").errors()
    assert "8.7" in shortened(stream, "iframes-174.m3u8").errors()


def test_variants_have_the_same_boundaries(stream: Stream) -> None:
    # The first segment as long as before in all, shown at another speed in one.
    other = stream.patched("v234.mp4", b"tfhd", 12, number(450)).patched("v234.mp4", b"tfdt", 4, number(22_500, ">Q"), 1)
    assert "8.22" in other.errors()


def test_segments_of_sound_end_near_those_of_pictures(stream: Stream) -> None:
    text = stream.text("audio.m3u8").split("\n")
    first, second = (line for line in text if line.startswith("#EXT-X-BYTERANGE"))
    (one, start), (two, _) = (line.partition(":")[2].split("@") for line in (first, second))
    joined = stream.edited("audio.m3u8", first, f"#EXT-X-BYTERANGE:{int(one) + int(two)}@{start}")
    whole = shortened(joined, "audio.m3u8")
    assert "8.22" not in whole.warnings()  # it ends where the pictures end
    assert "8.22" in stream.patched("audio.mp4", b"mdhd", 12, number(30_000)).warnings()
    assert MASTER in whole.files


SHOTS = [0, 29, 46, 75]  # pictures with which another shot begins, at 15 a second: segments of some 1.9 and 1.1 seconds in turn


def shots(index: int, width: int, height: int) -> Picture:
    """Waves in another direction in each shot: an encoder begins a group with it."""
    shot = sum(index >= first for first in SHOTS)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    waves = np.sin((x * (1 + shot % 3) + y * (3 - shot % 3)) / 9) * 80 + 120 + shot % 2 * 40
    return np.stack([waves] * 3, axis=2).astype(np.uint8)


def test_sound_follows_the_groups_of_a_copied_clip(tmp_path: Path) -> None:
    options = {"preset": "veryfast", "g": "60", "x264-params": "scenecut=90:min-keyint=1"}
    stream = held(make(tmp_path, picture=shots, rate=15, seconds=7.0, options=options))
    pictures, sound = (lengths(stream, name) for name in ("v272.m3u8", "audio.m3u8"))
    assert pictures == [round((end - first) / 15, 3) for first, end in pairwise([*SHOTS, 105])]
    assert np.abs(np.cumsum(sound) - np.cumsum(pictures)).max() < 1024 / 48_000
    assert "8.22" not in stream.warnings() | stream.errors()


def lengths(stream: Stream, name: str) -> list[float]:
    """What a playlist says of its segments, in seconds."""
    found = [line for line in stream.text(name).split("\n") if line.startswith("#EXTINF")]
    return [round(float(line.partition(":")[2].rstrip(",")), 3) for line in found]
