"""Bounded logs: every part appends to its own file, and a file that has grown is copied aside and emptied.

Writers have the files open for appending (O_APPEND), so that they go on at the new end; lines of the moment between may be lost.
"""

import logging
import os
import shutil
import sys
import time
from pathlib import Path

LIMIT_BYTES = 16_000_000
LIMIT_DAYS = 3
"""A line is gone after two rotations, and so within the seven days that are promised."""
_MARK = "rotated"


def rotate(folder: Path, limit: int = LIMIT_BYTES, days: float = LIMIT_DAYS) -> None:
    """Keep each file below this size, roughly, and what it tells below this age, with one older file beside it."""
    mark = folder / _MARK
    old = mark.exists() and time.time() - mark.stat().st_mtime > days * 86_400
    if old or not mark.exists():
        mark.touch()
    for file in folder.glob("*.log"):
        if old or file.stat().st_size > limit:
            try:
                shutil.copyfile(file, file.with_name(file.name + ".1"))
            finally:  # also where the disk is full
                os.truncate(file, 0)


def configure(folder: Path) -> None:
    """What the supervisor does goes into up.log; what somebody should know, to standard error as well."""
    everything = logging.FileHandler(folder / "up.log")
    everything.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    notable = logging.StreamHandler(sys.stderr)
    notable.setLevel(logging.WARNING)
    notable.setFormatter(logging.Formatter("reelwire: %(message)s"))
    log = logging.getLogger("reelwire.up")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers = [everything, notable]
