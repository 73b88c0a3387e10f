"""What is made of a rendition for those who look around: a few moving seconds, and a storyboard of the whole."""

import io
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import av
import numpy as np
from av.video.reformatter import Interpolation
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image, WebPImagePlugin  # noqa: F401 - behind a child's door no library can be read any more

from media import storyboard
from media.errors import Internal, Unreadable
from media.manifest import Pictures, Preview, Storyboard, listed
from media.poster import coloured, pixels
from media.rendition import Beat, Rendition
from media.task import Report, Task

PREVIEW, BOARD, CUES = "preview.webp", "storyboard.jpg", "storyboard.vtt"

PREVIEW_SECONDS, PREVIEW_RATE = 3.0, 8
PREVIEW_EDGE: Final = 320  # the longer one
MOST_PREVIEW_BYTES: Final = 300_000
PREVIEW_TRIES: Final = ((1, 45), (1, 25), (2, 25), (4, 8))  # how much smaller, and the quality: pure noise needs the last one
METHOD: Final = 2  # of libwebp: 4 takes three times as long for a tenth of the bytes
LONG_SECONDS: Final = 2 * PREVIEW_SECONDS  # from here on there is something to choose
INTRODUCTION: Final = 0.1  # of a long clip, in which people say hello
JUDGED_EDGE: Final = 32
CUT: Final = 16.0  # of 255: more difference than this is another shot, not more movement

MOST_BOARD_BYTES: Final = 500_000
BOARD_QUALITIES: Final = (70, 45, 20, 5)
T = TypeVar("T")


class Shot(NamedTuple):
    """One picture of a preview, and how much it differs from the one before."""

    seconds: float
    picture: NDArray[np.uint8]
    motion: float


class Liveliest:
    """Sees a clip's pictures pass and keeps the seconds in which most happens."""

    def __init__(self, width: int, height: int, earliest: float) -> None:
        self._size = (width, height)
        self._earliest = earliest
        self._before: NDArray[np.float64] | None = None
        self._last: deque[Shot] = deque(maxlen=round(PREVIEW_SECONDS * PREVIEW_RATE))
        self._best: list[Shot] = []
        self._most = -1.0

    def see(self, seconds: float, frame: av.VideoFrame) -> None:
        small = frame.reformat(JUDGED_EDGE, JUDGED_EDGE, "gray", interpolation=Interpolation.AREA)
        grey = pixels(small).astype(np.float64)
        motion = 0.0 if self._before is None else min(float(np.abs(grey - self._before).mean()), CUT)
        self._before = grey
        self._last.append(Shot(seconds, pixels(coloured(frame, *self._size)), motion))
        if len(self._last) == self._last.maxlen and self._last[0].seconds >= self._earliest:
            total = sum(shot.motion for shot in list(self._last)[1:])
            if total > self._most:
                self._most, self._best = total, list(self._last)

    @property
    def shots(self) -> list[Shot]:
        """The liveliest seconds; all of a clip that is shorter."""
        return self._best or list(self._last)


def pictures(task: Task, report: Report) -> Pictures:
    """Make the preview and the storyboard of a rendition from one decode.

    Raises:
        Unreadable: there is no picture in it.
        Internal: something stays larger than it may be.
    """
    folder = Path(task.folder)
    with Rendition.opened(task.input) as rendition:
        seconds = rendition.seconds
        size = storyboard.fitted(rendition.width, rendition.height, PREVIEW_EDGE)
        tile = storyboard.fitted(rendition.width, rendition.height, storyboard.TILE_EDGE)
        lively = Liveliest(*size, INTRODUCTION * seconds if seconds > LONG_SECONDS else 0.0)
        tiles: list[NDArray[np.uint8]] = []
        quick, slow = Beat(1 / PREVIEW_RATE), Beat(storyboard.interval(seconds))
        for time, frame in rendition.pictures():
            if quick.falls(time):
                lively.see(time, frame)
            if slow.falls(time) and len(tiles) < storyboard.MOST_TILES:
                tiles.append(pixels(coloured(frame, *tile)))
            report("pictures", min(time / seconds, 1.0) if seconds else 0.0)
    if not tiles:
        raise Unreadable("none of its pictures decodes")
    preview = _preview(folder / PREVIEW, lively.shots)
    board = _storyboard(folder / BOARD, tiles, seconds)
    (folder / CUES).write_text(storyboard.cues(board))
    files = [listed(folder / PREVIEW, "preview"), listed(folder / BOARD, "storyboard"), listed(folder / CUES, "storyboard_cues")]
    return Pictures(preview=preview, storyboard=board, files=files)


def _preview(path: Path, shots: Sequence[Shot]) -> Preview:
    def animated(smaller: int, quality: int) -> bytes:
        first, *others = (Image.fromarray(shot.picture).reduce(smaller) for shot in shots)
        loop = {"save_all": True, "append_images": others, "duration": 1000 // PREVIEW_RATE, "loop": 0}
        out = io.BytesIO()
        first.save(out, "WEBP", quality=quality, method=METHOD, **loop)
        return out.getvalue()

    (smaller, _), size = _write(path, lambda chosen: animated(*chosen), PREVIEW_TRIES, MOST_PREVIEW_BYTES)
    height, width = (-(-edge // smaller) for edge in shots[0].picture.shape[:2])
    return Preview(
        name=path.name, width=width, height=height, starts_ms=round(1000 * shots[0].seconds), frames=len(shots), bytes=size
    )


def _storyboard(path: Path, tiles: Sequence[NDArray[np.uint8]], seconds: float) -> Storyboard:
    height, width = tiles[0].shape[:2]
    interval = round(1000 * storyboard.interval(seconds))
    board = Storyboard(
        name=path.name,
        cues=CUES,
        tile_width=width,
        tile_height=height,
        columns=min(len(tiles), storyboard.MOST_COLUMNS),
        tiles=len(tiles),
        interval_ms=interval,
        ends_ms=max(round(1000 * seconds), (len(tiles) - 1) * interval + 1),
        bytes=0,
    )
    sheet = Image.new("RGB", (board.columns * width, -(-len(tiles) // board.columns) * height))
    for place, tile in zip(storyboard.places(board), tiles, strict=True):
        sheet.paste(Image.fromarray(tile), place)

    def flat(quality: int) -> bytes:
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=quality, optimize=True)
        return out.getvalue()

    _, size = _write(path, flat, BOARD_QUALITIES, MOST_BOARD_BYTES)
    return replace(board, bytes=size)


def _write(path: Path, encoded: Callable[[T], bytes], tries: Sequence[T], most: int) -> tuple[T, int]:
    """Write a picture by the first of these tries that makes it small enough; tell which, and its bytes."""
    for chosen in tries:
        data = encoded(chosen)
        if len(data) <= most:
            return chosen, path.write_bytes(data)
    raise Internal(f"{path.name} stays above {most} bytes", retry=False)
