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
        encoders = [
            Encoder(rung, self._plan.rate, self._plan.boundaries, self._work / f"{rung.name}.video", self._threads)
            for rung in ordered
        ]
        with ExitStack() as stack:
            for encoder in encoders:
                stack.callback(encoder.abandon)
            cascade = Cascade([(rung.width, rung.height) for rung in ordered])

            def take(shown: Shown) -> None:
                index, frame, watched = shown
                wanted = max((place + 1 for place, encoder in enumerate(encoders) if encoder.wants(index)), default=0)
                for encoder, picture in zip(encoders, cascade.frames(frame, wanted), strict=False):
                    if encoder.wants(index):
                        encoder.encode(picture, index)
                if watcher and watched:
                    watcher.see(watched)
                self._report("encode", (index + 1) / self._plan.frames)

            with Behind(take, AHEAD if self._threads > 1 else 0) as behind:
                for shown in self._pictures(ordered[0], watcher):
                    behind.put(shown)
            if not encoders[0].frames:
                raise Unreadable("none of its pictures decodes")
            for encoder in encoders:
                encoder.finish()
            stack.pop_all()
        return [Encoded(encoder.rung, str(encoder.path), encoder.frames) for encoder in encoders]

    def _pictures(self, largest: Rung, watcher: Watcher | None) -> Iterator[Shown]:
        """Every picture of the constant rate, ready at the largest size, and at the watcher's."""
        table = self._table()
        scaling: Scaling = "area" if largest.hurried else "bicubic"
        studio = Studio(self._probe.picture, largest.width, largest.height, table, scaling)
        other = Studio(self._probe.picture, *watcher.size, table) if watcher else None
        for index, held in enumerate(self._placed(studio)):
            watched = held.through(other) if watcher and other and watcher.wants(index) else None
            yield Shown(index, held.ready(), watched)

    def _placed(self, studio: Studio) -> "Iterator[_Lazy]":
        """What is decoded, once for every place that it fills."""
        clock: Clock[_Lazy] = Clock(self._plan.rate, self._probe.start, self._plan.frames)
        for frame in fields.whole(self._decoded()):
            yield from clock.place(_Lazy(studio, frame), float(frame.time or 0))
            if clock.full:
                return
        yield from clock.finish()

    def _decoded(self) -> Iterator[av.VideoFrame]:
        """The pictures as they decode. Damaged ones are left out: the one before stays for their time."""
        damaged = 0
        with opening.opened(str(self._source)) as container:
            for other in container.streams:
                other.discard = Discard.default if other.index == self._probe.picture.stream else Discard.all
            film = next(stream for stream in container.streams.video if stream.index == self._probe.picture.stream)
            opening.arm(film, self._threads)
            for packet in opening.packets(container, [film]):
                try:
                    frames = film.decode(packet)
                except av.error.InvalidDataError:
                    damaged += 1
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
