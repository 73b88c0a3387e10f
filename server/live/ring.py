"""The newest part of the log in memory, so that resumes need not read it from PostgreSQL."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from server.live.limits import RING_LENGTH
from server.live.log import Entry

_SEQ = attrgetter("seq")


class Ring:
    """Every entry after `floor`, in order."""

    def __init__(self, floor: int = 0, newest: Sequence[Entry] = ()) -> None:
        """`newest` are the newest entries, at most RING_LENGTH of them; `floor` holds where that is everything."""
        self._entries = list(newest)
        self.floor = newest[0].seq - 1 if len(newest) >= RING_LENGTH else floor

    def append(self, entry: Entry) -> None:
        self._entries.append(entry)
        # Cut in large steps: a list that loses its head one by one moves all others each time.
        if len(self._entries) > 2 * RING_LENGTH:
            self.floor = self._entries[-RING_LENGTH - 1].seq
            del self._entries[:-RING_LENGTH]

    def covers(self, seq: int) -> bool:
        """Whether everything after `seq` is here."""
        return seq >= self.floor

    def after(self, seq: int, up_to: int) -> list[Entry]:
        """The entries after `seq`, up to and with `up_to`."""
        begin = bisect_right(self._entries, seq, key=_SEQ)
        end = bisect_right(self._entries, up_to, lo=begin, key=_SEQ)
        return self._entries[begin:end]
