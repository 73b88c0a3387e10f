"""Checks of bandwidths: what the master playlist says against what is measured, by the successor draft's rules (1.26 to 1.30)."""

from typing import Final, NamedTuple

from media.lint.finding import Findings
from media.lint.master import Master, Variant
from media.lint.track import Track

TOLERANCE: Final = 0.1
MOST_PEAK: Final = 2.0  # times the average
SHORTEST, LONGEST = 0.5, 1.5  # target durations of the runs of segments whose rates are compared


class Rates(NamedTuple):
    """Bit/s."""

    peak: float
    average: float


def measured(track: Track) -> Rates:
    """The peak segment bit rate: the largest of any run of segments of half to one and a half target durations.

    A track in which no run has that length is one run.
    """
    return _of([(8 * segment.size, segment.ticks / track.header.timescale) for segment in track.segments], track.playlist.target)


def iframe_rates(track: Track) -> Rates:
    """The same of an I-frame playlist, where a picture counts for as long as EXTINF says."""
    return _of([(8 * segment.size, segment.said.seconds or track.frame) for segment in track.segments], track.playlist.target)


def _of(sizes: list[tuple[int, float]], target: int) -> Rates:
    """The rates of segments, each its bits and seconds."""
    whole = sum(bits for bits, _ in sizes) / sum(seconds for _, seconds in sizes)
    peak = 0.0
    for first in range(len(sizes)):
        bits, seconds = 0, 0.0
        for more, length in sizes[first:]:
            bits, seconds = bits + more, seconds + length
            if seconds > LONGEST * target:
                break
            if seconds >= SHORTEST * target:
                peak = max(peak, bits / seconds)
    return Rates(peak or whole, whole)


def together(pictures: Rates, sounds: list[Rates]) -> Rates:
    """Pictures with the sound that needs most: the largest sum that can be played (9.13)."""
    peak, average = max((sound.peak for sound in sounds), default=0), max((sound.average for sound in sounds), default=0)
    return Rates(pictures.peak + peak, pictures.average + average)


def check(master: Master, variant: Variant, rates: Rates, findings: Findings) -> None:
    """A variant."""
    where = f"{master.place}:{variant.line}"
    if variant.bandwidth and _off(rates.peak, variant.bandwidth):
        findings.error("1.27", where, f"BANDWIDTH is {variant.bandwidth}, and {rates.peak:.0f} is measured")
    if variant.average and _off(rates.average, variant.average):
        findings.error("1.26", where, f"AVERAGE-BANDWIDTH is {variant.average}, and {rates.average:.0f} is measured")
    if rates.peak > MOST_PEAK * rates.average:
        findings.warn("1.30", where, f"the peak is {rates.peak / rates.average:.0%} of the average, more than {MOST_PEAK:.0%}")


def check_iframes(master: Master, variant: Variant, rates: Rates, findings: Findings) -> None:
    """An I-frame playlist: its peak (6.9), and its average where it is said."""
    where = f"{master.place}:{variant.line}"
    for name, said, found in (
        ("BANDWIDTH", variant.bandwidth, rates.peak),
        ("AVERAGE-BANDWIDTH", variant.average, rates.average),
    ):
        if said and _off(found, said):
            findings.error("6.9", where, f"{name} is {said}, and {found:.0f} is measured")


def _off(found: float, said: int) -> bool:
    return abs(found - said) > TOLERANCE * said
