"""From pictures at any time to pictures at a constant rate: each slot shows the latest one, and there is a last slot."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Generic, TypeVar

T = TypeVar("T")


class Clock(Generic[T]):
    """Holds the latest picture and gives it out once for every slot it fills.

    A hard stop at `frames` slots is what keeps a file of 28 KB from becoming two million pictures.
    """

    def __init__(self, rate: Fraction, start: float, frames: int) -> None:
        self._rate = rate
        self._start = start
        self._most = frames
        self._held: T | None = None
        self.given = 0

    @property
    def full(self) -> bool:
        """Every slot is filled; further pictures have no place."""
        return self.given >= self._most

    def place(self, picture: T, seconds: float) -> Iterator[T]:
        """Take the next picture; give out the one before it for each slot up to this one's."""
        slot = int((seconds - self._start) * float(self._rate) + 0.5)
        yield from self._until(min(slot, self._most))
        self._held = picture

    def finish(self) -> Iterator[T]:
        """Give out the last picture to the end: where the last packets are damaged, the sound goes on."""
        yield from self._until(self._most)

    def _until(self, slot: int) -> Iterator[T]:
        while self._held is not None and self.given < slot:
            self.given += 1
            yield self._held
