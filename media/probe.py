"""What a file is, found out in the child: packets counted first, one picture decoded then, nothing believed before."""

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import av.error
import msgspec
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from media import gops, opening, orientation, packets, standard
from media.errors import NoVideo, TooLargeFrame, TooLong, Unreadable, Unsupported
from media.facts import Picture, Probe, Sound
from media.limits import (
    MAX_EDGE,
    MAX_FRAME_PIXELS,
    MAX_PIXELS,
    MAX_RATIO,
    MAX_SECONDS,
    MAX_SECONDS_SLACK,
    MAX_SHOWN_EDGE,
    MIN_EDGE,
)
from media.packets import Tally
from media.task import Report, Task

FIRST_PICTURE_PACKETS: Final = 300  # within these one picture must decode
FIRST_SOUND_PACKETS: Final = 500  # and a frame of sound, or there is none
USUAL_RATES: Final = tuple(
    Fraction(rate)
    for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60", "20", "15", "12", "10")
)
RATE_TOLERANCE: Final = 0.02  # stamps rounded to milliseconds
SLOWEST, FASTEST = Fraction(10), Fraction(60)
PLAIN_ASPECTS: Final = (Fraction(1, 10), Fraction(10))  # pixels narrower or wider than this are a lie


def probe(task: Task, report: Report) -> Probe:
    """Examine the file at `task.input`.

    Raises:
        MediaError: it cannot become a video; the code says why.
    """
    try:
        return _examined(task, report)
    except (MemoryError, av.error.MemoryError):
        raise Unreadable("needs too much memory to read") from None


def _examined(task: Task, report: Report) -> Probe:
    size = Path(task.input).stat().st_size
    report("probe", 0.0)
    with opening.opened(task.input) as container:
        films, sounds = _candidates(container)
        tallies = packets.survey(container, [*films, *sounds], size)
        film = _best_film(films, tallies)
        heard = _by_worth(sounds, tallies)
        kind, index = container.format.name, film.index
    report("probe", 0.5)
    with opening.opened(task.input) as container:
        film = container.streams.video[[stream.index for stream in container.streams.video].index(index)]
        picture = _picture(container, film, tallies[index])
    sound = next((one for one in heard if _decodes(task.input, one)), None)
    if standard.pictures(picture):
        with opening.opened(task.input) as container:
            film = container.streams.video[[stream.index for stream in container.streams.video].index(index)]
            picture = msgspec.structs.replace(picture, gops=gops.closed(container, film, tallies[index].step))
    start = picture.start if sound is None else min(picture.start, sound.start)
    seconds = picture.end - start
    if seconds > MAX_SECONDS + MAX_SECONDS_SLACK:
        raise TooLong(f"{seconds:.0f} s; the limit is {MAX_SECONDS:.0f} s")
    return Probe(kind, size, round(seconds, 6), picture, sound)


def _candidates(container: InputContainer) -> tuple[list[VideoStream], list[Stream]]:
    films = opening.film_streams(container)
    if not films:
        raise NoVideo("there are no moving pictures in it")
    known = [stream for stream in films if opening.decoder(stream) in opening.VIDEO_DECODERS]
    if not known:
        raise Unsupported(f"the video codec {opening.decoder(films[0]) or 'is unknown'}")
    return known, [stream for stream in container.streams.audio if opening.decoder(stream) in opening.AUDIO_DECODERS]


def _best_film(films: Sequence[VideoStream], tallies: dict[int, Tally]) -> VideoStream:
    """The default one, then the largest, of those that hold pictures."""
    filled = [stream for stream in films if tallies[stream.index].shown]
    if not filled:
        raise Unreadable("no picture in it")
    return max(filled, key=lambda stream: (bool(stream.disposition.default), stream.width * stream.height))


def _by_worth(streams: Sequence[Stream], tallies: dict[int, Tally]) -> list[Sound]:
    """Those that hold sound: the default one, then the richest."""
    filled = [stream for stream in streams if tallies[stream.index].shown and _rate(stream)]
    ordered = sorted(filled, key=lambda stream: (bool(stream.disposition.default), _rate(stream)), reverse=True)
    return [_sound(stream, tallies[stream.index]) for stream in ordered]


