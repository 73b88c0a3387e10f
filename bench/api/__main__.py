"""`reelwire bench api` on a folder of stores that is kept: `python -m bench.api FOLDER [small] [CASE ...]`."""

import asyncio
import sys
from pathlib import Path

from bench.api.running import CASES, printed
from bench.population.town import LARGE, SMALL

if __name__ == "__main__":
    words = sys.argv[2:]
    if unknown := set(words) - {"small", *CASES}:
        sys.exit(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    asyncio.run(printed(Path(sys.argv[1]), SMALL if "small" in words else LARGE, [word for word in words if word != "small"]))
