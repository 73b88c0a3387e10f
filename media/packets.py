"""The packet-only pass: what is really in a file, counted before anything is decoded (0.01 to 0.25 CPU seconds)."""

from array import array
from collections.abc import Sequence
from itertools import pairwise

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from media import opening
from media.errors import TooLong, Unreadable, Unsupported
from media.limits import INFLATION_SLACK, MAX_AUDIO_PACKETS, MAX_INFLATION, MAX_SECONDS, MAX_SECONDS_SLACK, MAX_VIDEO_PACKETS


class Tally:
    """What one stream holds. Times are seconds on the container's clock; packets that an edit list hides do not count."""

    def __init__(self, stream: Stream) -> None:
        self._unit = float(stream.time_base or 0)
        self._most = MAX_VIDEO_PACKETS if stream.type == "video" else MAX_AUDIO_PACKETS
        self._times = array("q")
        self._end: int | None = None
        self.count = 0
        self.bytes = 0

    def add(self, packet: "Packet[Stream]") -> None:
        self.count += 1
        self.bytes += packet.size
        if self.count > self._most:
            raise TooLong(f"more than {self._most} packets in one stream")
        if packet.has_sidedata("encryption_info") or packet.has_sidedata("encryption_init_info"):
            raise Unsupported("encrypted")
        if packet.is_discard or packet.pts is None:
            return
        self._times.append(packet.pts)
        end = packet.pts + (packet.duration or 0)
        self._end = end if self._end is None else max(self._end, end)
        if self._end - self._times[0] > (MAX_SECONDS + MAX_SECONDS_SLACK) / self._unit:
            raise TooLong(f"longer than {MAX_SECONDS:.0f} s")

    @property
    def shown(self) -> int:
        """How many packets are shown."""
        return len(self._times)

    @property
    def start(self) -> float:
        return min(self._times) * self._unit

    @property
    def step(self) -> float:
        """The median distance of two pictures; where there is only one, its duration."""
        times = sorted(set(self._times))
        steps = sorted(after - before for before, after in pairwise(times))
        return (steps[len(steps) // 2] if steps else (self._end or 0) - times[0]) * self._unit

    @property
    def end(self) -> float:
        """When the last picture has been shown; where packets carry no duration, a usual step after the last one."""
        last = max(self._times)
        return self._end * self._unit if self._end is not None and self._end > last else last * self._unit + self.step


def survey(container: InputContainer, streams: Sequence[Stream], size: int) -> dict[int, Tally]:
    """Read every packet of these streams once.

    Args:
        container: just opened.
        streams: what to count.
        size: bytes of the file, against which inflated packets are judged.

    Raises:
        TooLong, Unreadable, Unsupported: a budget is spent, or packets are encrypted.
    """
    tallies = {stream.index: Tally(stream) for stream in streams}
    budget = size * MAX_INFLATION + INFLATION_SLACK
    for packet in opening.packets(container, streams):
        if packet.pts is None and not packet.size:
            continue  # the flush packet at the end
        tallies[packet.stream_index].add(packet)
        budget -= packet.size
        if budget < 0:
            raise Unreadable("its packets hold far more bytes than the file")
    return tallies
