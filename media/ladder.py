"""Which renditions an upload becomes: sizes, rates and budgets, by arithmetic alone."""

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

# Usual short edges, and what a 9:16 picture of that size needs (bit/s, average); other shapes by their pixels.
EDGES: Final = (1080, 720, 540, 360, 234)
RATES: Final = (
    (234 * 416, 145_000), (360 * 640, 365_000), (432 * 768, 730_000),
    (540 * 960, 1_400_000), (720 * 1280, 2_500_000), (1080 * 1920, 4_800_000),
)  # fmt: skip
LEAST_RATE: Final = 40_000
PEAK: Final = 1.5  # the VBV's rate over the average, so that hard scenes may borrow
QUALITY: Final = 23  # x264's CRF where the cap does not bind
QUALITY_STEP: Final = 6  # between renditions of one size
FAST_COST: Final = 1.4  # 60 pictures a second need less than twice the bits of 30
SMALL_TOP: Final = 1.6  # the largest rung of a small source is all the quality there is
NATIVE_GAP: Final = 1.15  # a source this much larger than the next usual edge keeps its own size
WIDE_GAP: Final = 1.4  # two rungs further apart than this have room for one between them
SMALLEST_EDGE: Final = 48  # below this, further renditions differ by quality alone
FEWEST: Final = 3
MOST_PIXELS: Final = 8704 * 256  # H.264 level 4.2 (table A-1), the highest that every phone plays

BUDGET_BYTES: Final = 5_000_000  # of the one MP4 that every video has
BUDGET_AIM: Final = 0.93
GOOD_BUDGET: Final = 500_000  # bit/s of budget from which 540 lines look better than 360
STARVED: Final = 0.5  # a first rung with less than this share of its usual rate gets a full one beside it
FIRST_EDGES: Final = (540, 360)
QUICK_EDGE: Final = 360  # of what is encoded in a hurry: it plays after a fifth of the time of the whole
QUICK_COST: Final = 1.8  # bits instead of the time that it takes to save them

SLOW_NETWORK: Final = 192_000  # bit/s that the smallest variant never exceeds, sound included
SLOW_MARGIN: Final = 1.2  # of its room; what still exceeds it is measured and encoded again
SLOW_BUFFER: Final = 0.6  # of a segment
OVERHEAD: Final = 5_000  # bit/s of fragment headers, of pictures and sound
AUDIO_RATES: Final = (96_000, 64_000)
AUDIO_PEAK: Final = 1.08

SEGMENT_SECONDS: Final = 2
IFRAME_SECONDS: Final = 1
IFRAME_SHARE: Final = 8  # pictures a second that a usual rate pays for where each is a key (Apple's authoring specification, 6.5)
HALF: Final = 0.5  # of a picture, by which a group that is kept may be longer than that: 60 of them at 29.97 a second are
COPIED_MARGIN: Final = 1.04  # of the upload's bytes: another sound and an index
SMOOTH, FILM, SLIDES = 60, 30, 16  # pictures a second: of large rungs, of small ones, of the one for slow networks
RATE_SLACK: Final = 1.02

BESIDE: Final = "-own"  # behind the name of a file with an upload's own pictures that are not part of the stream

