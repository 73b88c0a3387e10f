"""How well fingerprints find copies, and what they cost: clips treated in eleven ways, beside clips of other content.

A clip of each scene of the demo, and the first seconds of the real clips in ../shared/media/good where they are. A copy counts as
found when its distance is below the threshold; through the index, when it shares a band with its original too.
"""

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import av
import numpy as np
from av.filter import Graph
from av.video.frame import PictureType

from bench.cpu import spent_here
from bench.figures import Result
from media import clips, fingerprint
from media.fingerprint import FEWEST, THRESHOLD, Fingerprint
from media.rendition import Rendition
from media.scenes import SCENES
from media.task import Task
from stack.servers import ROOT

REAL: Final = ROOT.parent / "shared" / "media" / "good"
SECONDS, RATE, WIDTH, HEIGHT = 6.0, 12, 180, 320
REAL_SECONDS, SHORT_EDGE = 8, 180


class Treatment(NamedTuple):
    """What a copy went through: filters, x264's quality, its speed, and the shares that are cut off at the start and the end."""

    filters: Sequence[tuple[str, str]] = ()
    quality: int = 26
    speed: Fraction = Fraction(1)
    cut: tuple[float, float] = (0.0, 0.0)


CROP: Final = ("crop", "iw*0.9:ih*0.9")
LOGO: Final = ("drawbox", "x=iw*0.7:y=ih*0.06:w=iw*0.25:h=ih*0.1:color=white:t=fill")
HARDEST: Final = "low rate, crop 10 %, logo"
TREATMENTS: Final = {
    "low rate": Treatment(quality=40),
    "resize to a half": Treatment([("scale", "trunc(iw/4)*2:trunc(ih/4)*2")]),
    "mirror": Treatment([("hflip", "")]),
    "brightness": Treatment([("lutyuv", "y=val*1.1+16")]),
    "trim 10 %": Treatment(cut=(0.063, 0.037)),
    "speed 1.05": Treatment(speed=Fraction(105, 100)),
    "crop 5 %": Treatment([("crop", "iw*0.95:ih*0.95")]),
    "crop 10 %": Treatment([CROP]),
    "logo 25 x 10 %": Treatment([LOGO]),
    "letterbox 20 %": Treatment([("pad", "iw:ih*1.2:0:ih*0.1")]),
    HARDEST: Treatment([CROP, LOGO], quality=40),
}


class Clip(NamedTuple):
    """An original, its copies by treatment, and what its fingerprint and its decoding alone cost (seconds of CPU)."""

    original: Fingerprint
    copies: Mapping[str, Fingerprint]
    cost: float
    floor: float


def run(folder: Path) -> Result:
    """The benchmark."""
    originals = _originals(folder)
    found = [_examined(path, folder / "copy.mp4") for path in originals]
    telling = [clip for clip in found if len(clip.original.kept) >= FEWEST]
    notes = (
        f"{len(found)} clips, {len(found) - len(telling)} of them too short or too flat for a fingerprint",
        f"{'treatment':{len(HARDEST)}}  found  by the index  distances: median, largest",
        *(_line(treatment, telling) for treatment in TREATMENTS),
        *_others(telling),
    )
    ours, floor = [1000 * clip.cost for clip in found], [1000 * clip.floor for clip in found]
    return Result("ms of CPU a clip", "fingerprint", "decoding alone", ours, floor, notes)


def _originals(folder: Path) -> list[Path]:
    paths = []
    for seed in range(len(SCENES)):
        clips.render(path := folder / f"{seed}.mp4", seed, SECONDS, WIDTH, HEIGHT, RATE, sound=False)
        paths.append(path)
    for source in sorted(REAL.glob("*.*")) if REAL.is_dir() else []:
        with av.open(str(source)) as film:
            width, height = film.streams.video[0].width, film.streams.video[0].height
        scale = min(1.0, SHORT_EDGE / min(width, height))
        small = Treatment([("scale", f"{int(width * scale) // 2 * 2}:{int(height * scale) // 2 * 2}")], quality=20)
        paths.append(treated(source, folder / f"{source.stem}.mp4", small))
    return paths


