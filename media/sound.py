"""The sound: two channels at 48 kHz, begun and ended with the pictures, gaps filled, one loudness for all clips, AAC-LC."""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.codec.context import Flags
from av.filter import Graph
from av.stream import Discard

from media import opening
from media.facts import Sound

RATE: Final = 48_000
FORMAT: Final = "dbl"
SLACK_SECONDS: Final = 1.0  # what arrives this far beyond the end is not even looked at

# EBU R 128 / ITU-R BS.1770-4, with the levels that phones' apps agree on.
LOUDNESS: Final = -14.0  # LUFS
SILENT: Final = -60.0  # LUFS; noise below this is not to be heard
MOST_GAIN, LEAST_GAIN = 12.0, -24.0  # dB: a whisper is not pumped up to a shout
CEILING: Final = -2.0  # dBTP before AAC, which overshoots by up to one
HIGHEST: Final = -1.0  # dBTP after it
NEAR_CEILING: Final = 1.5  # dB below the ceiling from which the result is measured again
TRIES: Final = 3
OVERSAMPLED: Final = 4 * RATE  # true peaks lie between samples

Filter = tuple[str, str]


class Level(NamedTuple):
    """Integrated loudness (LUFS) and true peak (dBTP)."""

    loudness: float
    peak: float


class Window(NamedTuple):
    """Where the sound comes from and which part of it is heard, in seconds of the source's clock."""

    source: str
    stream: int
    start: float
    seconds: float


def encode(sound: Sound, source: str, start: float, seconds: float, bit_rate: int, path: Path) -> None:
    """Write the sound of an upload as an AAC track of exactly the pictures' length, as loud as other clips are.

    Args:
        sound: which of the upload's streams.
        source: the upload.
        start: the moment that becomes 0, in seconds of its clock.
        seconds: how long the pictures are.
        bit_rate: of both channels, bit/s.
        path: what to write.
    """
    heard = Window(source, sound.stream, start, seconds)
    level = measure(heard)
    gain = gain_for(level)
    for _ in range(TRIES):
        _write(heard, gain, level.peak + gain > CEILING, bit_rate, path)
        if level.peak + gain < CEILING - NEAR_CEILING:
            return
        excess = measure(Window(str(path), 0, 0.0, seconds)).peak - HIGHEST
        if excess <= 0:
            return
        gain -= excess


def gain_for(level: Level) -> float:
    """Decibels that bring a clip to the common loudness, within limits; none for silence."""
    return 0.0 if level.loudness <= SILENT else min(max(LOUDNESS - level.loudness, LEAST_GAIN), MOST_GAIN)


def measure(heard: Window) -> Level:
    """How loud a sound is as a whole, and its highest true peak."""
    facts: dict[str, str] = {}
    for frame in _filtered(heard, [("ebur128", "metadata=1:peak=true:framelog=quiet")]):
        facts = frame.metadata or facts  # told every tenth of a second
    # The filter tells loudness in LUFS but peaks as linear values.
    peaks = [float(value) for name, value in facts.items() if name.startswith("lavfi.r128.true_peaks_ch")]
    loudness = float(facts.get("lavfi.r128.I", "-70"))
    return Level(max(loudness, -70.0) if math.isfinite(loudness) else -70.0, 20 * math.log10(max([*peaks, 1e-6])))


def _write(heard: Window, gain: float, limited: bool, bit_rate: int, path: Path) -> None:
    filters = [("volume", f"{gain:.2f}dB")]
    if limited:
        ceiling = f"limit={CEILING}dB:level=0:latency=1:attack=5:release=50"
        filters += [("aresample", str(OVERSAMPLED)), ("alimiter", ceiling), ("aresample", str(RATE))]
    filters += [("apad", f"whole_dur={heard.seconds:.6f}"), ("atrim", f"end={heard.seconds:.6f}"), ("asetpts", "N")]
    filters.append(("aformat", "sample_fmts=fltp"))
    with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"}) as out:
        stream = out.add_stream("aac", rate=RATE, options={"b": str(bit_rate)}, layout="stereo")
        stream.codec_context.flags |= Flags.bitexact  # else libavcodec signs the first frame
        for frame in _filtered(heard, filters):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _filtered(heard: Window, filters: Sequence[Filter]) -> Iterator[AudioFrame]:
    """The sound at its own time, in two channels at 48 kHz, through these filters."""
    graph: Graph | None = None
    for frame in _uniform(_decoded(heard)):
        if graph is None:
            graph = _graph(frame, filters, heard.seconds)
        with suppress(av.error.EOFError):  # behind the end
            graph.push(frame)
        yield from _pulled(graph)
    if graph is not None:
        with suppress(av.error.EOFError):
            graph.push(None)
        yield from _pulled(graph)


def _uniform(frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
    """The same in two channels at 48 kHz: a stream may change its form, as where a film begins behind a trailer."""
    resampler: AudioResampler | None = None
    kind: tuple[str, str, int] | None = None
    for frame in frames:
        if resampler is None or _kind(frame) != kind:
            if resampler is not None:
                yield from resampler.resample(None)
            resampler, kind = AudioResampler(FORMAT, "stereo", RATE), _kind(frame)
        yield from resampler.resample(frame)
    if resampler is not None:
        yield from resampler.resample(None)


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _decoded(heard: Window) -> Iterator[AudioFrame]:
    """Decoded frames with their times from 0; a moment of silence where nothing decodes."""
    found = False
    with opening.opened(heard.source) as container:
        for other in container.streams:
            other.discard = Discard.default if other.index == heard.stream else Discard.all
        stream = next(stream for stream in container.streams.audio if stream.index == heard.stream)
        for packet in opening.packets(container, [stream]):
            with suppress(opening.Damaged):  # damaged sound becomes a gap
                for frame in opening.heard(stream, packet):
                    at = frame.time
                    if frame.pts is None or at is None or at - heard.start > heard.seconds + SLACK_SECONDS:
                        continue
                    frame.pts -= round(heard.start / float(frame.time_base or 1))
                    found = True
                    yield frame
    if not found:
        yield _silence()


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame


def _graph(frame: AudioFrame, filters: Sequence[Filter], seconds: float) -> Graph:
    graph = Graph()
    graph.threads = 1
    source = graph.add_abuffer(sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=frame.time_base)
    chain = [
        ("aresample", f"{RATE}:async=1:first_pts=0"),
        ("atrim", f"end={seconds:.6f}"),
        *filters,
    ]
    graph.link_nodes(source, *(graph.add(name, arguments) for name, arguments in chain), graph.add("abuffersink"))
    graph.configure()
    return graph


def _silence() -> AudioFrame:
    frame = AudioFrame(format="fltp", layout="stereo", samples=1024)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
    return frame