def _rate(stream: Stream) -> int:
    rate: int = stream.codec_context.sample_rate  # type: ignore[attr-defined]
    return rate


def _sound(stream: Stream, tally: Tally) -> Sound:
    context = stream.codec_context
    return Sound(
        stream.index,
        context.name,
        context.channels,  # type: ignore[attr-defined]
        context.sample_rate,  # type: ignore[attr-defined]
        round(tally.start, 6),
        round(tally.end, 6),
        tally.bytes,
        context.profile or "",
    )


def _decodes(path: str, sound: Sound) -> bool:
    """Whether anything of a stream can be heard: some kinds of AAC have no decoder."""
    with opening.opened(path) as container:
        stream = next(one for one in container.streams.audio if one.index == sound.stream)
        for count, packet in enumerate(opening.packets(container, [stream])):
            with suppress(opening.Damaged):
                if opening.heard(stream, packet):
                    return True
            if count > FIRST_SOUND_PACKETS:
                break
    return False


def _picture(container: InputContainer, stream: VideoStream, tally: Tally) -> Picture:
    _check_size(stream.codec_context.width, stream.codec_context.height)
    frame = _first_frame(container, stream)
    _check_size(frame.width, frame.height)
    if tally.count * frame.width * frame.height > MAX_FRAME_PIXELS:
        raise TooLargeFrame("all its pictures together are more than three minutes of 4K at 60 a second")
    seen = orientation.signs(frame)
    width, height = _square(frame.width, frame.height, stream.codec_context.sample_aspect_ratio)
    if max(width, height) > min(MAX_RATIO * min(width, height), MAX_SHOWN_EDGE):
        raise Unsupported(f"shown as {width}x{height}; the limit is {MAX_SHOWN_EDGE} pixels an edge and {MAX_RATIO} to 1")
    if orientation.turns(seen):
        width, height = height, width
    rate = constant_rate(tally.step)
    return Picture(
        stream=stream.index,
        codec=stream.codec_context.name,
        coded_width=frame.width,
        coded_height=frame.height,
        width=width,
        height=height,
        pixel_format=frame.format.name,
        orientation=seen,
        matrix=frame.colorspace,
        transfer=frame.color_trc,
        primaries=frame.color_primaries,
        full_range=frame.color_range == av.video.reformatter.ColorRange.JPEG,
        interlaced=frame.interlaced_frame,
        frames=tally.shown,
        start=round(tally.start, 6),
        end=round(tally.end, 6),
        bytes=tally.bytes,
        rate_num=rate.numerator,
        rate_den=rate.denominator,
        profile=stream.codec_context.profile or "",
    )


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_EDGE:
        raise TooLargeFrame(f"{width}x{height}; the limit is {MAX_EDGE} pixels an edge and {MAX_PIXELS} altogether")


def _first_frame(container: InputContainer, stream: VideoStream) -> av.VideoFrame:
    opening.arm(stream)
    for count, packet in enumerate(opening.packets(container, [stream])):
        try:
            frames = opening.decoded(stream, packet)
        except opening.Damaged:
            frames = []  # damaged pictures may come before the first good one
        if frames:
            frame = frames[0]
            if min(frame.width, frame.height) < MIN_EDGE:
                raise Unsupported(f"{frame.width}x{frame.height} is too small to show")
            return frame
        if count > FIRST_PICTURE_PACKETS:
            break
    raise Unreadable("none of its first pictures decodes")


def _square(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """The size with square pixels, made by stretching one edge only: shrinking would lose lines."""
    if not aspect or aspect == 1 or not PLAIN_ASPECTS[0] <= aspect <= PLAIN_ASPECTS[1]:
        return width, height
    return (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))


def constant_rate(step: float) -> Fraction:
    """The usual frame rate nearest to a median distance of pictures in seconds; beyond 60 it is halved until it fits."""
    if step <= 0:
        return SLOWEST
    rate = 1 / step
    while rate > float(FASTEST) * (1 + RATE_TOLERANCE):
        rate /= 2
    nearest = min(USUAL_RATES, key=lambda usual: abs(float(usual) - rate))
    if abs(float(nearest) - rate) <= RATE_TOLERANCE * rate:
        return nearest
    return min(max(Fraction(round(rate)), SLOWEST), FASTEST)
