"""Interlaced pictures made whole: each shows two moments, one in every other line; what stands still keeps all its lines."""

from collections.abc import Iterable, Iterator
from typing import Final

import av
import av.error
from av.filter import Graph

from media.limits import MIN_EDGE

# One picture for each that comes, of the moment of its first field. Its own flags say which one that is, and if there are any:
# streams mix both kinds. Of libavfilter's deinterlacers this one draws moving edges best, in less time than yadif.
FILTER: Final = ("bwdif", "mode=send_frame:parity=auto:deint=interlaced")


def whole(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The same pictures without fields, one for each, at the same times; those that are whole already pass as they are.

    Args: frames: as they decode, in the order in which they are shown, each with a time.

    From the first interlaced picture on they come one later than they went in, since the next one tells what moves. A stream
    that changes its size or format begins anew there.
    """
    weaver: _Weaver | None = None
    for frame in frames:
        if weaver is not None and not weaver.fits(frame):
            yield from weaver.finish()
            weaver = None
        if (
            weaver is None and frame.interlaced_frame and min(frame.width, frame.height) >= MIN_EDGE
        ):  # the filter needs four lines
            weaver = _Weaver(frame)
        if weaver is None:
            yield frame
        else:
            yield from weaver.put(frame)
    if weaver is not None:
        yield from weaver.finish()


class _Weaver:
    """The filter for pictures of one size and format, begun with the first of them."""

    def __init__(self, first: av.VideoFrame) -> None:
        self._key = _key(first)
        self._graph = Graph()
        self._graph.threads = 1
        source = self._graph.add_buffer(template=first)  # type: ignore[arg-type]
        self._graph.link_nodes(source, self._graph.add(*FILTER), self._graph.add("buffersink"))
        self._graph.configure()
        # Where none came before, the filter draws a picture from one field alone. So the first one comes before itself.
        self._graph.vpush(first)
        self._surplus = 1

    def fits(self, frame: av.VideoFrame) -> bool:
        return _key(frame) == self._key

    def put(self, frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """Take the next picture; give out the one before it."""
        self._graph.vpush(frame)
        yield from self._pulled()

    def finish(self) -> Iterator[av.VideoFrame]:
        """Give out the last picture."""
        self._graph.vpush(None)
        yield from self._pulled()

    def _pulled(self) -> Iterator[av.VideoFrame]:
        while True:
            try:
                frame = self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if self._surplus:
                self._surplus -= 1
                continue
            yield frame


def _key(frame: av.VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
