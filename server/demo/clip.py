"""The command `reelwire clip`: writes a clip that nobody had to film, to try uploads with."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FAILED: Final = 1
MOST_SECONDS: Final = 180


def main(argv: Sequence[str]) -> int:
    """Write the clip; the exit status. A file that is there is left alone."""
    parser = argparse.ArgumentParser(prog="reelwire clip", description="Write a vertical clip with sound, as an MP4.")
    parser.add_argument("file", metavar="FILE", type=Path, help="where to; nothing may be there yet")
    parser.add_argument("--seed", type=int, default=1, help="picks what it shows, the same for the same seed (default: 1)")
    parser.add_argument("--seconds", type=float, default=6.0, help=f"its length, at most {MOST_SECONDS} (default: 6)")
    chosen = parser.parse_args(argv)
    if chosen.seed < 0 or not 0 < chosen.seconds <= MOST_SECONDS:
        parser.error(f"--seed is 0 or more, --seconds between 0 and {MOST_SECONDS}")
    if chosen.file.exists():
        parser.error(f"{chosen.file} is there already")
    from media import clips  # late: the decoder's libraries take their time, and --help needs none

    try:
        shown = clips.render(chosen.file, chosen.seed, chosen.seconds)
    except OSError as error:
        sys.stderr.write(f"reelwire clip: {chosen.file}: {error.strerror}\n")
        return FAILED
    sys.stdout.write(f"{chosen.file}: {shown.title}, {chosen.seconds:g} s\n")
    return 0
