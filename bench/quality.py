"""How good a rendition is beside its source: XPSNR, SSIM and, where ffmpeg has it, VMAF; and the peer at its rate."""

import math
import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import av

from bench import ffmpeg
from bench.ffmpeg import Size

# Wu et al., WPSNR/XPSNR (ITU-R Report BT.2245-10); Wang et al. 2004; https://github.com/Netflix/vmaf. The luma is what counts.
# All of every picture: a sample of each third one would meet the same types of picture again and again, and flatter some.
FILTERS: Final = {
    "xpsnr": r"XPSNR\s+y: *([\d.]+|inf)",
    "ssim": r"SSIM Y:([\d.]+)",
    "libvmaf": r"VMAF score: ([\d.]+)",
}
AIMS: Final = 2  # one pass misses its rate in short clips: once more, corrected by as much


class Score(NamedTuple):
    """Means over all pictures. XPSNR in dB, SSIM 0..1, VMAF 0..100 (nan: not measured)."""

    bits: float  # a second
    xpsnr: float
    ssim: float
    vmaf: float


class Compared(NamedTuple):
    """One rung: ours, and the peer's slower preset at the same rate, in one pass (as its command would) and in two."""

    size: Size
    ours: Score
    once: Score
    twice: Score


def compare(source: Path, sizes: Sequence[Size], ours: Path, folder: Path) -> list[Compared]:
    """Encode these sizes once more with `medium` at the rates of ours (files in the folder `ours`), and look at all of them."""
    aims = list(sizes)
    for _ in range(AIMS):
        ffmpeg.run(ffmpeg.one_pass(source, aims, ffmpeg.GOOD, folder), folder / "one-pass.log")
        aims = [
            aim._replace(bits=round(aim.bits * size.bits / bits(folder / f"once-{size.name}.mp4")))
            for aim, size in zip(aims, sizes, strict=True)
        ]
    for words in ffmpeg.two_passes(source, sizes, ffmpeg.GOOD, folder):
        ffmpeg.run(words, folder / "two-passes.log")
    return [
        Compared(
            size,
            score(source, size, ours / size.track, folder),
            score(source, size, folder / f"once-{size.name}.mp4", folder),
            score(source, size, folder / f"twice-{size.name}.mp4", folder),
        )
        for size in sizes
    ]


def rows(compared: Sequence[Compared]) -> list[str]:
    """The table of qualities: ours, `medium` in one pass and in two at the same rate."""
    if not compared:
        return ["quality: not compared, the source has another range of brightness"]
    titles = (("kbit/s", 16), ("XPSNR (dB)", 25), ("SSIM", 28), ("VMAF", 22))
    return [
        f"{'ours | medium once | twice':26}" + "".join(f"{title:>{width}}" for title, width in titles),
        *(f"{size.width:6}x{size.height:<5}{float(size.rate / size.stride):5.1f}/s {_row(scores)}" for size, *scores in compared),
    ]


def _row(scores: Sequence[Score]) -> str:
    """Each figure of all of them side by side."""
    columns = (
        [f"{score.bits / 1e3:6.0f}" for score in scores],
        [f"{score.xpsnr:6.2f}" for score in scores],
        [f"{score.ssim:7.4f}" for score in scores],
        [f"{score.vmaf:5.1f}" for score in scores],
    )
    return "   ".join(" |".join(column) for column in columns)


def score(source: Path, size: Size, made: Path, folder: Path) -> Score:
    """Compare a file with its source, scaled to its size; pictures are matched by their number."""
    log = folder / "score.log"
    ffmpeg.run(["-nostdin", "-hide_banner", "-i", str(made), "-i", str(source), "-lavfi", _graph(size), "-f", "null", "-"], log)
    said, found = log.read_text(), {}
    for name, pattern in FILTERS.items():
        match = re.search(pattern, said)
        found[name] = float(match[1]) if match else math.nan
    return Score(bits(made), found["xpsnr"], found["ssim"], found["libvmaf"])


def bits(made: Path) -> float:
    """Of the pictures, a second."""
    with av.open(str(made)) as container:
        film = container.streams.video[0]
        packets = [packet for packet in container.demux(film) if packet.pts is not None]
        seconds = float(sum(packet.duration or 0 for packet in packets) * (film.time_base or 0))
    return 8 * sum(packet.size for packet in packets) / seconds


@cache
def has_vmaf() -> bool:
    """Whether this ffmpeg was built with libvmaf."""
    words = [ffmpeg.program(), "-hide_banner", "-filters"]
    return "libvmaf" in subprocess.run(words, capture_output=True, text=True, check=True).stdout


def _graph(size: Size) -> str:
    """Both in step, then through each filter: the made one first."""
    own = size.rate / size.stride
    filters = ["xpsnr=shortest=1", "ssim=shortest=1", *(["libvmaf=shortest=1"] if has_vmaf() else [])]
    counted = f"settb=1/{own.numerator},setpts=N*{own.denominator}"
    made = f"[0:v:0]{counted},split={len(filters)}" + "".join(f"[m{i}]" for i in range(len(filters)))
    picked = f"select=not(mod(n\\,{size.stride}))"
    scaled = f"scale={size.width}:{size.height}:flags=lanczos:{ffmpeg.COLOURS},format=yuv420p"
    source = f"[1:v:0]fps={size.rate}:start_time=0,{picked},{scaled},{counted},split={len(filters)}"
    source += "".join(f"[s{i}]" for i in range(len(filters)))
    return ";".join([made, source, *(f"[m{i}][s{i}]{words}" for i, words in enumerate(filters))])
