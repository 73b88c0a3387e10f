"""Opening a hostile file: allow-listed demuxers and decoders, no protocol but `file`, no references to other files.

Always by path: with a Python file object libavformat knows no allow-list of protocols and follows URLs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from media.errors import Unreadable, Unsupported
from media.limits import MAX_PIXELS, MAX_STREAMS

VIDEO_DECODERS: Final = frozenset(
    {"h264", "hevc", "vp8", "vp9", "libdav1d", "mpeg4", "h263", "prores", "mjpeg", "mpeg2video", "dnxhd"}
)
AUDIO_DECODERS: Final = frozenset(
    {
        *("aac", "mp3", "mp3float", "mp2", "mp2float", "opus", "libopus", "vorbis", "flac", "alac", "ac3", "eac3"),
        *("amrnb", "amrwb", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_u8"),
        *("pcm_f32le", "pcm_f32be", "pcm_mulaw", "pcm_alaw"),
    }
)
OPTIONS: Final = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
    "codec_whitelist": ",".join(sorted(VIDEO_DECODERS | AUDIO_DECODERS)),
    "protocol_whitelist": "file",
    "enable_drefs": "0",
    "max_streams": str(MAX_STREAMS),
    "max_pixels": str(MAX_PIXELS),
}
REVISION: Final = 4  # raised whenever the pipeline learns to take an upload that it failed on before: those are tried again
NOT_A_FILM: Final = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
CLUE_BYTES: Final = 4 << 20  # how much of a refused file's ends is searched for the reason


class Damaged(Exception):
    """A packet that its decoder can make nothing of."""


@contextmanager
def opened(path: str) -> Iterator[InputContainer]:
    """The container at `path`.

    Raises:
        Unreadable, Unsupported: what libavformat would not open.
    """
    try:
        container = av.open(path, "r", options=OPTIONS, metadata_errors="ignore")
    except av.error.MemoryError as error:  # also what libavformat answers beyond max_streams
        raise _reason(path, "needs too much memory to open") from error
    except av.error.FFmpegError as error:
        raise _reason(path, f"not a video that can be read ({error.strerror})") from error
    with container:
        yield container


def packets(container: InputContainer, streams: Sequence[Stream]) -> "Iterator[Packet[Stream]]":
    """Every packet of these streams, then an empty one for each, at which decoders give out what they hold back.

    A file that breaks off in the middle ends there: what came before may be worth showing. Samples without bytes are left out.
    """
    try:
        yield from (packet for packet in container.demux(*streams) if packet.size or packet.pts is None)
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError:
        for stream in streams:
            last: Packet[Stream] = Packet()
            last.stream = stream
            yield last


def _reason(path: str, otherwise: str) -> Unreadable | Unsupported:
    """Why a file was refused, as far as its first and last bytes tell: a better word for people, never a decision."""
    with Path(path).open("rb") as file:
        clue = file.read(CLUE_BYTES)
        file.seek(0, 2)
        file.seek(max(CLUE_BYTES, file.tell() - CLUE_BYTES))
        clue += file.read(CLUE_BYTES)
    if clue.count(b"trak") > MAX_STREAMS:
        return Unsupported(f"more than {MAX_STREAMS} streams")
    if b"encv" in clue:  # ISO/IEC 23001-7: the sample entry of encrypted pictures
        return Unsupported("encrypted")
    return Unreadable(otherwise)


def decoded(stream: VideoStream, packet: "Packet[Stream]") -> list[av.VideoFrame]:
    """The pictures that a packet decodes to.

    Raises:
        Damaged: nothing; each decoder has its own words for that, from invalid data to a call that is not permitted.
        av.error.MemoryError: there is not enough of it, which says nothing of the packet.
    """
    with _Damage():
        return stream.decode(packet)


def heard(stream: AudioStream, packet: "Packet[Stream]") -> list[AudioFrame]:
    """The same of sound."""
    with _Damage():
        return stream.decode(packet)


class _Damage:
    """What goes wrong in the block is damage, but for memory."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, av.error.FFmpegError) and not isinstance(error, av.error.MemoryError):
            raise Damaged(str(error)) from error


def film_streams(container: InputContainer) -> list[VideoStream]:
    """Streams that may be moving pictures: covers and thumbnails are not."""
    return [stream for stream in container.streams.video if not stream.disposition & NOT_A_FILM]


def decoder(stream: Stream) -> str:
    """The name of the stream's decoder, or '' where libavcodec has none."""
    context = stream.codec_context
    return context.name if context is not None else ""


def arm(stream: VideoStream, threads: int = 1, *, strict: bool = False, rough: bool = False) -> None:
    """Bound what decoding a stream may take, before its first packet.

    Args:
        stream: what will be decoded.
        threads: that may be busy with it; there are two more, which wait for pictures that others refer to.
        strict: damage is an error and is not painted over.
        rough: only key pictures pass the loop filter. That saves an eighth of the time, and cannot be seen at half the size.
    """
    options = {"max_pixels": str(MAX_PIXELS)}
    if strict:
        options["err_detect"] = "explode"
    if rough:
        options["skip_loop_filter"] = "nokey"
    stream.codec_context.options = options
    stream.codec_context.thread_count = threads + 2 if threads > 1 else 1
    stream.codec_context.thread_type = "AUTO"  # a picture in each: few streams have slices enough to share one
