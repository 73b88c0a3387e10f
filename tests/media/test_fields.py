"""Two fields made one picture: what stands still keeps every line, what moves has no comb, and nothing is lost or late."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
import numpy as np
import pytest
from av.filter import Graph
from numpy.typing import NDArray

from media import fields
from tests.media.films import Picture
from tests.media.interlaced import comb, likeness, moving, scene, still, woven

WIDTH, HEIGHT, RATE = 128, 96, 25
FIRST = {"tff": 0, "bff": 1}
Grey = NDArray[np.uint8]


def filtered(frames: Sequence[av.VideoFrame], *filters: tuple[str, str]) -> list[av.VideoFrame]:
    """Frames through filters that answer each by itself."""
    graph = Graph()
    source = graph.add_buffer(template=frames[0])  # type: ignore[arg-type]
    graph.link_nodes(source, *(graph.add(*one) for one in filters), graph.add("buffersink"))
    graph.configure()
    done = []
    for frame in frames:
        graph.vpush(frame)
        done.append(graph.vpull())
    return done


def plain(picture: Picture, index: int, pixel_format: str = "yuv420p") -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixel_format)
    frame.pts, frame.time_base = index * index + 7, Fraction(1, RATE)  # at no constant rate
    return frame


def whole(count: int, step: int = 2) -> list[av.VideoFrame]:
    """The scene as a camera without fields sees it."""
    return [plain(scene(step * index, WIDTH, HEIGHT), index) for index in range(count)]


def interlaced(count: int, order: str = "tff", height: int = HEIGHT, pixel_format: str = "yuv420p") -> list[av.VideoFrame]:
    """Pictures of two fields, marked so."""
    seen = [plain(woven(i, WIDTH, height, first=FIRST[order]), i, pixel_format) for i in range(count)]
    return filtered(seen, ("setfield", f"mode={order}"))


def grey(frame: av.VideoFrame) -> Grey:
    return frame.reformat(format="gray").to_ndarray()  # type: ignore[return-value]


@pytest.mark.parametrize("order", FIRST)
def test_lines_that_stand_still_are_all_kept(order: str) -> None:
    frames = interlaced(8, order)
    halves = filtered(frames, ("field", "type=top"), ("scale", f"w={WIDTH}:h={HEIGHT}:flags=bicubic"))
    for frame, half, original in zip(fields.whole(frames), halves, whole(8), strict=True):
        wanted = still(grey(original))
        assert likeness(still(grey(frame)), wanted) > 40 > 20 + likeness(still(grey(half)), wanted)


@pytest.mark.parametrize("order", FIRST)
def test_what_moves_has_no_comb_and_is_of_the_first_fields_moment(order: str) -> None:
    frames, moments = interlaced(8, order), whole(16, step=1)
    assert comb(grey(frames[3])) > 100
    for index, frame in enumerate(fields.whole(frames)):
        seen = grey(frame)
        assert comb(seen) < 10
        assert likeness(moving(seen), moving(grey(moments[2 * index]))) > 30
        assert likeness(moving(seen), moving(grey(moments[2 * index + 1]))) < 20


@pytest.mark.parametrize("count", [1, 2, 7])
def test_one_picture_comes_out_for_each_at_its_time(count: int) -> None:
    frames = interlaced(count)
    done = list(fields.whole(frames))
    assert [frame.time for frame in done] == [frame.time for frame in frames]
    assert not any(frame.interlaced_frame for frame in done)


def test_whole_pictures_pass_as_they_are_and_at_once() -> None:
    frames = whole(3)
    given: list[av.VideoFrame] = []

    def one_by_one() -> Iterator[av.VideoFrame]:
        for frame in frames:
            yield frame
            assert given[-1] is frame

    for frame in fields.whole(one_by_one()):
        given.append(frame)  # noqa: PERF402  # the generator above looks at it meanwhile
    assert len(given) == 3


def test_whole_pictures_among_interlaced_ones_are_not_touched() -> None:
    frames, others = interlaced(9), whole(9)
    frames[:2], frames[5:7] = others[:2], others[5:7]
    done = list(fields.whole(frames))
    assert [frame.time for frame in done] == [frame.time for frame in frames]
    for index in (0, 1, 5, 6):
        assert (grey(done[index]) == grey(others[index])).all()
    assert all(comb(grey(frame)) < 10 for frame in done)


def test_a_stream_that_changes_its_size_or_format_loses_nothing() -> None:
    parts = [interlaced(3), interlaced(3, height=64), interlaced(1, pixel_format="yuv422p10le"), interlaced(2, height=8)]
    frames = [frame for part in parts for frame in part]
    done = list(fields.whole(frames))
    assert [(frame.time, frame.height, frame.format.name) for frame in done] == [
        (frame.time, frame.height, frame.format.name) for frame in frames
    ]
    assert [frame.interlaced_frame for frame in done] == [False] * 7 + [
        True
    ] * 2  # eight lines are no picture, and none is refused