MODERN: Final = frozenset({"hevc", "vp9", "libdav1d"})
RECODING: Final = {True: 3.0, False: 2.0}  # bits of H.264 that carry what one bit of a modern codec, or of another, did


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One rendition to be encoded: every `stride`th picture, at most `maxrate` bit/s over a buffer of `buffer` bits.

    Where `stride` is no whole number, it is the picture on show at that moment.
    """

    name: str
    width: int
    height: int
    stride: int | Fraction
    quality: int
    maxrate: int
    buffer: int
    default: bool = False
    mp4: bool = False  # also as a progressive file, if that stays under the budget
    copied: bool = False  # the upload's own pictures: nothing is encoded, and its file may be of any size
    slow: bool = False  # no segment may need more than slow networks carry
    hurried: bool = False  # somebody waits for it: what counts is how soon it is there
    iframes: bool = False  # every picture is a key

    @property
    def short_edge(self) -> int:
        return min(self.width, self.height)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The rung to start with and the rest, best first.

    Attributes:
        boundaries: the pictures (of the full rate) that begin a segment.
        slow_room: what a slow network leaves for pictures, bit/s.
        iframes: a picture a second, for scrubbing; largest first.
        beside: the upload's own pictures, where they are a whole file and not part of the stream.
        quick: what is shown until these rungs are there, of an upload whose own pictures cannot be.
        still: width and height of the poster.
    """

    rate: Fraction
    frames: int
    boundaries: tuple[int, ...]
    audio_rate: int
    slow_room: int
    first: Rung
    rest: tuple[Rung, ...]
    iframes: tuple[Rung, ...]
    quick: Rung
    still: tuple[int, int]
    beside: Rung | None = None

    @property
    def seconds(self) -> float:
        return float(self.frames / self.rate)

    @property
    def copied(self) -> Rung | None:
        """The rung that needs no encoding, if there is one."""
        return self.beside or next((rung for rung in (self.first, *self.rest) if rung.copied), None)

    @property
    def encoded(self) -> tuple[Rung, ...]:
        """All others, best first."""
        return tuple(rung for rung in (self.first, *self.rest) if not rung.copied)


class Source(NamedTuple):
    """An upload as the ladder sees it: upright, with square pixels, at its constant rate."""

    width: int
    height: int
    rate: Fraction  # pictures a second, at most 60
    frames: int
    channels: int  # of its sound, 0 without
    picture_rate: float  # bit/s; spending much more adds nothing
    codec: str  # as libavcodec names the decoder
    keys: tuple[int, ...] = ()  # pictures that begin a closed group, where they are to be copied
    bytes: int = 0  # of the pictures and the sound
    sound_rate: float = 0.0  # bit/s of a sound that is heard as it is at first


def plan(source: Source) -> Plan:
    """The ladder of a source: at least three rungs, never above it, one for slow networks, one file within the budget."""
    seconds = float(source.frames / source.rate)
    budget = BUDGET_BYTES * 8 * BUDGET_AIM / seconds
    audio_rate = _audio_rate(source.channels, budget)
    edges = short_edges(source.width, source.height, copied=bool(source.keys))
    wanted = FIRST_EDGES[budget < GOOD_BUDGET]
    at = next((i for i, edge in enumerate(edges) if edge <= wanted), 0)
    full = [_full(source, edges, i) for i in range(len(edges))]
    quick = _quick(full, budget - max(audio_rate, source.sound_rate), seconds)
    room = int(SLOW_NETWORK - audio_rate * AUDIO_PEAK)
    full[-1] = _slow(source, full[-1], room - OVERHEAD)
    first = _within(full[at], _average(budget - audio_rate, seconds))
    if source.keys:
        full[0] = _copied(source, full[0])
        if at == 0 and source.bytes * COPIED_MARGIN < BUDGET_BYTES:
            first = full[0]
    starved = first.maxrate < full[at].maxrate * STARVED or (full[at].copied and not first.copied)
    best = next((i for i, edge in enumerate(edges) if edge <= FIRST_EDGES[0]), 0)
    rest = [
        msgspec.structs.replace(rung, default=starved and i == best, mp4=rung.copied or i in (at - 1, len(edges) - 1))
        for i, rung in enumerate(full)
        if i != at or starved
    ]
    named = _named([msgspec.structs.replace(first, default=not starved, mp4=True), *rest])
    step = math.lcm(*(int(rung.stride) for rung in named))
    cuts = kept(source.keys, source.frames, source.rate, step) if source.keys else boundaries(source.frames, source.rate, step)
    if not cuts:
        beside = msgspec.structs.replace(full[0], name=f"{full[0].name}{BESIDE}", mp4=True)
        return msgspec.structs.replace(plan(source._replace(keys=())), beside=beside)
    return Plan(
        rate=source.rate,
        frames=source.frames,
        boundaries=cuts,
        audio_rate=audio_rate,
        slow_room=room,
        first=named[0],
        rest=tuple(named[1:]),
        iframes=_iframes(source, full),
        quick=quick,
        still=size(source.width, source.height, edges[best]),
    )


