"""One rung's x264: settings by its size, IDR pictures exactly at the boundaries, nothing of ours in the stream."""

from collections.abc import Collection
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

import av
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from media.ladder import MOST_PIXELS, Rung
from media.picture import PIXELS

# What pays, measured (docs/decisions/0011-x264-settings.md): veryfast with these, and by the size of the rung.
PRESET: Final = "veryfast"
EXTRA: Final = "trellis=1:bframes=3:scenecut=0:open-gop=0:cpu-independent=1"  # equal pictures give equal bytes
TUNED: Final = (  # by the most pixels: where they are few, good ones cost little
    (234 * 416, "rc-lookahead=30:subme=7:ref=3:me=hex"),
    (720 * 1280, "rc-lookahead=30:subme=4:me=dia:partitions=i8x8,p8x8"),
    (MOST_PIXELS, "rc-lookahead=20:subme=2:me=dia:partitions=i8x8,p8x8"),
)
HURRIED: Final = ("ultrafast", "cabac=1:deblock=0,0:subme=1:aq-mode=1:scenecut=0:open-gop=0")
KEYS_ALONE: Final = "trellis=1:bframes=0:scenecut=0:cpu-independent=1:keyint=2:min-keyint=1"  # keyint=1 is another profile
LONGEST_ALONE: Final = 300  # pictures of a clip that is one segment


class Encoder:
    """Encodes a rung into a plain MP4 of one track, which packaging then takes apart."""

    def __init__(self, rung: Rung, rate: Fraction, boundaries: Collection[int], path: Path, threads: int) -> None:
        self.rung = rung
        self.path = path
        self.frames = 0
        self._keys = frozenset(boundaries)
        self._container = av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"})
        own_rate = rate / rung.stride
        options = {
            "preset": HURRIED[0] if rung.hurried else PRESET,
            "profile": "high",
            "crf": str(rung.quality),
            "forced-idr": "1",
            "x264-params": self._settings(),
        }
        self._stream = self._container.add_stream("libx264", rate=own_rate, options=options)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = rung.width, rung.height, PIXELS
        context.time_base = 1 / own_rate
        context.thread_count = 1 if rung.iframes else threads
        context.color_range, context.colorspace = ColorRange.MPEG, Colorspace.ITU709
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        self._step = 1 / own_rate

    def _settings(self) -> str:
        vbv = f"vbv-maxrate={max(self.rung.maxrate // 1000, 1)}:vbv-bufsize={max(self.rung.buffer // 1000, 1)}"
        if self.rung.iframes:
            return f"{KEYS_ALONE}:{vbv}"
        widest = max((after - before for before, after in pairwise(sorted(self._keys))), default=LONGEST_ALONE)
        longest = 2 + widest // self.rung.stride
        how = HURRIED[1] if self.rung.hurried else f"{EXTRA}:{tuned(self.rung.width * self.rung.height)}"
        return f"{how}:keyint={longest}:min-keyint=1:{vbv}"

    def wants(self, index: int) -> bool:
        """Whether this rung shows the picture at `index` of the full rate."""
        return int(self._number(index) * self.rung.stride) == index

    def _number(self, index: int) -> int:
        """Which of this rung's pictures the one at `index` is, or would come before."""
        return -int(-index // self.rung.stride)

    def encode(self, frame: av.VideoFrame, index: int) -> None:
        """Encode the picture at `index` of the full rate; the frame may be used again afterwards."""
        frame.pts = self._number(index)
        frame.time_base = self._step
        # Else the source's own picture types are forced on the encoder.
        frame.pict_type = PictureType.I if self.rung.iframes or index in self._keys else PictureType.NONE
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def abandon(self) -> None:
        """Close without an end; the folder goes with the job."""
        self._container.close()


def tuned(pixels: int) -> str:
    """x264's settings for pictures of so many pixels."""
    return next(settings for most, settings in TUNED if pixels <= most or most == MOST_PIXELS)
