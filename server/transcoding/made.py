"""What the steps of a job made, as the rows that a video's sources are."""

from collections.abc import Iterable

import msgspec

from media.manifest import AudioTrack, File, IFrames, Ladder, Mp4, Rendition
from server.videos.steps import NewRendition
from storage.job_steps import Step

PICTURES_EDGE = 300
"""Previews and fingerprints are made of the smallest rendition above this: it decodes in no time, and is not coarse yet."""


class Fingerprinted(msgspec.Struct, frozen=True):
    """How many moments were seen; the fingerprint itself is kept where it can be found by."""

    moments: int


class Stored(msgspec.Struct, frozen=True):
    """As much of any step's result as tells what it stored."""

    files: list[File] = []
    replaces: list[str] = []


def files(steps: Iterable[Step]) -> dict[str, dict[str, File]]:
    """What each of these steps of a video has in the store, by its path; what was replaced is not there any more."""
    stored = {step.name: (step, msgspec.json.decode(step.result, type=Stored)) for step in steps}
    replaced = {name for _, one in stored.values() for name in one.replaces}
    return {
        name: {f"{step.generation}/{file.name}": file for file in one.files if name != "first" or file.name not in replaced}
        for name, (step, one) in stored.items()
    }


def digests(steps: Iterable[Step]) -> dict[str, str]:
    """The SHA-256 of everything that these steps have in the store, by its path."""
    return {path: file.sha256 for of_step in files(steps).values() for path, file in of_step.items()}


def mp4(made: Mp4, generation: int) -> NewRendition:
    """A whole file as a source."""
    facts = msgspec.json.encode({"start": made.start})
    return NewRendition(made.name, "mp4", generation, made.width, made.height, made.bitrate, made.bytes, facts)


def sources(ladder: Ladder, generation: int) -> list[NewRendition]:
    """What a ladder brings: its files, every variant of the stream, and its key pictures."""
    found = [mp4(one, generation) for one in ladder.mp4s]
    listed = [one for one in ladder.renditions if one.name not in ladder.unlisted]
    found += [_variant(one, ladder.audio, generation) for one in listed]
    return found + [_iframes(one, generation) for one in ladder.iframes]


def _variant(rendition: Rendition, audio: AudioTrack | None, generation: int) -> NewRendition:
    """`bitrate` is what the variant asks of the network at its peak: pictures and sound."""
    bitrate = rendition.bandwidth + (audio.bandwidth if audio else 0)
    facts = msgspec.json.encode(rendition)
    return NewRendition(rendition.name, "hls", generation, rendition.width, rendition.height, bitrate, rendition.bytes, facts)


def _iframes(made: IFrames, generation: int) -> NewRendition:
    facts = msgspec.json.encode(made)
    return NewRendition(made.name, "iframes", generation, made.width, made.height, made.bandwidth, made.bytes, facts)


def smallest(ladder: Ladder) -> Rendition:
    """The rendition that pictures are made of."""
    ordered = sorted(ladder.renditions, key=lambda rendition: rendition.short_edge)
    return next((rendition for rendition in ordered if rendition.short_edge >= PICTURES_EDGE), ordered[-1])
