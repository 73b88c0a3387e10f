"""Moving pictures that are as hard to encode as a phone's: detail, a hand that shakes, a subject in front, grain of a sensor."""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import av
import numpy as np
import numpy.fft  # numpy would import it late, behind the locked door of the child
from av.video.reformatter import Colorspace, Interpolation
from numpy.typing import NDArray

from media.canvas import Canvas
from media.clips import scene

RATE: Final = 30
PAINTED_WIDTH: Final = 180  # of the soft light below the detail
SPARE: Final = 1.25  # textures are larger than the frame by this, room for the camera to move in
DETAIL: Final = 20.0  # standard deviations, in 8-bit steps
GRAIN: Final = 2.0
GRAINS: Final = 4  # planes that the grain is taken from, each time another place of one
SHAKE: Final = 0.006  # of the width
ZOOM: Final = 0.08
SUBJECT: Final = (0.27, 0.2)  # half axes, of the width and the height

Bytes = NDArray[np.uint8]


class View(NamedTuple):
    """What the camera sees of a texture: the place of the corner (0..1 of the spare room) and how much it zooms in."""

    x: float
    y: float
    zoom: float


class Footage:
    """One take: a scene of the demo as the light, two textures that move apart, grain over all."""

    def __init__(self, seed: int, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._random = np.random.default_rng(seed)
        self._paint = scene(seed).prepare(Canvas(PAINTED_WIDTH, round(PAINTED_WIDTH * height / width), seed))
        self._far, self._near = self._texture(1.0), self._texture(0.8)
        self._grains = [self._grain() for _ in range(GRAINS)]
        self._oval = self._mask()

    def pictures(self, count: int) -> Iterator[Bytes]:
        """Planes of yuv420p, one below the other."""
        for index in range(count):
            seconds = index / RATE
            planes = self._light(seconds / 8 % 1)
            luma = planes[: self._height].astype(np.int16)
            self._add(luma, seconds)
            shift = self._random.integers(0, 64, 2)
            luma += self._grains[index % GRAINS][shift[0] :, shift[1] :][: self._height, : self._width]
            planes[: self._height] = np.clip(luma, 16, 235, out=luma)
            yield planes

    def _add(self, luma: NDArray[np.int16], seconds: float) -> None:
        """Lay the detail of the background and, within the oval that walks about, of the subject over the light."""
        luma += self._seen(self._far, self._camera(seconds, 1.0)) - np.int16(128)
        high, wide = self._oval.shape
        top = int((self._height - high) * (0.55 + 0.25 * math.sin(0.9 * seconds)))
        left = int((self._width - wide) * (0.5 + 0.4 * math.sin(1.7 * seconds)))
        part = luma[top : top + high, left : left + wide]
        inside = self._seen(self._near, self._camera(seconds + 40, 2.2))[top : top + high, left : left + wide]
        part += ((inside - np.int16(8) - part) * self._oval >> 6).astype(np.int16)

    def _camera(self, seconds: float, speed: float) -> View:
        """A slow pan and zoom with the tremor of a hand."""
        shake = [SHAKE * math.sin(seconds * pace + pace) for pace in (7.1, 11.3, 8.7, 13.9)]
        x = 0.5 + 0.4 * math.sin(0.33 * speed * seconds) + shake[0] + shake[1]
        y = 0.5 + 0.4 * math.sin(0.27 * speed * seconds + 1) + shake[2] + shake[3]
        return View(x, y, 1 + ZOOM * (0.5 + 0.5 * math.sin(0.5 * seconds)))

    def _seen(self, texture: Bytes, view: View) -> NDArray[np.int16]:
        """The part of a texture that fills the frame, scaled so that motion is finer than a pixel."""
        high, wide = int(self._height / view.zoom), int(self._width / view.zoom)
        top, left = int((texture.shape[0] - high) * view.y), int((texture.shape[1] - wide) * view.x)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(texture[top : top + high, left : left + wide]), "gray")
        scaled = frame.reformat(self._width, self._height, "gray", interpolation=Interpolation.BILINEAR)
        return scaled.to_ndarray().astype(np.int16)

    def _light(self, phase: float) -> Bytes:
        colours = np.clip(self._paint(phase) * 255, 0, 255).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(colours, "rgb24")
        scaled = frame.reformat(
            self._width, self._height, "yuv420p", dst_colorspace=Colorspace.ITU709, interpolation=Interpolation.BICUBIC
        )
        return scaled.to_ndarray().astype(np.uint8)

    def _texture(self, slope: float) -> Bytes:
        """Noise whose amplitude falls with frequency, as in photographs (Field, 1987), with some hard edges."""
        high, wide = round(self._height * SPARE), round(self._width * SPARE)
        spectrum = np.fft.rfft2(self._random.standard_normal((high, wide)).astype(np.float32))
        reach = np.hypot(np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None])
        noise = np.fft.irfft2(spectrum / np.maximum(reach, 8 / high) ** (1 + slope / 2), (high, wide))
        noise = noise / noise.std()
        edges = np.sign(noise) * 0.6 + noise * 0.7
        texture: Bytes = np.clip(128 + DETAIL * edges, 0, 255).astype(np.uint8)
        return texture

    def _grain(self) -> NDArray[np.int16]:
        """Noise of neighbours that resemble each other, as what has been through a camera's own filters."""
        noise = self._random.standard_normal((self._height + 66, self._width + 66))
        soft = noise[1:-1, 1:-1] + 0.5 * (noise[:-2, 1:-1] + noise[2:, 1:-1] + noise[1:-1, :-2] + noise[1:-1, 2:])
        grain: NDArray[np.int16] = np.rint(soft * (GRAIN / soft.std())).astype(np.int16)
        return grain

    def _mask(self) -> NDArray[np.int16]:
        """An oval with a soft edge, 0..64."""
        high, wide = round(self._height * SUBJECT[1] * 2), round(self._width * SUBJECT[0] * 2)
        y, x = np.mgrid[-1 : 1 : high * 1j, -1 : 1 : wide * 1j]
        mask: NDArray[np.int16] = np.rint(64 * np.clip((1 - np.hypot(x, y)) * 12, 0, 1)).astype(np.int16)
        return mask
