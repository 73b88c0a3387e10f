"""Films for the tests, made on the spot: four coloured quarters in which something moves, with or without a tone."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
UPRIGHT = (1, 0, 0, 1)
# Colours of the quarters, by the corner they are in: (right, lower).
QUARTERS = {(0, 0): (200, 40, 40), (1, 0): (40, 180, 60), (0, 1): (50, 70, 210), (1, 1): (220, 210, 60)}
SOUND_RATE = 48_000


def quarters(index: int, width: int, height: int) -> Picture:
    """Picture number `index`: the four quarters, and a grey square that walks through the middle."""
    right, lower = np.meshgrid(np.arange(width) * 2 >= width, np.arange(height) * 2 >= height)
    picture = np.zeros((height, width, 3), np.uint8)
    for (x, y), colour in QUARTERS.items():
        picture[(right == x) & (lower == y)] = colour
    edge = max(min(width, height) // 8, 2)
    at = index * 3 % (width - edge)
    picture[(height - edge) // 2 : (height + edge) // 2, at : at + edge] = 128
    return picture


@dataclass(kw_only=True)
class Film:
    """What to make. `times` are the pictures' moments in seconds where the rate is not to be constant."""

    seconds: float = 1.0
    width: int = 128
    height: int = 96
    rate: int = 30
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "g": "15"})
    sound: str = "aac"
    layout: str = "stereo"
    sound_first: bool = False
    sound_from: float = 0.0
    volume: float = 0.3
    orientation: tuple[int, int, int, int] = UPRIGHT
    aspect: Fraction | None = None
    times: Sequence[float] = ()
    picture: Callable[[int, int, int], Picture] = quarters
    colours: dict[str, int] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    muxing: dict[str, str] = field(default_factory=lambda: {"movflags": "+faststart"})

    def write(self, path: Path) -> Path:
        """Write the film; its container is that of the path's suffix."""
        with av.open(str(path), "w", options=self.muxing) as out:
            out.metadata.update(self.metadata)
            streams = [self._video, self._audio] if not self.sound_first else [self._audio, self._video]
            made = {add: add(out) for add in streams if add != self._audio or self.sound}
            for add, stream in made.items():
                if add == self._audio:
                    self._play(out, stream)
            self._show(out, made[self._video])
        return path

    def _video(self, out: OutputContainer) -> Any:
        stream: Any = out.add_stream(self.codec, rate=self.rate, options=self.options)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = self.width, self.height, self.pixel_format
        context.time_base = Fraction(1, 1000) if self.times else Fraction(1, self.rate)
        for name, value in self.colours.items():
            setattr(context, name, value)
        if self.aspect:
            context.sample_aspect_ratio = self.aspect
        if self.orientation != UPRIGHT:
            a, b, c, d = (entry << 16 for entry in self.orientation)
            stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])
        return stream

    def _audio(self, out: OutputContainer) -> Any:
        return out.add_stream(self.sound, rate=SOUND_RATE, layout=self.layout)

    def _show(self, out: OutputContainer, stream: Any) -> None:
        moments = self.times or [index / self.rate for index in range(round(self.seconds * self.rate))]
        unit = stream.codec_context.time_base
        for index, moment in enumerate(moments):
            frame = av.VideoFrame.from_ndarray(self.picture(index, self.width, self.height), "rgb24")
            frame = frame.reformat(format=self.pixel_format, dst_colorspace=self.colours.get("colorspace"))
            frame.pts, frame.time_base = round(moment / unit), unit
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))

    def tone(self) -> NDArray[np.floating[Any]]:
        """What is heard, in each channel."""
        return np.sin(np.arange(round(self.seconds * SOUND_RATE)) * 2 * np.pi * 440 / SOUND_RATE) * self.volume

    def _play(self, out: OutputContainer, stream: Any) -> None:
        count = len(av.AudioLayout(self.layout).channels)
        tone = np.tile(self.tone().astype(np.float32), (count, 1))
        if self.sound.startswith("pcm"):
            frame = AudioFrame.from_ndarray((tone.T.reshape(1, -1) * 32767).astype(np.int16), "s16", self.layout)
        else:
            frame = AudioFrame.from_ndarray(tone, "fltp", self.layout)
        frame.sample_rate, frame.time_base, frame.pts = SOUND_RATE, Fraction(1, SOUND_RATE), round(self.sound_from * SOUND_RATE)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def quiet(_stage: str, _fraction: float) -> None:
    """Progress that nobody hears of."""


def decoded(path: Path) -> list[av.VideoFrame]:
    """Every picture of a file."""
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def samples(path: Path) -> NDArray[np.floating[Any]]:
    """All sound of a file, channels x samples."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def corner(picture: NDArray[Any], right: int, lower: int) -> tuple[int, ...]:
    """The mean colour well inside one quarter."""
    height, width = picture.shape[:2]
    rows = slice(height // 10, height * 4 // 10) if not lower else slice(height * 6 // 10, height * 9 // 10)
    columns = slice(width // 10, width * 4 // 10) if not right else slice(width * 6 // 10, width * 9 // 10)
    return tuple(int(value) for value in picture[rows, columns].reshape(-1, picture.shape[2]).mean(axis=0))


def rgb(frame: av.VideoFrame) -> NDArray[Any]:
    """A picture of ours as a browser shows it: BT.709, marked so."""
    return frame.to_ndarray(format="rgb24", src_colorspace=1)


def near(one: Sequence[float], other: Sequence[float], most: float = 24) -> bool:
    """Whether two colours look alike."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= most


def shows_quarters(picture: NDArray[Any], most: float = 40) -> bool:
    """Whether a picture is one of `quarters`, whole and upright, as far as a JPEG's colours can be trusted."""
    return all(near(corner(picture, *place), colour, most) for place, colour in QUARTERS.items())


def patched(path: Path, box: bytes, at: int, value: int, form: str = ">I") -> Path:
    """The file with a number inside the first box of a type changed; `at` counts from behind the type."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.index(box) + 4 + at, value)
    path.write_bytes(data)
    return path
