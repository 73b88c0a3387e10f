"""The pictures of one of our own renditions, small and at a constant rate, for whatever is made of them afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Self

import av
from av.container import InputContainer
from av.stream import Discard

from media import opening
from media.errors import NoVideo

SLACK_SECONDS: Final = 0.001


class Rendition:
    """An open rendition. Times are seconds from its first picture, whatever its container calls them."""

    def __init__(self, container: InputContainer) -> None:
        films = opening.film_streams(container)
        if not films:
            raise NoVideo("a rendition without pictures")
        self._container = container
        self._film = films[0]
        for other in container.streams:
            other.discard = Discard.default if other is self._film else Discard.all
        opening.arm(self._film)
        self._unit = float(self._film.time_base or 0)
        self._start = self._film.start_time or 0

    @classmethod
    @contextmanager
    def opened(cls, path: str) -> Iterator[Self]:
        """The rendition at `path`, until the block ends."""
        with opening.opened(path) as container:
            yield cls(container)

    @property
    def width(self) -> int:
        return self._film.width

    @property
    def height(self) -> int:
        return self._film.height

    @property
    def seconds(self) -> float:
        """Its length, as its index says."""
        duration = self._film.duration
        return duration * self._unit if duration else (self._container.duration or 0) / av.time_base

    def pictures(self, since: float = 0.0) -> Iterator[tuple[float, av.VideoFrame]]:
        """Each picture with its time, from the key picture before `since` on."""
        if since:
            self._container.seek(self._start + int(since / self._unit), stream=self._film)
        for packet in opening.packets(self._container, [self._film]):
            for frame in self._film.decode(packet):
                if frame.pts is not None:
                    yield (frame.pts - self._start) * self._unit, frame


class Beat:
    """Says which pictures come on the beat: the first one, and then the first of every `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0

    def falls(self, time: float) -> bool:
        place = int((time + SLACK_SECONDS) / self._seconds)
        if place < self._next:
            return False
        self._next = place + 1
        return True
