"""The storyboard's arithmetic and its WebVTT, from facts alone."""

import math
import re
from collections.abc import Sequence
from typing import Final

from media.manifest import Storyboard

INTERVAL_SECONDS: Final = 1.0
MOST_TILES: Final = 100
MOST_COLUMNS: Final = 10
TILE_EDGE: Final = 160  # the longer one
_PLACE = re.compile(r"(?=#xywh=)")


def interval(seconds: float) -> float:
    """Seconds from tile to tile, whole milliseconds: longer clips have wider ones, so that there are never too many."""
    return max(INTERVAL_SECONDS, math.ceil(1000 * seconds / MOST_TILES) / 1000)


def fitted(width: int, height: int, edge: int) -> tuple[int, int]:
    """The same shape with this longer edge, never enlarged."""
    scale = min(1.0, edge / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def places(board: Storyboard) -> Sequence[tuple[int, int]]:
    """Where in the picture each tile's upper left corner is."""
    return [
        (number % board.columns * board.tile_width, number // board.columns * board.tile_height) for number in range(board.tiles)
    ]


def cues(board: Storyboard) -> str:
    """The storyboard as WebVTT: when which part of the picture is seen (https://www.w3.org/TR/media-frags/#naming-space)."""
    lines = ["WEBVTT", ""]
    for number, (x, y) in enumerate(places(board)):
        begin = number * board.interval_ms
        end = board.ends_ms if number == board.tiles - 1 else begin + board.interval_ms
        lines += [f"{_clock(begin)} --> {_clock(end)}", f"{board.name}#xywh={x},{y},{board.tile_width},{board.tile_height}", ""]
    return "\n".join(lines)


def with_query(text: str, query: str) -> str:
    """The same cues with `?query` in every address: a signature does not travel into relative ones by itself."""
    return _PLACE.sub(lambda _: f"?{query}", text)


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
