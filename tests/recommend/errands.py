"""What a process of its own may be told to do, well and badly."""

import ctypes
import os
import signal
import time
from pathlib import Path

import msgspec

from recommend.table import BadTableError


class Errand(msgspec.Struct):
    """A word to work with."""

    word: str


class Found(msgspec.Struct):
    """How the process is set up."""

    word: str
    threads: list[str | None]
    nice: int
    secret: str | None


def look(errand: Errand) -> Found:
    threads = [os.environ.get(name) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")]
    return Found(errand.word, threads, os.nice(0), os.environ.get("REELWIRE_SECRET_KEYS"))


def eat(errand: Errand) -> Errand:
    return Errand("x" * (1 << 40))


def refuse(errand: Errand) -> Errand:
    raise BadTableError(Path(errand.word), "is bad", 7)


def fall(errand: Errand) -> Errand:
    raise ValueError(errand.word)


def die(errand: Errand) -> Errand:
    ctypes.CDLL(None).kill(os.getpid(), signal.SIGKILL)
    return errand


def rest(errand: Errand) -> Errand:
    Path(errand.word).write_text(str(os.getpid()))
    time.sleep(600)
    return errand
