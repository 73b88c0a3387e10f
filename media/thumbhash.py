"""ThumbHash: a picture in about 25 bytes, shown blurred until the poster is there (https://evanw.github.io/thumbhash/).

Written after the reference encoder for opaque pictures; the only Python package of it has not been kept.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_LUMA: Final = 7
CHROMA: Final = 3


def encode(rgb: NDArray[np.uint8]) -> bytes:
    """The hash of an opaque picture (height x width x 3, at most 100 pixels an edge)."""
    height, width = rgb.shape[:2]
    red, green, blue = (rgb[:, :, channel].astype(np.float64) / 255 for channel in range(3))
    luma = (red + green + blue) / 3
    longest = max(width, height)
    across, down = max(1, round(MOST_LUMA * width / longest)), max(1, round(MOST_LUMA * height / longest))
    l_dc, l_ac, l_scale = _channel(luma, max(CHROMA, across), max(CHROMA, down))
    p_dc, p_ac, p_scale = _channel((red + green) / 2 - blue, CHROMA, CHROMA)
    q_dc, q_ac, q_scale = _channel(red - green, CHROMA, CHROMA)
    landscape = width > height
    head: int = round(63 * l_dc) | round(31.5 + 31.5 * p_dc) << 6 | round(31.5 + 31.5 * q_dc) << 12 | round(31 * l_scale) << 18
    shape: int = (down if landscape else across) | round(63 * p_scale) << 3 | round(63 * q_scale) << 9 | landscape << 15
    nibbles = [round(15 * value) for value in (*l_ac, *p_ac, *q_ac)]
    nibbles += [0] * (len(nibbles) % 2)
    pairs = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return head.to_bytes(3, "little") + shape.to_bytes(2, "little") + pairs


def _channel(values: NDArray[np.float64], across: int, down: int) -> tuple[float, list[float], float]:
    """The constant term, the other terms of the triangle of low frequencies scaled to 0..1, and their scale."""
    height, width = values.shape
    x = np.cos(math.pi / width * np.outer(np.arange(across), np.arange(width) + 0.5))
    y = np.cos(math.pi / height * np.outer(np.arange(down), np.arange(height) + 0.5))
    terms = y @ values @ x.T / (width * height)
    kept = [float(terms[cy, cx]) for cy in range(down) for cx in range(across) if (cx or cy) and cx * down < across * (down - cy)]
    scale = max((abs(term) for term in kept), default=0.0)
    return float(terms[0, 0]), [0.5 + 0.5 / scale * term if scale else 0.5 for term in kept], scale
