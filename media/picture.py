"""A decoded picture made ready: upright, square pixels, BT.709 in eight bits, no larger than the largest rung."""

from collections.abc import Sequence
from typing import Final, Literal

import av
import av.error
from av.filter import Graph
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc, Interpolation, VideoReformatter

from media import colour, orientation
from media.facts import Picture

PIXELS: Final = "yuv420p"
Filter = tuple[str, str]
Scaling = Literal["bicubic", "area"]  # the second one takes a third of the time, and is softer


def chain(picture: Picture, width: int, height: int, table: str, scaling: Scaling = "bicubic") -> list[Filter]:
    """The filters for a source; the size is the upright one that comes out.

    Each answers a picture by itself, at once. Deinterlacing needs the next one too, and has been done before (`media/fields.py`).
    """
    if orientation.turns(picture.orientation):
        width, height = height, width
    scale = f"w={width}:h={height}:in_range={'pc' if picture.full_range else 'tv'}"
    if table:
        colours = [
            ("scale", f"{scale}:in_color_matrix={colour.matrix_name(picture)}:flags=bilinear"),
            ("format", "pix_fmts=gbrp10le"),
            ("lut3d", f"file={table}:interp=tetrahedral"),
            ("scale", "out_color_matrix=bt709:out_range=tv:flags=bilinear"),
        ]
    else:
        matrices = f"in_color_matrix={colour.matrix_name(picture)}:out_color_matrix=bt709:out_range=tv"
        colours = [("scale", f"{scale}:{matrices}:flags={scaling}")]
    return [*colours, ("format", f"pix_fmts={PIXELS}"), *orientation.filters(picture.orientation), ("setsar", "1")]


class Studio:
    """Makes pictures ready, one after the other. A stream that changes its size or format gets a new chain."""

    def __init__(self, picture: Picture, width: int, height: int, table: str, scaling: Scaling = "bicubic") -> None:
        self._filters = chain(picture, width, height, table, scaling)
        self._key: tuple[int, int, str] | None = None
        self._graph: Graph | None = None

    def ready(self, frame: av.VideoFrame) -> av.VideoFrame:
        key = (frame.width, frame.height, frame.format.name)
        if self._graph is None or key != self._key:
            self._graph, self._key = self._built(frame), key
        self._graph.vpush(frame)
        done = self._graph.vpull()
        done.color_trc, done.color_primaries = ColorTrc.BT709, ColorPrimaries.BT709  # lut3d leaves the source's
        done.color_range = ColorRange.MPEG
        return done

    def _built(self, frame: av.VideoFrame) -> Graph:
        graph = Graph()
        graph.threads = 1
        nodes = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)]
        nodes += [graph.add(name, arguments or None) for name, arguments in self._filters]
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes)
        graph.configure()
        return graph


class Cascade:
    """Each size scaled from the one above it: as good as from the source to the eye, at half the cost."""

    def __init__(self, sizes: Sequence[tuple[int, int]]) -> None:
        self._sizes = sizes
        self._scalers = [VideoReformatter() for _ in sizes]

    def frames(self, frame: av.VideoFrame, wanted: int) -> list[av.VideoFrame]:
        """The picture in the first `wanted` sizes, largest first."""
        made = []
        for (width, height), scaler in zip(self._sizes[:wanted], self._scalers, strict=False):
            if (frame.width, frame.height) != (width, height):
                frame = scaler.reformat(frame, width, height, PIXELS, interpolation=Interpolation.BICUBIC)
            made.append(frame)
        return made
