"""What an interlaced camera would have seen: fine lines that stand still on the left, a bar that moves on the right."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.media.films import Picture

MARGIN = 4  # pixels beside the middle that belong to neither side


def scene(moment: int, width: int, height: int) -> Picture:
    """The scene at a moment; fields are one moment apart."""
    picture = np.full((height, width, 3), 90, np.uint8)
    picture[::3, : width // 2] = 200
    at = width // 2 + moment * 4 % (width // 2 - 16)
    picture[height // 4 : height * 3 // 4, at : at + 16] = 230
    return picture


def woven(index: int, width: int, height: int, *, first: int = 1) -> Picture:
    """An interlaced picture: the first field of the moment that is twice its number, the other of the moment after it.

    Line `first` and every other one are the first field's: 0 for top first, 1 for bottom first.
    """
    picture = scene(2 * index, width, height)
    picture[1 - first :: 2] = scene(2 * index + 1, width, height)[1 - first :: 2]
    return picture


def still(picture: NDArray[Any]) -> NDArray[Any]:
    """The side that stands still."""
    return picture[:, : picture.shape[1] // 2 - MARGIN]


def moving(picture: NDArray[Any]) -> NDArray[Any]:
    """The side that moves."""
    return picture[:, picture.shape[1] // 2 + MARGIN :]


def comb(picture: NDArray[Any]) -> float:
    """How much a line differs at most from both of its neighbours, in the middle of the bar's way."""
    height = picture.shape[0]
    lines = moving(picture)[height // 4 + 4 : height * 3 // 4 - 4].astype(float)
    return float(np.abs(2 * lines[1:-1] - lines[:-2] - lines[2:]).max())


def likeness(one: NDArray[Any], other: NDArray[Any]) -> float:
    """PSNR in dB."""
    return float(-10 * np.log10(max(np.square(one.astype(float) - other).mean() / 255**2, 1e-10)))
