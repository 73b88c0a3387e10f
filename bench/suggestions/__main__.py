"""`python -m bench.suggestions FOLDER`: writes made-up watching there, to try and to measure suggestions with."""

import argparse
import time
from pathlib import Path

from bench.suggestions import files
from bench.suggestions.world import DAY, Size, World

SEED = 7
NOW = 1_790_000_000.0
"""When it is in a world of files; rows are the same every day."""


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(prog="python -m bench.suggestions", description=__doc__)
    options.add_argument("folder", type=Path, help="gets interactions.csv, items.csv and follows.csv")
    options.add_argument("--users", type=int, default=100_000)
    options.add_argument("--items", type=int, default=100_000)
    options.add_argument("--rows-each", type=int, default=24, help="of a user, on average")
    options.add_argument("--test-days", type=float, help="the last so many days go into test.csv instead")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    world = World.made(Size(given.users, given.items, given.rows_each), SEED, NOW)
    files.write(world, given.folder, None if given.test_days is None else NOW - given.test_days * DAY)
    print(
        f"{len(world.time):,} rows of {given.users:,} users and {given.items:,} items, {time.process_time() - began:.1f} s of CPU"
    )


if __name__ == "__main__":
    main()
