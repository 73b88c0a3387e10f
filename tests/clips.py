"""Small clips with sound for tests of the server: rendered once, made different by a box that players skip."""

import io
import secrets
from fractions import Fraction
from functools import cache
from itertools import pairwise

import av
from av.filter import Graph

SAMPLES = 48_000


@cache
def clip(seconds: float = 2, width: int = 180, height: int = 320, *, rate: int = 30, sound: bool = True) -> bytes:
    """An MP4 of a moving test picture and a tone."""
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "g": str(2 * rate)})
        video.width, video.height, video.pix_fmt, video.time_base = width, height, "yuv420p", Fraction(1, rate)
        audio = out.add_stream("aac", rate=SAMPLES, layout="stereo") if sound else None
        graph = _graph("buffersink", f"testsrc2=size={width}x{height}:rate={rate}:duration={seconds}", "format=yuv420p")
        _encode(graph, video, out)
        if audio is not None:
            tone = _graph("abuffersink", f"sine=sample_rate={SAMPLES}:duration={seconds}", "aformat=fltp:channel_layouts=stereo")
            _encode(tone, audio, out)
    return made.getvalue()


def unique(seconds: float = 2, width: int = 180, height: int = 320, *, rate: int = 30, sound: bool = True) -> bytes:
    """The clip, in bytes that no other test has sent."""
    salt = secrets.token_bytes(16)
    return clip(seconds, width, height, rate=rate, sound=sound) + (8 + len(salt)).to_bytes(4) + b"free" + salt


def _graph(sink: str, *filters: str) -> Graph:
    graph = Graph()
    nodes = [graph.add(*spec.split("=", 1)) for spec in filters] + [graph.add(sink)]
    for one, other in pairwise(nodes):
        one.link_to(other)
    graph.configure()
    return graph


def _encode(graph: Graph, stream: "av.VideoStream | av.AudioStream", out: "av.container.OutputContainer") -> None:
    while True:
        try:
            frame = graph.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            break
        out.mux(stream.encode(frame))  # type: ignore[arg-type]
    out.mux(stream.encode(None))
