"""What a round has for the same sessions: events in order, and their frames as one piece of bytes that all of them are sent."""

from collections.abc import Collection, Sequence
from math import inf
from typing import NamedTuple
from uuid import UUID

from server.live.limits import WRITE_BYTES
from server.live.log import Entry


class Event(NamedTuple):
    """A frame on its way to sessions; of a publication with its entry in the log. `late`: no replay can have had it.

    `about`: the videos and accounts that an event without a position speaks of.
    """

    frame: bytes
    entry: Entry | None = None
    late: bool = False
    about: Collection[UUID] = ()

    @property
    def seq(self) -> int:
        """Its place in the order; what has none goes first."""
        return self.entry.seq if self.entry else 0


class Batch:
    """Made once, for as many sessions as hear the same.

    Attributes:
        events: in the order of their numbers.
        size: bytes of all frames.
        whole_after: who has heard up to less than this, the number of the first publication, may be sent `joined`; nobody where
            it is too much for one write, whatever was heard where there are no publications.
        publications: how many there are.
        joined: all frames in a row.
    """

    __slots__ = ("events", "joined", "publications", "size", "whole_after")

    def __init__(self, events: Sequence[Event]) -> None:
        frames = [event.frame for event in events]
        numbers = [event.entry.seq for event in events if event.entry is not None]
        self.events = events
        self.size = sum(map(len, frames))
        self.publications = len(numbers)
        # A round is full at WRITE_BYTES for one audience. Who belongs to several may have more waiting.
        fits = len(frames) == 1 or self.size < 2 * WRITE_BYTES
        self.whole_after: float = min(numbers, default=inf) if fits else -inf
        self.joined = b"".join(frames) if fits else b""
