"""What benchmarks of media upload: three kinds of clip made on the spot, and real ones where the checkout has them beside it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench import takes
from bench.takes import Take, film
from media.pool import Pool
from stack.servers import ROOT

FULL: Final = 15.0
REAL: Final = ROOT.parent / "shared/media/good"
REAL_NAMES: Final = ("bbb_720p_h264_aac51.mp4", "pixel7_rot180_1080p_noaudio.mp4", "iphone_hevc10_editlist_vfr.mp4")


class Upload(NamedTuple):
    """A file as it was uploaded."""

    name: str
    what: str
    path: Path


class Kind(NamedTuple):
    """A clip to be made: as a phone, an editor or another app writes it."""

    what: str
    seconds: float
    width: int
    height: int
    codec: str
    options: dict[str, str]
    turned: bool = False


def _x264(bits: int, preset: str) -> dict[str, str]:
    """An average rate and closed groups of two seconds."""
    rates = {"preset": preset, "b": str(bits), "maxrate": str(bits * 5 // 4), "bufsize": str(2 * bits), "g": "60"}
    return rates | {"x264-params": "keyint=60:min-keyint=60:scenecut=0:open-gop=0"}


KINDS: Final = {
    "standard": Kind("720x1280 H.264, 2.5 Mbit/s, closed groups", FULL, 720, 1280, "libx264", _x264(2_500_000, "veryfast")),
    "example": Kind("1080x1920 H.264, 40 Mbit/s", 10.0, 1080, 1920, "libx264", _x264(40_000_000, "superfast")),
    "phone": Kind(
        *("1080x1920 HEVC, lying, 12 Mbit/s", FULL, 1080, 1920, "libx265"),
        {"preset": "ultrafast", "x265-params": "bitrate=12000:keyint=30:open-gop=0:log-level=none"},
        turned=True,
    ),
}


async def make(names: Sequence[str], longest: float, folder: Path) -> list[Upload]:
    """Film these kinds, none longer than so many seconds, as many at once as there are cores."""

    async def one(pool: Pool, number: int, name: str) -> Upload:
        kind, place = KINDS[name], folder / name
        place.mkdir(parents=True)
        seconds = min(kind.seconds, longest)
        take = Take(
            input=str(place), folder=str(place), seed=3 + number, width=kind.width, height=kind.height, seconds=seconds,
            codec=kind.codec, options=kind.options, turned=kind.turned,
        )  # fmt: skip
        made = await pool.run(film, take, limits=takes.LIMITS)
        return Upload(name, f"{seconds:.0f} s, {kind.what}, {made.bytes / 1e6:.1f} MB", Path(made.path))

    async with Pool() as pool:
        return await asyncio.gather(*(one(pool, number, name) for number, name in enumerate(names)))


def real() -> list[Upload]:
    """Clips that people filmed, if there are any."""
    found = [REAL / name for name in REAL_NAMES if (REAL / name).exists()]
    return [Upload(path.stem, f"a real clip, {path.stat().st_size / 1e6:.1f} MB", path) for path in found]
