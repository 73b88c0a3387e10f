"""What the steps of a job made, as the rows that a video's sources are."""

import msgspec

from media.manifest import AudioTrack, FirstSource, Ladder, Mp4, Rendition
from server.videos.steps import NewRendition

PICTURES_EDGE = 300
"""Previews and fingerprints are made of the smallest rendition above this: it decodes in no time, and is not coarse yet."""


class Fingerprinted(msgspec.Struct, frozen=True):
    """How many moments were seen; the fingerprint itself is kept where it can be found by."""

    moments: int


def mp4(made: Mp4, generation: int) -> NewRendition:
    """A whole file as a source."""
    facts = msgspec.json.encode({"start": made.start})
    return NewRendition(made.name, "mp4", generation, made.width, made.height, made.bitrate, made.bytes, facts)


def sources(first: FirstSource, ladder: Ladder, first_generation: int, generation: int) -> list[NewRendition]:
    """What a ladder adds to the first source: its files, and every variant of the stream."""
    audio = first.audio or ladder.audio
    found = [mp4(one, generation) for one in ladder.mp4s]
    for rendition in [first.rendition, *ladder.renditions]:
        if rendition is not None and rendition.name not in ladder.unlisted:
            below = first_generation if rendition is first.rendition else generation
            found.append(_variant(rendition, audio, below))
    return found


def _variant(rendition: Rendition, audio: AudioTrack | None, generation: int) -> NewRendition:
    """`bitrate` is what the variant asks of the network at its peak: pictures and sound."""
    bitrate = rendition.bandwidth + (audio.bandwidth if audio else 0)
    facts = msgspec.json.encode(rendition)
    return NewRendition(rendition.name, "hls", generation, rendition.width, rendition.height, bitrate, rendition.bytes, facts)


def smallest(first: FirstSource, ladder: Ladder) -> Rendition:
    """The rendition that pictures are made of."""
    there = [*([first.rendition] if first.rendition else []), *ladder.renditions]
    ordered = sorted(there, key=lambda rendition: rendition.short_edge)
    return next((rendition for rendition in ordered if rendition.short_edge >= PICTURES_EDGE), ordered[-1])
