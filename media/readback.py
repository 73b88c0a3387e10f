"""What was written is opened again and checked before anybody hears of it: packets, key pictures, times, sizes."""

from itertools import pairwise
from pathlib import Path
from typing import Final

import av
import av.error
from av.container import InputContainer
from av.stream import Stream

from media import boxes, opening
from media.boxes import Track
from media.errors import Internal
from media.picture import PIXELS

FIRST_PICTURES: Final = 30  # of a copy, looked at before it is published; the ladder looks at all of them
TIME_TOLERANCE: Final = 0.1  # seconds between what was planned and what is there


def video_track(path: Path, width: int, height: int, frames: int, seconds: float, starts: list[float]) -> Track:
    """Check a CMAF track of pictures; fragments at `starts` (seconds) must begin its segments, each with an IDR picture.

    Raises:
        Internal: it is not what was to be written.
    """
    track = boxes.grouped(_fragments(path, seconds), starts)
    if not all(segment.begins_with_sync for segment in track.segments):
        raise _wrong(path, "a segment that begins without a sync sample")
    begins = [segment.time / track.timescale for segment in track.segments]
    if len(begins) != len(starts) or any(abs(a - b) > TIME_TOLERANCE / 2 for a, b in zip(begins, starts, strict=True)):
        raise _wrong(path, f"segments at {begins}, not at {starts}")
    _pictures(path, width, height, frames)
    return track


def audio_track(path: Path, seconds: float) -> Track:
    """Check a CMAF track of sound: every frame decodes."""
    track = _fragments(path, seconds)
    sound(path, seconds)
    return track


def sound(path: Path, seconds: float) -> None:
    """Check that all of the sound in a file decodes, and how long it is.

    Raises:
        Internal: it is not what it should be.
    """
    with av.open(str(path)) as container:
        _sound(path, container, seconds)


def begins(path: Path) -> None:
    """Check that the first pictures decode, strictly: of copied ones nobody has seen more than those that are keys.

    Raises:
        Internal: one of them does not.
    """
    with opening.opened(str(path)) as container:
        film = container.streams.video[0]
        opening.arm(film, strict=True)
        shown = 0
        for packet in opening.packets(container, [film]):
            try:
                shown += len(opening.decoded(film, packet))
            except opening.Damaged as error:
                raise _wrong(path, f"a picture that does not decode: {error}") from error
            if shown >= FIRST_PICTURES:
                return


def progressive(path: Path, width: int, height: int, frames: int, seconds: float, heard: bool) -> None:
    """Check an MP4: index before media, pictures and sound of the right number and length."""
    order = boxes.order(path)
    if order.index(b"moov") > order.index(b"mdat"):
        raise _wrong(path, "its index behind its media")
    _pictures(path, width, height, frames)
    with av.open(str(path)) as container:
        if bool(container.streams.audio) != heard:
            raise _wrong(path, "sound where none belongs, or none where some does")
        if abs((container.duration or 0) / av.time_base - seconds) > TIME_TOLERANCE:
            raise _wrong(path, f"{container.duration} us long instead of {seconds} s")
        if heard:
            _sound(path, container, seconds)


def _fragments(path: Path, seconds: float) -> Track:
    track = boxes.track(path)
    if not track.segments or track.segments[0].time or abs(track.seconds - seconds) > TIME_TOLERANCE:
        raise _wrong(path, f"{track.seconds} s in {len(track.segments)} segments instead of {seconds} s from 0")
    for before, after in pairwise(track.segments):
        if before.time + before.ticks != after.time or before.offset + before.size != after.offset:
            raise _wrong(path, "a gap between two segments")
    last = track.segments[-1]
    if last.offset + last.size != track.bytes:
        raise _wrong(path, "bytes behind its last segment")
    return track


def _pictures(path: Path, width: int, height: int, frames: int) -> None:
    """Count every packet, and decode the key pictures: flipped bytes show there, not in the packets."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        context.skip_frame = "NONKEY"
        if (context.width, context.height, context.pix_fmt) != (width, height, PIXELS):
            raise _wrong(path, f"{context.width}x{context.height} {context.pix_fmt}")
        packets, keys, decoded = _decoded(path, container, stream)
        if packets != frames or keys != decoded or not keys:
            raise _wrong(path, f"{packets} pictures of {frames}, {decoded} key pictures of {keys}")


def _sound(path: Path, container: InputContainer, seconds: float) -> None:
    stream = container.streams.audio[0]
    samples = 0
    try:
        samples = sum(frame.samples for frame in container.decode(stream))
    except av.error.FFmpegError as error:
        raise _wrong(path, f"sound that does not decode: {error.strerror}") from error
    if abs(samples / stream.sample_rate - seconds) > TIME_TOLERANCE:
        raise _wrong(path, f"{samples} samples of sound for {seconds} s")


def _decoded(path: Path, container: InputContainer, stream: Stream) -> tuple[int, int, int]:
    """How many packets, key packets and decoded pictures there are."""
    packets, keys, decoded, last = 0, 0, 0, None
    for packet in container.demux(stream):
        if packet.size:
            if packet.is_corrupt or packet.dts is None or (last is not None and packet.dts <= last):
                raise _wrong(path, f"packet {packets} at {packet.dts} after {last}")
            packets, keys, last = packets + 1, keys + packet.is_keyframe, packet.dts
        try:
            frames = packet.decode()
        except av.error.FFmpegError as error:
            raise _wrong(path, f"a picture that does not decode: {error.strerror}") from error
        if any(isinstance(frame, av.VideoFrame) and frame.is_corrupt for frame in frames):
            raise _wrong(path, "a damaged picture")
        decoded += len(frames)
    return packets, keys, decoded


def _wrong(path: Path, what: str) -> Internal:
    return Internal(f"read back {path.name}: {what}")