def _examined(path: Path, copy: Path) -> Clip:
    copies = {name: _seen(treated(path, copy, treatment)) for name, treatment in TREATMENTS.items()}
    with spent_here() as cost:
        original = _seen(path)
    with spent_here() as floor, Rendition.opened(str(path)) as rendition:
        for _ in rendition.pictures():
            pass
    return Clip(original, copies, cost.seconds, floor.seconds)


def _seen(path: Path) -> Fingerprint:
    return fingerprint.fingerprint(Task(input=str(path)), lambda _stage, _fraction: None)


def _line(treatment: str, found: Sequence[Clip]) -> str:
    """What became of one treatment."""
    distances = [fingerprint.distance(clip.original.kept, clip.copies[treatment]) for clip in found]
    hits = [distance < THRESHOLD for distance in distances]
    indexed = [hit and _share(clip.original, clip.copies[treatment]) for hit, clip in zip(hits, found, strict=True)]
    of, far = len(found), f"{median(distances):4.1f}, {max(distances):4.1f}"
    return f"{treatment:{len(HARDEST)}}  {sum(hits):2}/{of}  {sum(indexed):6}/{of}     {far}"


def _others(found: Sequence[Clip]) -> list[str]:
    """What became of clips that have nothing to do with each other, as they are and after the hardest treatment."""
    pairs = [
        (one.original, query)
        for one, other in itertools.permutations(found, 2)
        for query in (other.original, other.copies[HARDEST])
        if len(query.moments) >= FEWEST
    ]
    distances = np.array([fingerprint.distance(one.kept, query) for one, query in pairs])
    shares = sum(_share(one, query) for one, query in pairs)
    low, middle = np.percentile(distances, [1, 50])
    return [
        f"other content: {len(pairs)} pairs, {int((distances < THRESHOLD).sum())} taken for copies",
        f"their distances: least {distances.min():.1f}, one in a hundred below {low:.1f}, median {middle:.1f}",
        f"pairs of other content that the index brings up: {shares / len(pairs):.1%}",
    ]


def _share(one: Fingerprint, query: Fingerprint) -> bool:
    """Whether an index of bands would bring these together."""
    return not fingerprint.keys(one.kept.values()).isdisjoint(fingerprint.queries(query))


def treated(source: Path, target: Path, treatment: Treatment) -> Path:
    """Write a copy of a clip's first seconds."""
    graph = None
    with av.open(str(source)) as film, av.open(str(target), "w") as out:
        rate = film.streams.video[0].average_rate or Fraction(25)
        frames = list(itertools.islice(film.decode(video=0), int(REAL_SECONDS * rate)))
        kept = frames[int(len(frames) * treatment.cut[0]) : len(frames) - int(len(frames) * treatment.cut[1])]
        stream = out.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": str(treatment.quality)})
        for index, frame in enumerate(kept):
            graph = graph or _graph(frame, [*treatment.filters, ("scale", "trunc(iw/2)*2:trunc(ih/2)*2"), ("format", "yuv420p")])
            graph.vpush(frame)
            done = graph.vpull()
            if not index:
                stream.width, stream.height, stream.pix_fmt = done.width, done.height, "yuv420p"
                stream.codec_context.time_base = Fraction(1, 90_000)
            done.pts, done.time_base = round(index / rate / treatment.speed * 90_000), Fraction(1, 90_000)
            done.pict_type = PictureType.NONE
            out.mux(stream.encode(done))
        out.mux(stream.encode(None))
    return target


def _graph(frame: av.VideoFrame, filters: Sequence[tuple[str, str]]) -> Graph:
    graph = Graph()
    nodes = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)]
    nodes += [graph.add(name, arguments or None) for name, arguments in filters]
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes)
    graph.configure()
    return graph
