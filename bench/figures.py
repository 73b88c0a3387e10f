"""What a benchmark found: its figure, what it stands beside, and their ratio over the rounds of one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Result:
    """Figures of interleaved rounds; `ours[n]` and `peer[n]` were measured one right after the other."""

    unit: str
    ours_is: str
    peer_is: str
    ours: Sequence[float]
    peer: Sequence[float]
    notes: Sequence[str] = ()
    about: str = ""  # a heading, where the benchmark has several things to measure

    @property
    def ratios(self) -> list[float]:
        return [ours / peer for ours, peer in zip(self.ours, self.peer, strict=True)]


def table(result: Result) -> str:
    """The result as lines of text: medians, the ratio, and how far the rounds were apart."""
    width = max(len(result.ours_is), len(result.peer_is))
    ratios = result.ratios
    spread = f"{min(ratios):.2f} to {max(ratios):.2f} over {len(ratios)} rounds" if len(ratios) > 1 else "one round"
    lines = [
        *([result.about] if result.about else []),
        f"  {result.ours_is:{width}}  {median(result.ours):10.2f} {result.unit}",
        f"  {result.peer_is:{width}}  {median(result.peer):10.2f} {result.unit}",
        f"  {'ratio':{width}}  {median(ratios):10.2f}  ({spread})",
        *(f"  {note}" for note in result.notes),
    ]
    return "\n".join(lines)