def short_edges(width: int, height: int, *, copied: bool = False) -> list[int]:
    """The short edges of a source's rungs, largest first; its own stands first where its pictures are copied."""
    short, ratio = even(min(width, height)), max(width, height) / min(width, height)
    kept = [edge for edge in EDGES if edge <= short]
    if copied:
        kept = [edge for edge in kept if short / edge >= NATIVE_GAP]
    if not kept or copied or (short < EDGES[0] and short / kept[0] >= NATIVE_GAP):
        kept.insert(0, short)
    tallest = even(math.isqrt(int(MOST_PIXELS / ratio)) - 8)  # macroblocks are counted whole, so a little less
    kept = list(dict.fromkeys(min(edge, tallest) for edge in kept))
    while len(kept) < FEWEST:
        _fill(kept)
    return kept


def _fill(edges: list[int]) -> None:
    """Add one edge where it helps most: in the widest gap, or below."""
    gaps = [above / below for above, below in pairwise(edges)]
    if gaps and max(gaps) > WIDE_GAP:
        at = gaps.index(max(gaps))
        edges.insert(at + 1, even(math.isqrt(edges[at] * edges[at + 1])))
    else:
        last = edges[-1]
        edges.append(max(even(last * 3 // 4), SMALLEST_EDGE) if last > SMALLEST_EDGE else last)


def even(value: float) -> int:
    """The even number at or below; 4:2:0 pictures have no odd edges."""
    return max(2, int(value) // 2 * 2)


def size(width: int, height: int, edge: int) -> tuple[int, int]:
    """Width and height with this short edge, both even, the shape kept to within a line."""
    short, long = min(width, height), max(width, height)
    other = min(even(long * edge / short + 1), even(long))
    return (edge, other) if width <= height else (other, edge)


def usual_rate(pixels: int) -> float:
    """The average bit rate for pictures of so many pixels, interpolated between the usual ones on logarithmic scales."""
    points = [(math.log(area), math.log(rate)) for area, rate in RATES]
    at = math.log(pixels)
    (x0, y0), (x1, y1) = next((pair for pair in pairwise(points) if at <= pair[1][0]), (points[-2], points[-1]))
    return max(LEAST_RATE, math.exp(y0 + (y1 - y0) * (at - x0) / (x1 - x0)))


def _audio_rate(channels: int, budget: float) -> int:
    """Half the table's rates for one channel: the second one, made equal, costs nearly nothing."""
    if not channels:
        return 0
    return AUDIO_RATES[0] if channels > 1 and budget >= GOOD_BUDGET else AUDIO_RATES[1]


def _stride(rate: Fraction, most: int) -> int:
    return math.ceil(float(rate) / (most * RATE_SLACK))


def _full(source: Source, edges: Sequence[int], at: int) -> Rung:
    """A rung without regard to budgets."""
    width, height = size(source.width, source.height, edges[at])
    stride = _stride(source.rate, SMOOTH if at == 0 or edges[at] > FIRST_EDGES[0] else FILM)
    rate = usual_rate(width * height) * PEAK
    if source.rate / stride > FILM * RATE_SLACK:
        rate *= FAST_COST
    if at == 0 and edges[0] < FIRST_EDGES[0]:
        rate *= SMALL_TOP
    most = max(source.picture_rate * RECODING[source.codec in MODERN], LEAST_RATE)
    rate = min(rate, most)
    again = edges[:at].count(edges[at])
    return Rung(
        name=str(edges[at]),
        width=width,
        height=height,
        stride=stride,
        quality=QUALITY + QUALITY_STEP * again,
        maxrate=int(rate),
        buffer=int(rate),
    )


def _quick(full: Sequence[Rung], room: float, seconds: float) -> Rung:
    """A small rung that is encoded in no time, within the budget of a file. Where that is small, time is what saves bits."""
    small = next((rung for rung in full if rung.short_edge <= QUICK_EDGE), full[-1])
    rate = int(small.maxrate * QUICK_COST)
    within = _within(msgspec.structs.replace(small, maxrate=rate, buffer=rate, mp4=True), _average(room, seconds))
    return msgspec.structs.replace(within, hurried=within.maxrate >= small.maxrate)


def _iframes(source: Source, rungs: Sequence[Rung]) -> tuple[Rung, ...]:
    """A picture a second, in the sizes of two small rungs: whoever scrubs sees each for a moment, and wants it at once."""
    count = len(boundaries(source.frames, source.rate, 1, IFRAME_SECONDS))
    small = [rung for rung in rungs if rung.short_edge <= QUICK_EDGE and not rung.copied] or rungs[-1:]
    found = []
    for rung in {(rung.width, rung.height): rung for rung in (small[0], rungs[-1])}.values():
        bits = usual_rate(rung.width * rung.height) / IFRAME_SHARE  # of a picture
        found.append(
            Rung(
                name=f"iframes-{rung.short_edge}",
                width=rung.width,
                height=rung.height,
                stride=Fraction(source.frames, count),
                quality=QUALITY,
                maxrate=int(bits * count * source.rate / source.frames),
                buffer=int(bits),
                iframes=True,
            )
        )
    return tuple(found)


def _average(room: float, seconds: float) -> float:
    """The rate that fills this room (bit/s) over the whole length, with a buffer of a second that may be empty at the end."""
    return (room - OVERHEAD) * seconds / (seconds + 1)


def _copied(source: Source, rung: Rung) -> Rung:
    """The upload's own pictures under the name of a rung."""
    rate = int(source.picture_rate)
    return msgspec.structs.replace(
        rung, width=source.width, height=source.height, stride=1, quality=0, maxrate=rate, buffer=rate, copied=True
    )


def _slow(source: Source, rung: Rung, room: int) -> Rung:
    """The smallest rung made so small that a slow network carries it with its sound."""
    rate = min(rung.maxrate, room / SLOW_MARGIN)
    segment = min(float(source.frames / source.rate), SEGMENT_SECONDS)
    return msgspec.structs.replace(
        rung,
        stride=_stride(source.rate, SLIDES if source.channels else FILM),
        maxrate=int(rate),
        buffer=int(rate * segment * SLOW_BUFFER),
        slow=True,
    )


def _within(rung: Rung, rate: float) -> Rung:
    """The same rung at no more than this rate."""
    capped = int(max(min(rung.maxrate, rate), 1000))
    return msgspec.structs.replace(rung, maxrate=capped, buffer=min(rung.buffer, capped))


def _named(rungs: Sequence[Rung]) -> list[Rung]:
    """Rungs of one short edge get a number, the first one none."""
    seen: Counter[str] = Counter()
    named = []
    for rung in rungs:
        seen[rung.name] += 1
        again = seen[rung.name]
        named.append(msgspec.structs.replace(rung, name=rung.name if again == 1 else f"{rung.name}-{again}"))
    return named


def boundaries(frames: int, rate: Fraction, step: int, seconds: float = SEGMENT_SECONDS) -> tuple[int, ...]:
    """The pictures that begin a segment: segments of at most so many seconds and nearly one length, no short one at the end.

    All are multiples of `step`, so that rungs which show every second or fourth picture have them too.
    """
    most = max(round(seconds * rate) // step * step, step)
    count = math.ceil(frames / most)
    while True:
        found = tuple(dict.fromkeys(frames * i // count // step * step for i in range(count)))
        if frames - found[-1] <= most:  # the last one has what rounding left over
            return found
        count += 1


def kept(keys: Sequence[int], frames: int, rate: Fraction, step: int) -> tuple[int, ...]:
    """The pictures that begin a segment where an upload's own groups are kept: some of `keys`, all multiples of `step`.

    Each is the last one within two seconds after the one before. None, where keys are further apart: whoever begins to
    watch, or goes to another place or rung, would wait for that long (Apple's authoring specification, 1.13).
    """
    most = SEGMENT_SECONDS * rate + HALF
    usable = [key for key in keys if key % step == 0]
    found = usable[:1]
    if found != [0]:
        return ()
    while frames - found[-1] > most:
        within = [key for key in usable if 0 < key - found[-1] <= most]
        if not within:
            return ()
        found.append(within[-1])
    return tuple(found)
