"""Bounded logs: every part appends to its own file, and a file that has grown is copied aside and emptied.

Writers have the files open for appending (O_APPEND), so that they go on at the new end; lines of the moment between may be lost.
"""

import logging
import os
import shutil
import sys
from pathlib import Path

LIMIT_BYTES = 16_000_000


def rotate(folder: Path, limit: int = LIMIT_BYTES) -> None:
    """Keep each file below this size, roughly, with one older file beside it."""
    for file in folder.glob("*.log"):
        if file.stat().st_size > limit:
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
