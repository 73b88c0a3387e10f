"""The still: the sharpest well-lit picture of some, as a JPEG without a word about its origin, and its thumbhash."""

import base64
import math
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

import av
import av.error
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from PIL import Image

from media import colour, opening, thumbhash
from media.errors import Unreadable
from media.manifest import Poster

CANDIDATES: Final = 12
JUDGED_WIDTH: Final = 160
HASHED_EDGE: Final = 100
QUALITY: Final = 82
GOOD_LIGHT, LIGHT_SPREAD, GOOD_CONTRAST = 118.0, 70.0, 40.0  # of 255


class PosterPicker:
    """Looks at pictures evenly over the clip and keeps the best one. A clip that is all black still has one."""

    def __init__(self, frames: int, size: tuple[int, int]) -> None:
        """Args: frames: how many pictures there are; size: width and height of the still."""
        self.size = size
        self._every = max(frames // CANDIDATES, 1)
        self._best = -1.0
        self._kept: av.VideoFrame | None = None

    def look(self, source: Path, stream: int) -> None:
        """Look at the key pictures of an upload whose pictures are shown as they are: a few decode in no time.

        None of them is interlaced, else they would not be shown as they are (`standard.pictures`): each is whole by itself.
        """
        with opening.opened(str(source)) as container:
            film = container.streams.video[[one.index for one in container.streams.video].index(stream)]
            opening.arm(film)
            film.codec_context.skip_frame = "NONKEY"
            for packet in opening.packets(container, [film]):
                if packet.is_keyframe or not packet.size:
                    with suppress(opening.Damaged):
                        for frame in opening.decoded(film, packet):
                            self.see(frame)
        if self._kept is None:
            raise Unreadable("none of its key pictures decodes")

    def wants(self, index: int) -> bool:
        """Whether it judges the picture of this number."""
        return index % self._every == 0

    def see(self, frame: av.VideoFrame) -> None:
        """Judge a picture, and keep it if it is the best so far."""
        found = score(_grey(frame))
        if found > self._best:
            self._best = found
            self._kept = coloured(frame, *self.size)

    def write(self, path: Path) -> Poster:
        """Write the JPEG and describe it."""
        assert self._kept is not None
        return write(Image.fromarray(pixels(self._kept)), path)


def write(picture: Image.Image, path: Path) -> Poster:
    """Write a picture (RGB) as a JPEG with nothing else in it, and describe it."""
    bare = Image.fromarray(np.asarray(picture))
    bare.save(path, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Poster(name=path.name, width=bare.width, height=bare.height, bytes=path.stat().st_size, thumbhash=_hash(bare))


def coloured(frame: av.VideoFrame, width: int | None = None, height: int | None = None) -> av.VideoFrame:
    """A picture in RGB, in another size where one is given: by its own matrix, for copied ones need not be BT.709."""
    return frame.reformat(width, height, "rgb24", src_colorspace=colour.matrix_of(frame), interpolation=Interpolation.AREA)


def pixels(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """The same as an array: height x width x 3, or height x width of a grey one."""
    return cast("NDArray[np.uint8]", frame.to_ndarray())


def score(grey: NDArray[np.float64]) -> float:
    """Sharp, neither dark nor blown out, and not flat: the product of the three."""
    edges = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    light = math.exp(-(((float(grey.mean()) - GOOD_LIGHT) / LIGHT_SPREAD) ** 2))
    return math.log1p(float(edges.var())) * light * min(1.0, float(grey.std()) / GOOD_CONTRAST)


def _grey(frame: av.VideoFrame) -> NDArray[np.float64]:
    width = min(JUDGED_WIDTH, frame.width)
    height = max(frame.height * width // frame.width, 2)
    small = frame.reformat(width, height, "gray", interpolation=Interpolation.AREA)
    return pixels(small).astype(np.float64)


def _hash(picture: Image.Image) -> str:
    small = picture.copy()
    small.thumbnail((HASHED_EDGE, HASHED_EDGE))
    return base64.b64encode(thumbhash.encode(np.asarray(small))).decode()
