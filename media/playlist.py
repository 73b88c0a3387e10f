"""HLS playlists as text (RFC 8216 and its successor draft), from facts alone."""

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

from media.boxes import Track
from media.manifest import AudioTrack, IFrames, Rendition

VERSION: Final = 7  # fragmented MP4 with EXT-X-MAP outside of I-frame playlists needs 6; 7 is what players test
AUDIO_GROUP: Final = "sound"
LONGER_SECONDS: Final = 0.1  # of a segment of sound, or of slow pictures, than one of the fastest
UNKNOWN_LANGUAGE: Final = "und"  # players must be told one (Apple's authoring specification, 8.10); RFC 5646, 4.1
SHORTEST_RUN, LONGEST_RUN = 0.5, 1.5  # target durations
_URI = re.compile(r'URI="([^"]+)"')


def media(track: Track, name: str, target: int = 1, *, iframes: bool = False) -> str:
    """The playlist of one track: every segment is a byte range of the one file `name`; `target` as for all of the video.

    `iframes`: of key pictures alone, each a segment, for scrubbing (RFC 8216, 4.3.3.6).
    """
    lines = _head(track, name, target, iframes=iframes)
    for segment in track.segments:
        lines += [f"#EXTINF:{segment.ticks / track.timescale:.6f},", f"#EXT-X-BYTERANGE:{segment.size}@{segment.offset}", name]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _head(track: Track, name: str, target: int, *, iframes: bool) -> list[str]:
    return [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{max(target, target_duration(track))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        *(["#EXT-X-I-FRAMES-ONLY"] if iframes else []),
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{name}",BYTERANGE="{track.init_size}@0"',
    ]


def target_duration(track: Track) -> int:
    """The longest segment in whole seconds, rounded to the nearest (RFC 8216, 4.3.3.1)."""
    return max(1, int(max(segment.ticks for segment in track.segments) / track.timescale + 0.5))


def common_target(starts: Sequence[float], seconds: float) -> int:
    """One target for all playlists of a video (RFC 8216, 6.2.4), whose segments of pictures begin at `starts`.

    Segments of sound and of slow rungs may be a little longer, and would be rounded to the next second where others are not.
    """
    return int(max(after - before for before, after in pairwise([*starts, seconds])) + LONGER_SECONDS + 0.5) or 1


def bandwidths(track: Track, target: int = 1) -> tuple[int, int]:
    """Peak and average bit/s, in playlists of this target.

    The peak is that of the runs of segments that last half to one and a half targets (successor draft of RFC 8216, 4.4.6.2).

    So a short segment at the end counts only together with the one before. Without such a run all of it is one.
    """
    target, peak = max(target, target_duration(track)), 0.0
    average = 8 * sum(segment.size for segment in track.segments) / track.seconds
    for first in range(len(track.segments)):
        size = ticks = 0
        for segment in track.segments[first:]:
            size, ticks = size + segment.size, ticks + segment.ticks
            if ticks > LONGEST_RUN * target * track.timescale:
                break
            if ticks >= SHORTEST_RUN * target * track.timescale:
                peak = max(peak, 8 * size * track.timescale / ticks)
    return round(peak or average), round(average)


def starts(track: Track) -> list[float]:
    """When each segment begins, in seconds."""
    return [0.0, *(ticks / track.timescale for ticks in accumulate(segment.ticks for segment in track.segments[:-1]))]


def master(renditions: Sequence[Rendition], audio: AudioTrack | None, iframes: Sequence[IFrames] = ()) -> str:
    """The master playlist of what is there: the default variant first, then the others from the smallest up.

    `BANDWIDTH` is the measured peak of pictures and sound together.
    """
    ordered = sorted(renditions, key=lambda rendition: (not rendition.default, rendition.bandwidth))
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if audio:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME="Sound",LANGUAGE="{UNKNOWN_LANGUAGE}",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="{audio.channels}",URI="{audio.playlist}"'
        )
    for rendition in ordered:
        lines += [_variant(rendition, audio), rendition.playlist]
    lines += [_iframe_variant(one) for one in sorted(iframes, key=lambda one: one.bandwidth)]
    return "\n".join([*lines, ""])


def _variant(rendition: Rendition, audio: AudioTrack | None) -> str:
    peak, average, codecs, group = rendition.bandwidth, rendition.average_bandwidth, rendition.codecs, ""
    if audio:
        peak, average = peak + audio.bandwidth, average + audio.average_bandwidth
        codecs, group = f"{codecs},{audio.codecs}", f',AUDIO="{AUDIO_GROUP}"'
    return (
        f'#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS="{codecs}",'
        f"RESOLUTION={rendition.width}x{rendition.height},FRAME-RATE={rendition.frame_rate:.3f},VIDEO-RANGE=SDR{group}"
    )


def _iframe_variant(iframes: IFrames) -> str:
    return (
        f"#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={iframes.bandwidth},AVERAGE-BANDWIDTH={iframes.average_bandwidth},"
        f'CODECS="{iframes.codecs}",RESOLUTION={iframes.width}x{iframes.height},VIDEO-RANGE=SDR,URI="{iframes.playlist}"'
    )


def with_query(text: str, query: str) -> str:
    """The same playlist with `?query` at every address in it: a signature does not travel into relative ones by itself."""
    lines = []
    for line in text.split("\n"):
        if line.startswith("#"):
            lines.append(_URI.sub(lambda found: f'URI="{found[1]}?{query}"', line))
        else:
            lines.append(f"{line}?{query}" if line.strip() else line)
    return "\n".join(lines)
