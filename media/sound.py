"""The sound: two channels at 48 kHz, begun and ended with the pictures, gaps filled with silence, AAC-LC."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import av.error
from av.audio.frame import AudioFrame
from av.codec.context import Flags
from av.filter import Graph

RATE: Final = 48_000
SLACK_SECONDS: Final = 1.0  # what arrives this far beyond the end is not even looked at


class Soundtrack:
    """Takes decoded sound as it comes and writes it as one AAC track of exactly the pictures' length."""

    def __init__(self, path: Path, start: float, seconds: float, bit_rate: int, gain: float = 0.0) -> None:
        self.path = path
        self._start = start
        self._seconds = seconds
        self._gain = gain
        self._graph: Graph | None = None
        self._kind: tuple[str, str, int] | None = None
        self._container = av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"})
        self._stream = self._container.add_stream("aac", rate=RATE, options={"b": str(bit_rate)}, layout="stereo")
        self._stream.codec_context.flags |= Flags.bitexact  # else libavcodec signs the first frame

    def add(self, frame: AudioFrame) -> None:
        """Take the next decoded frame. Frames of another kind than the first one's become silence."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._graph is None:
            self._graph, self._kind = self._built(frame), kind
        at = frame.time
        if kind != self._kind or frame.pts is None or at is None or at - self._start > self._seconds + SLACK_SECONDS:
            return
        frame.pts -= round(self._start / float(frame.time_base or 1))
        try:
            self._graph.push(frame)
        except av.error.EOFError:
            return  # behind the end
        self._drain()

    def finish(self) -> None:
        """Fill up to the end, and close."""
        if self._graph is None:
            self.add(_silence(self._start))
        assert self._graph is not None
        with suppress(av.error.EOFError):
            self._graph.push(None)
        self._drain()
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def _drain(self) -> None:
        assert self._graph is not None
        while True:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(frame, AudioFrame)
            self._container.mux(self._stream.encode(frame))

    def _built(self, frame: AudioFrame) -> Graph:
        graph = Graph()
        graph.threads = 1
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=frame.time_base
        )
        filters = [
            ("aresample", f"{RATE}:async=1:first_pts=0"),
            ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
            *((("volume", f"{self._gain:.2f}dB"),) if self._gain else ()),
            ("apad", f"whole_dur={self._seconds:.6f}"),
            ("atrim", f"end={self._seconds:.6f}"),
            ("asetpts", "N"),
        ]
        graph.link_nodes(source, *(graph.add(name, arguments) for name, arguments in filters), graph.add("abuffersink"))
        graph.configure()
        return graph


def _silence(start: float) -> AudioFrame:
    """A moment of nothing, where a stream of sound turned out to hold none that decodes."""
    frame = AudioFrame(format="fltp", layout="stereo", samples=1024)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = RATE
    frame.time_base = Fraction(1, RATE)
    frame.pts = round(start * RATE)
    return frame
