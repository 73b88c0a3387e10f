"""Encoded tracks put into the files that are published: CMAF tracks for HLS, MP4s with their index first. Nothing is encoded."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from media import fragments, opening
from media.errors import Unreadable

# One fragment for each closed group of pictures; negative offsets instead of an edit list, so that time begins at 0.
VIDEO: Final = {
    "movflags": "cmaf+frag_keyframe+default_base_moof+skip_trailer",
    "min_frag_duration": "100000",
    "fflags": "+bitexact",
}
AUDIO: Final = {"movflags": "cmaf+default_base_moof+skip_trailer", "fflags": "+bitexact"}
PLAIN: Final = {"fflags": "+bitexact"}
PROGRESSIVE: Final = {"movflags": "+faststart", "fflags": "+bitexact"}
# Pictures and what decodes them (H.264, table 7-1: slices, IDR slices, parameter sets). In all else, supplemental information
# and types that nobody has defined, encoders and cameras sign, and tell where they were.
PICTURES_ALONE: Final = "filter_units=pass_types=1|5|7|8"


def copied(source: Path, stream: int, target: Path) -> None:
    """One stream of an upload as a plain MP4 that begins at 0 and says nothing of where it came from.

    Raises:
        Unreadable: it does not hold what was found in it before.
    """
    with opening.opened(str(source)) as container, av.open(str(target), "w", format="mp4", options=PLAIN) as out:
        chosen = next(one for one in container.streams if one.index == stream)
        copy = out.add_stream_from_template(chosen)
        copy.metadata.clear()
        out.metadata.clear()
        packets = list(_packets(opening.packets(container, [chosen]), chosen, copy))
        if not packets:
            raise Unreadable("nothing in the stream that was to be copied")
        begin = min(packet.pts for packet in packets if packet.pts is not None)
        for packet in packets:
            packet.pts, packet.dts = (packet.pts or 0) - begin, (packet.dts or 0) - begin
            out.mux(packet)


def video_track(source: Path, target: Path) -> None:
    """The pictures of `source` as a CMAF track with a fragment for each IDR picture."""
    _single(source, target, VIDEO, "video")


def audio_track(source: Path, target: Path, starts: Sequence[float]) -> None:
    """The sound of `source` as a CMAF track with a fragment for each of `starts` (seconds), begun at the frame nearest to it."""
    _single(source, target, AUDIO, "audio")
    # libavformat cuts sound at even distances alone, and segments of pictures have any length where an upload's groups are kept.
    target.write_bytes(fragments.cut(target.read_bytes(), starts))


def progressive(video: Path, audio: Path | None, target: Path) -> None:
    """One MP4 of both, index first."""
    with av.open(str(video)) as pictures, av.open(str(target), "w", format="mp4", options=PROGRESSIVE) as out:
        tracks = [_copied(pictures, out, "video")]
        if audio is None:
            _mux(out, tracks)
            return
        with av.open(str(audio)) as sound:
            _mux(out, [*tracks, _copied(sound, out, "audio")])


def _single(source: Path, target: Path, options: dict[str, str], kind: str) -> None:
    with av.open(str(source)) as container, av.open(str(target), "w", format="mp4", options=options) as out:
        _mux(out, [_copied(container, out, kind)])


def _copied(source: InputContainer, out: OutputContainer, kind: str) -> "Iterator[Packet[Stream]]":
    """The packets of the first stream of a kind, bound to a new stream of `out` that carries no words about it."""
    stream: Stream = source.streams.video[0] if kind == "video" else source.streams.audio[0]
    copy = out.add_stream_from_template(stream)
    copy.metadata.clear()
    out.metadata.clear()
    return _packets(source.demux(stream), stream, copy)


def _packets(packets: "Iterator[Packet[Stream]]", stream: Stream, copy: Stream) -> "Iterator[Packet[Stream]]":
    cleaner = BitStreamFilterContext(PICTURES_ALONE, stream, copy) if stream.type == "video" else None
    for packet in packets:
        if packet.dts is None or packet.is_discard:  # the flush, and AAC's priming
            continue
        for clean in cleaner.filter(packet) if cleaner else [packet]:
            clean.stream = copy
            yield clean


def _mux(out: OutputContainer, tracks: "Iterable[Iterator[Packet[Stream]]]") -> None:
    """Interleave by time, so that a player reads the file once from its beginning."""
    for packet in heapq.merge(*tracks, key=lambda packet: float((packet.dts or 0) * packet.time_base)):
        out.mux(packet)
