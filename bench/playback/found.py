"""What the visits found, beside the floors: how soon videos play, how they stand still, what is fetched for nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Final

from bench.playback.visit import Bytes, Video

FIRST_MS: Final = 1000.0
SWIPE_MS: Final = 150.0
WASTED: Final = 0.30
STALLED: Final = 0.005


@dataclass(slots=True)
class Found:
    """Of all visits together.

    Attributes:
        cold, warm: milliseconds from a navigation until pictures move; without and with a cache, of members.
        guest: the same of guests, without a cache.
        swipes: milliseconds from when a video became the current one until it moved; the page's first one is not among them.
        unmoved: videos that were left before they moved.
        stalled, watched: milliseconds.
        total, ahead, wasted: bytes of video that came; before they were looked at; of those, what was not watched.
        scripts: bytes of JavaScript of each cold visit until pictures moved.
    """

    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    guest: list[float] = field(default_factory=list)
    swipes: list[float] = field(default_factory=list)
    unmoved: int = 0
    stalled: float = 0.0
    watched: float = 0.0
    total: int = 0
    ahead: float = 0.0
    wasted: float = 0.0
    scripts: list[int] = field(default_factory=list)

    def add(self, videos: Sequence[Video], came: Bytes, began: float, sizes: Mapping[str, int]) -> None:
        """A visit; `began` is its navigation in milliseconds since the epoch, `sizes` the bytes of each video's MP4."""
        for video in videos[1:]:
            if video.moved is None:
                self.unmoved += 1
            else:
                self.swipes.append(video.moved - video.since)
        self.stalled += sum(video.stalled for video in videos)
        self.watched += sum(video.watched for video in videos)
        self.total += came.total
        looked = {video.id: video for video in videos}
        for video_id, pieces in came.of.items():
            seen = looked.get(video_id)
            before = sum(count for at, count in pieces if seen is None or at < began + seen.since)
            used = seen.share * sizes.get(video_id, 0) if seen is not None and seen.moved is not None else 0.0
            self.ahead += before
            self.wasted += max(0.0, before - used)

    def __str__(self) -> str:
        """As lines of text; a floor of which nothing was measured is missed."""
        stalled = self.stalled / self.watched if self.watched else 0.0
        p50, p95 = (_percentile(self.swipes, percent) for percent in (50, 95))
        share, of_ahead = (self.wasted / max(of, 1) for of in (self.total, self.ahead))
        lines = [
            _first("first video, no cache, member", self.cold),
            _first("first video, no cache, guest", self.guest),
            _first("first video, cache, member", self.warm),
            _line(
                f"next video, {len(self.swipes)} swipes",
                f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {max(self.swipes, default=0):.0f} ms",
                bool(self.swipes) and p95 <= SWIPE_MS and not self.unmoved,
                f"p95 ≤ {SWIPE_MS:.0f} ms",
            ),
            _line(
                "fetched ahead and not watched",
                f"{share:.1%} of {self.total / 1e6:.1f} MB, {of_ahead:.1%} of what was ahead",
                bool(self.total) and share <= WASTED,
                f"≤ {WASTED:.0%}",
            ),
            _line(
                "stood still",
                f"{stalled:.2%} of {self.watched / 1000:.0f} s",
                bool(self.watched) and stalled < STALLED,
                f"< {STALLED:.1%}",
            ),
        ]
        if self.unmoved:
            lines.append(f"  {self.unmoved} were left before they moved")
        return "\n".join(lines)


def _first(what: str, times: Sequence[float]) -> str:
    found = f"{median(times):.0f} ms ({min(times):.0f} to {max(times):.0f}, {len(times)} times)" if times else "–"
    return _line(what, found, bool(times) and median(times) <= FIRST_MS, f"≤ {FIRST_MS:.0f} ms")


def _line(what: str, found: str, holds: bool, floor: str) -> str:
    return f"  {what:32} {found:52} {floor:14} {'holds' if holds else 'MISSED'}"


def _percentile(times: Sequence[float], percent: int) -> float:
    if len(times) < 2:
        return times[0] if times else 0.0
    return quantiles(times, n=100, method="inclusive")[percent - 1]
