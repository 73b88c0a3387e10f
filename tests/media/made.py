"""A film taken through both steps, and the ways in which a player would look at what came out."""

import io
from dataclasses import dataclass
from pathlib import Path

import av
from msgspec.structs import replace

from media import limits, playlist, steps
from media.facts import Probe
from media.manifest import AudioTrack, FirstSource, Ladder, Rendition
from media.pool import Pool
from media.probe import probe
from media.task import Task
from tests.media.films import quiet


@dataclass
class Made:
    """Everything that the two steps made of one film."""

    folder: Path
    facts: Probe
    first: FirstSource
    rest: Ladder

    @property
    def renditions(self) -> list[Rendition]:
        return self.rest.renditions

    @property
    def audio(self) -> AudioTrack | None:
        """What all renditions share."""
        return self.rest.audio

    @property
    def master(self) -> str:
        return playlist.master(self.renditions, self.audio, self.rest.iframes)


@dataclass
class Segment:
    """One entry of a playlist, with its bytes."""

    seconds: float
    data: bytes
    offset: int


def to_be_encoded(facts: Probe) -> Probe:
    """The same upload as if its groups of pictures could not be kept: films are made in the one codec that is copied."""
    return replace(facts, picture=replace(facts.picture, gops=None))


async def make(pool: Pool, source: Path, folder: Path, *, copied: bool = False) -> Made:
    """Both steps in children, as a job does it."""
    facts = await pool.run(probe, Task(input=str(source)), limits=limits.PROBE)
    facts = facts if copied else to_be_encoded(facts)
    request = steps.Request(input=str(source), folder=str(folder), probe=facts)
    first = await pool.run(steps.first_source, request, limits=steps.first_limits(facts))
    rest = await pool.run(steps.ladder_rest, replace(request, first=first), limits=steps.rest_limits(facts))
    return Made(folder, facts, first, rest)


def first_of(source: Path) -> tuple[FirstSource, Path]:
    """The first source of a film, made in this process, and its folder."""
    request = request_for(source)
    return steps.first_source(request, quiet), Path(request.folder)


def ladder_of(source: Path) -> tuple[Ladder, Path]:
    """The ladder of a film, made in this process, and its folder."""
    request = request_for(source)
    return steps.ladder_rest(replace(request, first=steps.first_source(request, quiet)), quiet), Path(request.folder)


def request_for(source: Path, *, copied: bool = False) -> steps.Request:
    folder = source.parent / f"{source.stem}-made"
    folder.mkdir(exist_ok=True)
    facts = probe(Task(input=str(source)), quiet)
    return steps.Request(input=str(source), folder=str(folder), probe=facts if copied else to_be_encoded(facts))


def read(folder: Path, name: str) -> tuple[bytes, list[Segment]]:
    """The init section and the segments of a media playlist, as an HLS player reads them."""
    init, found, seconds, at, size = b"", [], 0.0, 0, 0
    for line in (folder / name).read_text().splitlines():
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-MAP":
            uri, span = value.split(",")
            size, at = (int(part) for part in span.partition("=")[2].strip('"').split("@"))
            init = (folder / uri.partition("=")[2].strip('"')).read_bytes()[at : at + size]
        elif tag == "#EXTINF":
            seconds = float(value.rstrip(","))
        elif tag == "#EXT-X-BYTERANGE":
            size, at = (int(part) for part in value.split("@"))
        elif line and not line.startswith("#"):
            whole = (folder / line).read_bytes()
            assert at + size <= len(whole)
            found.append(Segment(seconds, whole[at : at + size], at))
    return init, found


def pictures(data: bytes) -> list[av.VideoFrame]:
    """Every picture in these bytes; a damaged one is an error."""
    with av.open(io.BytesIO(data), "r") as container:
        return list(container.decode(video=0))
