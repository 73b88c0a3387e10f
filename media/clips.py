"""Vertical clips with sound that nobody had to film: for the demo, the benchmarks and the tests."""

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from numpy.typing import NDArray

from media.canvas import Canvas, Floats
from media.scenes import SCENES, Scene
from media.tunes import RATE, tune

PAINTED_WIDTH: Final = 360  # scenes are soft; painting more than this is time nobody sees
QUALITY: Final = 21
SOUND_RATE: Final = "128k"
GRAIN: Final = 0.7  # of an 8-bit step, so that dark gradients have no bands
STILL_PHASE: Final = 0.15  # petals are open then, and lanterns on their way


def scene(seed: int) -> Scene:
    """The scene that a seed shows: neighbours show different ones."""
    return SCENES[seed % len(SCENES)]


def render(
    path: Path, seed: int, seconds: float = 6.0, width: int = 540, height: int = 960, rate: int = 30, *, sound: bool = True
) -> Scene:
    """Write a clip as an MP4 and tell what it shows. The same seed gives the same clip; it ends where it began.

    Args:
        path: where to.
        seed: picks the scene (`scene`), its colours, its movement and its tune.
        seconds: its length.
        width: in pixels, even; so is the height.
        height: see width.
        rate: pictures a second.
        sound: with its tune or silent.
    """
    shown = scene(seed)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        out.metadata["title"] = shown.title
        video = out.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": str(QUALITY), "g": str(2 * rate)})
        context = video.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        audio = out.add_stream("aac", rate=RATE, options={"b": SOUND_RATE}, layout="stereo") if sound else None
        if audio:
            _play(out, audio, seed, seconds)
        painted = min(PAINTED_WIDTH, width)
        canvas = Canvas(painted, round(painted * height / width), seed)
        paint, frames = shown.prepare(canvas), max(1, round(seconds * rate))
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(_pixels(canvas, paint(index / frames)), "rgb24")
            frame = frame.reformat(
                width, height, "yuv420p", dst_colorspace=Colorspace.ITU709, interpolation=Interpolation.LANCZOS
            )
            frame.pts, frame.time_base = index, Fraction(1, rate)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return shown


def still(seed: int, edge: int) -> NDArray[np.uint8]:
    """One square picture of the scene of a seed, with an edge of so many pixels: red, green, blue."""
    canvas = Canvas(edge, edge, seed)
    return _pixels(canvas, scene(seed).prepare(canvas)(STILL_PHASE))


def _pixels(canvas: Canvas, picture: Floats) -> NDArray[np.uint8]:
    """A painted picture with grain."""
    colours = picture * 255 + canvas.random.uniform(0.5 - GRAIN, 0.5 + GRAIN, (*canvas.x.shape, 1))
    return np.clip(colours, 0, 255).astype(np.uint8)


def _play(out: OutputContainer, stream: av.AudioStream, seed: int, seconds: float) -> None:
    """Encode the clip's tune."""
    frame = AudioFrame.from_ndarray(tune(seed, seconds).astype(np.float32), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
