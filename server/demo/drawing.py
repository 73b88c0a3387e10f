"""Renders clips of the demo in children of the media pool, as many at once as cores allow; draws faces for its people."""

import io
import os
from pathlib import Path
from typing import Final

import msgspec
import numpy.fft  # noqa: F401 - numpy would import it late, behind the locked door of the child
from PIL import Image

from media import clips
from media.limits import MEBIBYTE, Limits
from media.pool import Pool
from media.task import Report, Task

NAME: Final = "clip.mp4"
FACE_EDGE: Final = 320
LIMITS: Final = Limits(
    wall_seconds=600, stall_seconds=600, cpu_seconds=600, memory_bytes=3072 * MEBIBYTE, file_bytes=100 * MEBIBYTE
)


class Drawing(Task, kw_only=True):
    """What to render."""

    seed: int
    seconds: float
    width: int
    height: int


class Drawn(msgspec.Struct):
    """The file in the task's folder."""

    bytes: int


def draw(task: Drawing, _report: Report) -> Drawn:
    """Runs in the child."""
    path = Path(task.folder) / NAME
    clips.render(path, task.seed, task.seconds, task.width, task.height)
    return Drawn(path.stat().st_size)


def face(seed: int) -> bytes:
    """A small square picture, as a JPEG. It takes some milliseconds, and no child."""
    file = io.BytesIO()
    Image.fromarray(clips.still(seed, FACE_EDGE)).save(file, "JPEG", quality=90)
    return file.getvalue()


def pool() -> Pool:
    """One core is left to the system that is being filled."""
    return Pool(processes=max(1, len(os.sched_getaffinity(0)) - 1))
