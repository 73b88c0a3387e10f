"""Which files a client asks for when it begins to watch a video, whichever way it does."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from media.manifest import AudioTrack, Rendition
from server.cards.actions import at_hand, of_stream
from server.cards.links import Links
from server.cards.queries import RenditionRow, VideoRow
from server.cards.sources import MP4, sources


class Opened(NamedTuple):
    """A file: where it is asked for, and how many bytes it has; 0 of those that are small."""

    url: str
    bytes: int


def opening(row: VideoRow, renditions: Sequence[RenditionRow], links: Links) -> list[Opened]:
    """The poster, the file that comes first, and of the stream what its first variant needs: RFC 8216, 4.3.4.2.

    Args:
        row: the video.
        renditions: all of it that plays.
        links: how its media are reached.
    """
    shown = at_hand(row, renditions)
    listed = sources(shown, of_stream(row, shown), links, None)
    files = [one for one in listed if one.type == MP4]
    streams = [one for one in listed if one.type != MP4]
    found = [Opened(links.to(row.poster), 0)] if row.poster else []
    found += [Opened(one.url, one.bytes or 0) for one in files[:1]]
    variants = [(r, msgspec.json.decode(r.facts, type=Rendition)) for r in shown if r.kind == "hls"]
    if not streams or not variants:
        return found
    variant, facts = next((one for one in variants if one[1].default), variants[0])
    found += [Opened(streams[0].url, 0), *_track(links, variant.generation, facts.playlist, facts.track, variant.bytes)]
    if row.audio and row.audio_generation is not None:
        sound = msgspec.json.decode(row.audio, type=AudioTrack)
        found += _track(links, row.audio_generation, sound.playlist, sound.track, sound.bytes)
    return found


def _track(links: Links, generation: int, playlist: str, track: str, size: int) -> list[Opened]:
    """Its segments are ranges of one file, and the edge keeps files."""
    return [Opened(links.to(f"{generation}/{playlist}"), 0), Opened(links.to(f"{generation}/{track}"), size)]
