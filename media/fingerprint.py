"""What a clip looks like, in 64 bits for each moment: near for copies however they were treated, far for all else.

A moment's bits are its lowest frequencies above their median, as in pHash, of a grey picture without its darkest and brightest
parts: logos lie there. Two clips are as far apart as their moments in the alignment that fits best.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
import numpy as np
import numpy.ma  # numpy would import it late, behind the locked door of the child
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from media.poster import pixels
from media.rendition import SLACK_SECONDS, Beat, Rendition
from media.task import Report, Task

EDGE: Final = 32
LOW: Final = 8  # frequencies kept in each direction
FLAT: Final = 6.0  # standard deviation of a picture that shows nothing
CLIP: Final = (8.0, 92.0)  # percentiles
STEP_MS: Final = 125
KEPT_EVERY: Final = 4  # steps

THRESHOLD: Final = 18.0  # bits: below are copies, above is other content
FEWEST: Final = 3  # moments that must lie beside each other for a distance to mean anything
COVERED: Final = 0.5  # of the shorter clip
FAR: Final = 64.0

BAND_BITS, BANDS = 20, 24

Bits = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]  # signed, as PostgreSQL's bigint

_WAVES = np.cos(np.pi / EDGE * np.outer(np.arange(LOW), np.arange(EDGE) + 0.5))
_WEIGHTS = 1 << np.arange(BAND_BITS)
_MIRROR = np.where(np.arange(LOW) % 2, -1, 1)  # mirrored, waves of odd frequency change their sign


class Moment(msgspec.Struct, frozen=True, array_like=True):
    """What is seen `step` steps of 125 ms from the start, and what would be if the picture were mirrored."""

    step: Annotated[int, msgspec.Meta(ge=0)]
    bits: Bits
    mirrored: Bits


class Fingerprint(msgspec.Struct, frozen=True):
    """A clip's moments, eight a second; those that show nothing are left out."""

    moments: list[Moment]

    @property
    def kept(self) -> dict[int, int]:
        """What a store of fingerprints keeps: the bits at every half second, by step."""
        return {moment.step: moment.bits for moment in self.moments if moment.step % KEPT_EVERY == 0}


def fingerprint(task: Task, report: Report) -> Fingerprint:
    """Look at one of our renditions."""
    moments, beat = [], Beat(STEP_MS / 1000)
    with Rendition.opened(task.input) as rendition:
        for time, frame in rendition.pictures():
            if beat.falls(time):
                grey = pixels(frame.reformat(EDGE, EDGE, "gray", interpolation=Interpolation.AREA))
                if grey.std() >= FLAT:
                    moments.append(Moment(int((time + SLACK_SECONDS) * 1000) // STEP_MS, *bits(grey)))
            report("fingerprint", min(time / rendition.seconds, 1.0) if rendition.seconds else 0.0)
    return Fingerprint(moments)


def bits(grey: NDArray[Any]) -> tuple[int, int]:
    """The 64 bits of a grey picture of 32 x 32, and those of the mirrored one."""
    clipped = np.clip(grey, *np.percentile(grey, CLIP))
    terms = _WAVES @ clipped @ _WAVES.T
    return _above_median(terms), _above_median(terms * _MIRROR)


def _above_median(terms: NDArray[np.float64]) -> int:
    return int.from_bytes(np.packbits(terms > np.median(terms)).tobytes(), signed=True)


def distance(kept: Mapping[int, int], query: Fingerprint) -> float:
    """How far a clip is from one that is kept, mirrored or not: mean bits in the best alignment, `FAR` where there is none."""
    plain = {moment.step: moment.bits for moment in query.moments}
    mirrored = {moment.step: moment.mirrored for moment in query.moments}
    return min(score(kept, plain), score(kept, mirrored))


def score(kept: Mapping[int, int], query: Mapping[int, int]) -> float:
    """The least mean of differing bits over all offsets at which enough moments lie beside each other.

    Args:
        kept: bits by step, one every `KEPT_EVERY` steps.
        query: bits by step, one each step: copies seldom begin on the beat of what they were taken from.
    """
    if min(len(kept), len(query)) < FEWEST:
        return FAR
    offsets = np.subtract.outer(list(kept), list(query)).ravel()
    offsets -= offsets.min()
    differing = np.bitwise_count(np.bitwise_xor.outer(_unsigned(kept), _unsigned(query))).ravel()
    beside = np.bincount(offsets)
    enough = beside >= max(FEWEST, COVERED * min(len(kept), len(query) / KEPT_EVERY))
    if not enough.any():
        return FAR
    return float((np.bincount(offsets, differing)[enough] / beside[enough]).min())


def _unsigned(moments: Mapping[int, int]) -> NDArray[np.uint64]:
    return np.array(list(moments.values()), np.int64).view(np.uint64)


def bands(found: int) -> list[int]:
    """Keys for an inverted index: two moments of a clip and its copy share at least one of them, others hardly ever.

    Each key is the number of a band and 20 of the 64 bits. docs/benchmarks.md says why so many and so wide.
    """
    every = np.unpackbits(np.frombuffer(found.to_bytes(8, signed=True), np.uint8)).astype(np.int64)
    values = every[_PLACES] @ _WEIGHTS
    return [number << BAND_BITS | int(value) for number, value in enumerate(values)]


def keys(moments: Iterable[int]) -> set[int]:
    """The keys under which a clip is kept."""
    return {key for moment in moments for key in bands(moment)}


def queries(query: Fingerprint) -> set[int]:
    """The keys under which copies of a clip would be found, mirrored ones too."""
    return keys(found for moment in query.moments for found in (moment.bits, moment.mirrored))


def _places() -> NDArray[np.int64]:
    """Which bits make up each band: as many disjoint ones of each shuffle as fit, the same on every machine for ever."""
    each = LOW * LOW // BAND_BITS
    shuffled = (_shuffled(number // each)[number % each * BAND_BITS :][:BAND_BITS] for number in range(BANDS))
    return np.array(list(shuffled))


def _shuffled(seed: int) -> list[int]:
    return sorted(range(LOW * LOW), key=lambda bit: sha256(b"%d %d" % (seed, bit)).digest())


_PLACES = _places()
