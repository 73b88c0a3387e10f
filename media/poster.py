"""The still: the sharpest well-lit picture of some two dozen, as a JPEG without a word about its origin, and its thumbhash."""

import base64
import math
from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation
from numpy.typing import NDArray
from PIL import Image

from media import thumbhash
from media.manifest import Poster

CANDIDATES: Final = 24
JUDGED_WIDTH: Final = 160
HASHED_EDGE: Final = 100
QUALITY: Final = 82
GOOD_LIGHT, LIGHT_SPREAD, GOOD_CONTRAST = 118.0, 70.0, 40.0  # of 255


class PosterPicker:
    """Looks at pictures evenly over the clip and keeps the best one. A clip that is all black still has one."""

    def __init__(self, frames: int, stride: int) -> None:
        self._every = max(frames // CANDIDATES // stride, 1) * stride
        self._best = -1.0
        self._kept: av.VideoFrame | None = None

    def see(self, frame: av.VideoFrame, index: int) -> None:
        if index % self._every:
            return
        found = score(_grey(frame))
        if found > self._best:
            self._best = found
            self._kept = frame.reformat(format="rgb24", src_colorspace=Colorspace.ITU709)

    def write(self, path: Path) -> Poster:
        """Write the JPEG and describe it."""
        assert self._kept is not None
        pixels = cast("NDArray[np.uint8]", self._kept.to_ndarray())
        Image.fromarray(pixels).save(path, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        height, width = pixels.shape[:2]
        return Poster(name=path.name, width=width, height=height, bytes=path.stat().st_size, thumbhash=_hash(pixels))


def score(grey: NDArray[np.float64]) -> float:
    """Sharp, neither dark nor blown out, and not flat: the product of the three."""
    edges = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    light = math.exp(-(((float(grey.mean()) - GOOD_LIGHT) / LIGHT_SPREAD) ** 2))
    return math.log1p(float(edges.var())) * light * min(1.0, float(grey.std()) / GOOD_CONTRAST)


def _grey(frame: av.VideoFrame) -> NDArray[np.float64]:
    width = min(JUDGED_WIDTH, frame.width)
    height = max(frame.height * width // frame.width, 2)
    small = frame.reformat(width, height, "gray", interpolation=Interpolation.AREA)
    return cast("NDArray[np.uint8]", small.to_ndarray()).astype(np.float64)


def _hash(pixels: NDArray[np.uint8]) -> str:
    small = Image.fromarray(pixels)
    small.thumbnail((HASHED_EDGE, HASHED_EDGE))
    return base64.b64encode(thumbhash.encode(np.asarray(small))).decode()
