"""The peer: one ffmpeg command that makes the same ladder as anybody would write it, and what it spends."""

import os
import subprocess
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

import imageio_ffmpeg

GROUP_SECONDS: Final = 2
PEAK: Final = 2  # the VBV's rate over the average, as wide as Apple's authoring specification allows (1.30)
QUIET: Final = ("-nostdin", "-hide_banner", "-loglevel", "error", "-y")
COLOURS: Final = "out_range=tv:out_color_matrix=bt709"
FAST, GOOD = "veryfast", "medium"
SOUND_RATE: Final = 96_000


class Spent(NamedTuple):
    """Of a program: seconds on the clock, of the processor (user and system), and the most memory it had, in bytes."""

    wall: float
    cpu: float
    peak: int


class Size(NamedTuple):
    """A rung to be made as well: what ours is."""

    name: str
    width: int
    height: int
    rate: Fraction
    stride: int  # of the source's pictures
    bits: int  # a second, on average
    track: str  # the file that ours is in


class Failed(Exception):
    """The program's own words."""


def program() -> str:
    """The path of ffmpeg: `IMAGEIO_FFMPEG_EXE`, the one in the package, or one on the PATH."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def run(words: Sequence[str], log: Path) -> Spent:
    """Run ffmpeg to its end; what it says is in `log`.

    Raises:
        Failed: it did not like something.
    """
    began = time.monotonic()
    with log.open("wb") as said:
        process = subprocess.Popen([program(), *words], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        ended = False
        try:
            _, status, used = os.wait4(process.pid, 0)
            ended = True
        finally:
            if not ended:  # whoever ends the benchmark ends this too
                process.kill()
                process.wait()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(log.read_text()[-2000:])
    return Spent(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss << 10)


def ladder(source: Path, sizes: Sequence[Size], first: str, folder: Path, *, sound: bool) -> list[str]:
    """The command: HLS in fragmented MP4 of every size and of the sound, and the size named `first` as one MP4 as well."""
    words = [*QUIET, "-i", str(source), "-filter_complex", _split(sizes)]
    for size in sizes:
        words += ["-map", f"[{size.name}]", *encoding(size, FAST)]
        hls = f"[select=v:{_HLS}]{folder}/v{size.name}.m3u8"
        if size.name != first:
            words += ["-f", "tee", hls]
            continue
        files = [hls, f"[f=mp4:movflags=+faststart]{folder}/{size.name}.mp4"]
        if sound:
            words += ["-map", "0:a:0", "-c:a", "aac", "-b:a", str(SOUND_RATE), "-ac", "2", "-ar", "48000"]
            files.append(f"[select=a:{_HLS}]{folder}/audio.m3u8")
        words += ["-f", "tee", "|".join(files)]
    return words


_HLS: Final = f"f=hls:hls_segment_type=fmp4:hls_time={GROUP_SECONDS}:hls_playlist_type=vod:hls_flags=single_file"


def one_pass(source: Path, sizes: Sequence[Size], preset: str, folder: Path) -> list[str]:
    """The command's pictures alone, with this preset: an MP4 of each size at about its rate."""
    words = [*QUIET, "-i", str(source), "-filter_complex", _split(sizes)]
    for size in sizes:
        words += ["-map", f"[{size.name}]", *encoding(size, preset), str(folder / f"once-{size.name}.mp4")]
    return words


def two_passes(source: Path, sizes: Sequence[Size], preset: str, folder: Path) -> tuple[list[str], list[str]]:
    """The commands that make MP4s of the same sizes at exactly their rates, pictures alone."""
    passes = []
    for number in (1, 2):
        words = [*QUIET, "-i", str(source), "-filter_complex", _split(sizes)]
        for size in sizes:
            target = ["-f", "null", "-"] if number == 1 else [str(folder / f"twice-{size.name}.mp4")]
            marks = ["-pass", str(number), "-passlogfile", str(folder / f"{preset}-{size.name}")]
            words += ["-map", f"[{size.name}]", *encoding(size, preset), *marks, *target]
        passes.append(words)
    return passes[0], passes[1]


def encoding(size: Size, preset: str) -> list[str]:
    """Closed groups of two seconds at an average rate."""
    group = str(round(GROUP_SECONDS * size.rate / size.stride))
    rates = ["-b:v", str(size.bits), "-maxrate", str(PEAK * size.bits), "-bufsize", str(PEAK * size.bits)]
    groups = ["-g", group, "-keyint_min", group, "-sc_threshold", "0", "-flags", "+cgop+global_header"]
    return ["-c:v", "libx264", "-preset", preset, "-profile:v", "high", *rates, *groups]


def _split(sizes: Sequence[Size]) -> str:
    """One decode, each size scaled from the source."""
    outs = "".join(f"[s{size.name}]" for size in sizes)
    chains = [f"[0:v:0]fps={sizes[0].rate}:start_time=0,split={len(sizes)}{outs}"]
    for size in sizes:
        slower = f"fps={size.rate / size.stride}," if size.stride > 1 else ""
        scale = f"scale={size.width}:{size.height}:flags=bicubic:{COLOURS},format=yuv420p"
        chains.append(f"[s{size.name}]{slower}{scale}[{size.name}]")
    return ";".join(chains)
