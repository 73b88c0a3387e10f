"""A storyboard's arithmetic and its WebVTT."""

import re
from itertools import pairwise

import pytest

from media import storyboard
from media.manifest import Storyboard

CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n([^#\n]+)#xywh=(\d+),(\d+),(\d+),(\d+)\n")


def board(tiles: int, interval_ms: int, ends_ms: int) -> Storyboard:
    return Storyboard(
        name="storyboard.jpg", cues="storyboard.vtt", tile_width=90, tile_height=160, columns=min(tiles, 10), tiles=tiles,
        interval_ms=interval_ms, ends_ms=ends_ms, bytes=1,
    )  # fmt: skip


@pytest.mark.parametrize("seconds", [0.03, 1.0, 15.0, 99.5, 100.0, 100.01, 179.999, 180.5])
def test_there_are_never_too_many_tiles(seconds: float) -> None:
    interval = storyboard.interval(seconds)
    assert interval >= 1
    assert interval * 1000 == pytest.approx(round(interval * 1000))
    assert seconds / interval <= storyboard.MOST_TILES


def test_cues_cover_the_clip_without_a_gap_and_the_picture_row_by_row() -> None:
    text = storyboard.cues(board(100, 1800, 179_950))
    assert text.startswith("WEBVTT\n\n")
    found = CUE.findall(text)
    assert len(found) == 100
    times = [(int(a) * 3600 + int(b) * 60 + float(c), int(d) * 3600 + int(e) * 60 + float(f)) for a, b, c, d, e, f, *_ in found]
    assert times[0][0] == 0
    assert times[-1] == (178.2, 179.95)
    assert all(one[1] == other[0] for one, other in pairwise(times))
    assert {cue[6] for cue in found} == {"storyboard.jpg"}
    assert [tuple(int(value) for value in cue[7:]) for cue in found[:11:5]] == [
        (0, 0, 90, 160),
        (450, 0, 90, 160),
        (0, 160, 90, 160),
    ]


def test_a_signature_goes_before_the_fragment() -> None:
    signed = storyboard.with_query(storyboard.cues(board(2, 1000, 1500)), "expires=1&signature=a")
    assert re.findall(r"^[^#\n]+#.*$", signed, re.MULTILINE) == [
        "storyboard.jpg?expires=1&signature=a#xywh=0,0,90,160",
        "storyboard.jpg?expires=1&signature=a#xywh=90,0,90,160",
    ]
    assert "00:00:00.000 --> 00:00:01.000\n" in signed


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((360, 640), (90, 160)), ((640, 360), (160, 90)), ((540, 960), (90, 160)), ((500, 500), (160, 160)), ((48, 4000), (2, 160))],
)
def test_tiles_keep_the_shape(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert storyboard.fitted(*size, storyboard.TILE_EDGE) == fitted


def test_nothing_is_enlarged() -> None:
    assert storyboard.fitted(64, 96, 160) == (64, 96)
    assert storyboard.fitted(1, 4096, 160) == (1, 160)
