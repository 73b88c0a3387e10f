"""What scenes are painted with: a grid of coordinates, colours, soft edges, lights, lines."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]  # single precision where it matters for speed
TURN: Final = 2 * math.pi
TABLE: Final = 1024
MARGIN: Final = 0.15  # lines go on beyond both sides, because they drift


class Canvas:
    """The grid a scene is painted on: `u`, `v` run 0..1 from the top left; `x`, `y` are square, 0 in the middle, width 1."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.height = width, height
        self.random = np.random.default_rng(seed)
        self.v, self.u = np.meshgrid(
            (np.arange(height, dtype=np.float32) + 0.5) / height,
            (np.arange(width, dtype=np.float32) + 0.5) / width,
            indexing="ij",
        )
        self.x = self.u - np.float32(0.5)
        self.y = (self.v - np.float32(0.5)) * np.float32(height / width)
        self.tall = height / width

    def between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))

    def pick(self, palettes: Sequence[str]) -> Floats:
        """One palette, given as hex colours from dark to light."""
        return colours(palettes[int(self.random.integers(len(palettes)))])


def colours(words: str) -> Floats:
    """`1a2b3c ffeedd` as rows of red, green, blue."""
    rows = [[int(word[i : i + 2], 16) / 255 for i in (0, 2, 4)] for word in words.split()]
    return np.array(rows, np.float32)


def rgb(red: float, green: float, blue: float) -> Floats:
    """One colour."""
    return np.array([red, green, blue], np.float32)


def gradient(at: Floats, palette: Floats) -> Floats:
    """Colours of a palette spread evenly over 0..1, looked up in a table of a thousand."""
    place = np.linspace(0, len(palette) - 1, TABLE, dtype=np.float32)
    low = np.minimum(place.astype(np.int32), len(palette) - 2)
    share = smooth(0, 1, place - low.astype(np.float32))[:, None]
    table = palette[low] * (1 - share) + palette[low + 1] * share
    return np.take(table, (np.clip(at, 0, 1) * (TABLE - 1)).astype(np.int32), axis=0)


def backdrop(canvas: Canvas, stretch: float, palette: Floats, shift: float = 0.0) -> Floats:
    """A gradient from top to bottom; one column is computed and shown everywhere."""
    column = gradient(canvas.v[:, :1] * np.float32(stretch) + np.float32(shift), palette)
    return np.repeat(column, canvas.width, axis=1)


def smooth(low: float, high: float, at: Floats) -> Floats:
    """0 below `low`, 1 above `high`, without a corner between."""
    t = np.clip((at - np.float32(low)) / np.float32(high - low), 0, 1)
    eased: Floats = t * t * (3 - 2 * t)
    return eased


class Spot:
    """The part of a picture around a point: what lies further away than `reach` is not computed."""

    def __init__(self, canvas: Canvas, x: float, y: float, reach: float) -> None:
        scale = canvas.width
        left, right = (x + 0.5 - reach) * scale, (x + 0.5 + reach) * scale
        top, bottom = (y + canvas.tall / 2 - reach) * scale, (y + canvas.tall / 2 + reach) * scale
        self.rows = slice(max(int(top), 0), max(min(int(bottom) + 1, canvas.height), 0))
        self.columns = slice(max(int(left), 0), max(min(int(right) + 1, canvas.width), 0))
        self.x = canvas.x[self.rows, self.columns] - np.float32(x)
        self.y = canvas.y[self.rows, self.columns] - np.float32(y)

    def of(self, picture: Floats) -> Floats:
        """The same part of a picture, to be changed in place."""
        part: Floats = picture[self.rows, self.columns]
        return part


def over(below: Floats, colour: Floats, cover: Floats) -> Floats:
    """A colour laid over a picture."""
    laid: Floats = below + (colour - below) * cover[..., None]
    return laid


def glow(canvas: Canvas, x: float, y: float, radius: float) -> Floats:
    """Light falling off around a point."""
    away = (canvas.x - np.float32(x)) ** 2 + (canvas.y - np.float32(y)) ** 2
    light: Floats = np.exp(-away / np.float32(radius * radius))
    return light


def ridge(canvas: Canvas, rough: float, parts: int = 6) -> Floats:
    """A mountain line: heights of about -1..1 from `-MARGIN` to `1 + MARGIN`."""
    u = np.linspace(-MARGIN, 1 + MARGIN, 2 * canvas.width, dtype=np.float32)
    line = np.zeros_like(u)
    for part in range(1, parts + 1):
        line += np.sin(TURN * (u * part * canvas.between(0.6, 1.3) + canvas.between(0, 1))) * np.float32(rough ** (part - 1))
    scaled: Floats = (line / max(np.abs(line).max(), 1e-6)).astype(np.float32)
    return scaled


def shifted(canvas: Canvas, line: Floats, drift: float) -> Floats:
    """A line's height in each column, moved sideways."""
    at = np.linspace(-MARGIN, 1 + MARGIN, len(line), dtype=np.float32)
    heights: Floats = np.interp(canvas.u[0] + np.float32(drift), at, line).astype(np.float32)
    return heights


def stars(canvas: Canvas, count: int) -> tuple[Floats, Floats]:
    """Points of light, and a phase of twinkling for each pixel."""
    field = np.zeros((canvas.height, canvas.width), np.float32)
    rows = (canvas.random.random(count) * canvas.height).astype(int)
    columns = (canvas.random.random(count) * canvas.width).astype(int)
    field[rows, columns] = canvas.random.random(count) ** 3
    field = field + 0.35 * (np.roll(field, 1, 0) + np.roll(field, -1, 0) + np.roll(field, 1, 1) + np.roll(field, -1, 1))
    return field, canvas.random.random((canvas.height, canvas.width)).astype(np.float32)
