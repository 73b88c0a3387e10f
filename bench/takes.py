"""A clip filmed and written as a phone or another app would: what benchmarks of media upload.

Nothing here is measured. It runs in a child of the media pool, so that the process that measures stays small.
"""

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import msgspec
import numpy as np
from av.audio.frame import AudioFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from bench.footage import RATE, Bytes, Footage
from media.limits import MEBIBYTE, Limits
from media.task import Report, Task
from media.tunes import RATE as SOUND_RATE
from media.tunes import tune

LIMITS: Final = Limits(
    wall_seconds=1800, stall_seconds=600, cpu_seconds=900, memory_bytes=6144 * MEBIBYTE, file_bytes=200 * MEBIBYTE
)


class Take(Task, kw_only=True):
    """What to film and how to write it. `turned` is how phones do it: pictures lie, and a matrix says so."""

    seed: int
    width: int  # upright
    height: int
    seconds: float
    codec: str
    options: dict[str, str]
    turned: bool = False


class Filmed(msgspec.Struct):
    """The file in the task's folder."""

    path: str
    bytes: int


def film(take: Take, report: Report) -> Filmed:
    """Write the clip with its sound; runs in the child."""
    path = Path(take.folder) / "take.mp4"
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        video = out.add_stream(take.codec, rate=RATE, options=take.options)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height = (take.height, take.width) if take.turned else (take.width, take.height)
        context.pix_fmt, context.codec_tag = "yuv420p", "hvc1" if take.codec == "libx265" else "avc1"
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        if take.turned:
            video.set_display_rotation(-90)
        audio = out.add_stream("aac", rate=SOUND_RATE, options={"b": "128k"}, layout="stereo")
        sound = AudioFrame.from_ndarray(tune(take.seed, take.seconds).astype(np.float32), "fltp", "stereo")
        sound.sample_rate, sound.pts, sound.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
        out.mux([*audio.encode(sound), *audio.encode(None)])
        count = round(take.seconds * RATE)
        for index, picture in enumerate(Footage(take.seed, take.width, take.height).pictures(count)):
            frame = av.VideoFrame.from_ndarray(_lying(picture, take.width) if take.turned else picture, "yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            out.mux(video.encode(frame))
            report("film", (index + 1) / count)
        out.mux(video.encode(None))
    return Filmed(str(path), path.stat().st_size)


def _lying(planes: Bytes, width: int) -> Bytes:
    """The same pictures turned by a quarter to the left."""
    height = planes.shape[0] * 2 // 3
    luma = planes[:height]
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    turned = [np.rot90(plane) for plane in (luma, *chroma)]
    return np.concatenate([plane.reshape(-1, height) for plane in turned])
