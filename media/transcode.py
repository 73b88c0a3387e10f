"""Decode once, encode every rung: the one loop in which an upload's pictures become ours."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import av
import av.error
import msgspec
from av.stream import Discard

from media import colour, fields, opening
from media.behind import Behind
from media.clock import Clock
from media.encoder import Encoder
from media.errors import Unreadable
from media.facts import Probe
from media.ladder import Plan, Rung
from media.picture import Cascade, Scaling, Studio
from media.task import Report

MAX_DAMAGE: Final = 0.5  # of the packets; what has more holes than pictures is not worth showing
TABLE: Final = "colours.cube"
ROUGH_SCALE: Final = 2  # pictures made at least so much smaller do not show what was left out in decoding them
AHEAD: Final = 6  # pictures that may be decoded before they are encoded; each is some 3 MB


class Watcher(Protocol):
    """Somebody who looks at some of the pictures as they pass, at a size of their own."""

    size: tuple[int, int]

    def wants(self, index: int) -> bool: ...

    def see(self, frame: av.VideoFrame) -> None: ...


class Shown(NamedTuple):
    """A picture with its number at the constant rate, and the same for the watcher where it wants it."""

    number: int
    frame: av.VideoFrame
    watched: av.VideoFrame | None


class Encoded(msgspec.Struct):
    """A rung as a plain MP4 of one track in the work folder."""

    rung: Rung
    path: str
    frames: int


class Line:
    """The encoders of one size: they share their pictures, and so cannot work side by side."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self._encoders = encoders

    def wants(self, number: int) -> bool:
        """Whether one of them shows this picture."""
        return any(encoder.wants(number) for encoder in self._encoders)

    def encode(self, picture: tuple[av.VideoFrame, int] | None) -> None:
        """Encode a picture of this number where it is shown. None ends it: what the encoders have held back is encoded then."""
        if picture is None:
            for encoder in self._encoders:
                if encoder.frames:
                    encoder.finish()
            return
        frame, number = picture
        for encoder in self._encoders:
            if encoder.wants(number):
                encoder.encode(frame, number)


class Transcoder:
    """One pass over an upload."""

    def __init__(self, source: Path, work: Path, probe: Probe, plan: Plan, threads: int, report: Report) -> None:
        self._source = source
        self._work = work
        self._probe = probe
        self._plan = plan
        self._threads = threads
        self._report = report

    def run(self, rungs: Sequence[Rung], watcher: Watcher | None = None) -> list[Encoded]:
        """Encode these rungs.

        Raises:
            Unreadable: no picture, or hardly any, decodes.
        """
        ordered = sorted(rungs, key=lambda rung: -rung.width * rung.height)
        # Of two cores one is busy with the largest rung, the other one with everything else.
        threads = max(self._threads // 2, 1)
        encoders = [
            Encoder(rung, self._plan.rate, self._plan.boundaries, self._work / f"{rung.name}.video", threads) for rung in ordered
        ]
        with ExitStack() as stack:
            for encoder in encoders:
                stack.callback(encoder.abandon)
            self._fill(encoders, watcher)
            if not encoders[0].frames:
                raise Unreadable("none of its pictures decodes")
            stack.pop_all()
        return [Encoded(encoder.rung, str(encoder.path), encoder.frames) for encoder in encoders]

    def _fill(self, encoders: Sequence[Encoder], watcher: Watcher | None) -> None:
        """Give every encoder its pictures. Where there are threads, each size has one, behind scaling, behind decoding."""
        sizes = list(dict.fromkeys((encoder.rung.width, encoder.rung.height) for encoder in encoders))
        cascade, ahead = Cascade(sizes), AHEAD if self._threads > 1 else 0

        def scale(shown: Shown) -> None:
            wanted = [place for place, line in enumerate(lines) if line.wants(shown.number)]
            pictures = cascade.frames(shown.frame, max(wanted, default=-1) + 1)
            for place in wanted:
                behind[place].put((pictures[place], shown.number))
            if watcher and shown.watched:
                watcher.see(shown.watched)
            self._report("encode", (shown.number + 1) / self._plan.frames)

        lines = [Line([one for one in encoders if (one.rung.width, one.rung.height) == size]) for size in sizes]
        with ExitStack() as stack:
            behind = [stack.enter_context(Behind(line.encode, ahead)) for line in lines]
            with Behind(scale, ahead) as scaling:
                for shown in self._pictures(encoders[0].rung, watcher):
                    scaling.put(shown)
            for one in behind:
                one.put(None)

    def _pictures(self, largest: Rung, watcher: Watcher | None) -> Iterator[Shown]:
        """Every picture of the constant rate, ready at the largest size, and at the watcher's."""
        table = self._table()
        scaling: Scaling = "area" if largest.hurried else "bicubic"
        studio = Studio(self._probe.picture, largest.width, largest.height, table, scaling)
        other = Studio(self._probe.picture, *watcher.size, table) if watcher else None
        coded = min(self._probe.picture.coded_width, self._probe.picture.coded_height)
        rough = largest.hurried and coded >= ROUGH_SCALE * largest.short_edge
        for index, held in enumerate(self._placed(studio, rough=rough)):
            watched = held.through(other) if watcher and other and watcher.wants(index) else None
            yield Shown(index, held.ready(), watched)

    def _placed(self, studio: Studio, *, rough: bool) -> "Iterator[_Lazy]":
        """What is decoded, once for every place that it fills."""
        clock: Clock[_Lazy] = Clock(self._plan.rate, self._probe.start, self._plan.frames)
        for frame in fields.whole(self._decoded(rough=rough)):
            yield from clock.place(_Lazy(studio, frame), float(frame.time or 0))
            if clock.full:
                return
        yield from clock.finish()

    def _decoded(self, *, rough: bool) -> Iterator[av.VideoFrame]:
        """The pictures as they decode. Damaged ones are left out: the one before stays for their time."""
        damaged = 0
        with opening.opened(str(self._source)) as container:
            for other in container.streams:
                other.discard = Discard.default if other.index == self._probe.picture.stream else Discard.all
            film = next(stream for stream in container.streams.video if stream.index == self._probe.picture.stream)
            strict = self._plan.copied is not None  # nobody else decodes all of what is shown as it is
            opening.arm(film, self._threads, strict=strict, rough=rough)
            for packet in opening.packets(container, [film]):
                try:
                    frames = opening.decoded(film, packet)
                except opening.Damaged:
                    damaged += 1
                    if strict:
                        raise Unreadable("some of its pictures are damaged") from None
                    if damaged > MAX_DAMAGE * self._probe.picture.frames:
                        raise Unreadable("most of its pictures are damaged") from None
                    continue
                yield from (frame for frame in frames if frame.pts is not None)

    def _table(self) -> str:
        if not colour.needs_table(self._probe.picture):
            return ""
        path = self._work / TABLE
        colour.write_table(self._probe.picture, path)
        return str(path)


class _Lazy:
    """A decoded picture that is made ready when it is first shown: those that never are cost nothing."""

    def __init__(self, studio: Studio, frame: av.VideoFrame) -> None:
        self._studio = studio
        self._frame = frame
        self._ready: av.VideoFrame | None = None

    def ready(self) -> av.VideoFrame:
        if self._ready is None:
            self._ready = self._studio.ready(self._frame)
        return self._ready

    def through(self, studio: Studio) -> av.VideoFrame:
        """The same from another studio."""
        return studio.ready(self._frame)
