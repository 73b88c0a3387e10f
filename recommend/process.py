"""Heavy work in a process of its own: limited in memory, threads and time, polite to others, gone when its parent is."""

import os
import select
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from recommend.figures import Cost

NICE = 10
MEMORY_BYTES = 4 << 30
"""Of address space, which is more than what it fills."""
SECONDS = 4 * 3600
MAX_SAID = 2_000
"""Bytes of what a process that broke off has said."""
BAD_INPUT: Final = 10
"""Its exit status when a file cannot be used."""
ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",  # the threads are those of `implicit` and LightGBM, which would each start as many
    "OMP_WAIT_POLICY": "PASSIVE",  # a thread that waits for others must not burn a core
    "MALLOC_ARENA_MAX": "2",
}
KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TMPDIR")
"""Of the environment: what the host says of its processor and disks."""


class Order(msgspec.Struct, frozen=True):
    """What a process is to do: `module:function` of this package, its argument as JSON, where the answer goes, its limits."""

    function: str
    argument: msgspec.Raw
    answer: str
    memory_bytes: int
    nice: int


class BadInputError(Exception):
    """A file cannot be used; the message says which one, and where."""


class BrokeOffError(Exception):
    """The process did not finish."""


@dataclass(frozen=True, slots=True)
class Done:
    """What it answered, as JSON, and what it cost."""

    answer: bytes
    cost: Cost


def run(function: str, argument: msgspec.Struct, threads: int, memory_bytes: int = MEMORY_BYTES) -> Done:
    """Have a function of this package called in a process of its own, and wait.

    The process dies with the thread that called this.

    Raises:
        BadInputError: a file cannot be used.
        BrokeOffError: it was killed, ran out of memory or time, or failed.
    """
    with tempfile.TemporaryDirectory(prefix="reelwire-") as folder:
        answer, said = Path(folder, "answer"), Path(folder, "said")
        order = Order(function, msgspec.Raw(msgspec.json.encode(argument)), str(answer), memory_bytes, NICE)
        status, cost = _wait(_start(order, said, threads))
        last = said.read_bytes()[-MAX_SAID:].decode(errors="replace").strip()
        if status == BAD_INPUT:
            raise BadInputError(last)
        if status:
            raise BrokeOffError(_why(status, last))
        return Done(answer.read_bytes(), cost)


def _start(order: Order, said: Path, threads: int) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    with said.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-m", "recommend", msgspec.json.encode(order).decode()],
            env={**ENVIRONMENT, **kept, "OMP_NUM_THREADS": str(threads)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, Cost]:
    """Until it ends; at the latest when its time is over, or we are told to stop."""
    handle, ended = os.pidfd_open(process.pid), False
    try:
        ended = bool(select.select([handle], [], [], SECONDS)[0])
    finally:
        os.close(handle)
        if not ended:
            os.kill(process.pid, signal.SIGKILL)  # it is not waited for yet, so that the number is its own
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # so that nobody waits for it again
    return process.returncode, Cost(round(used.ru_utime + used.ru_stime, 2), used.ru_maxrss >> 10)


def _why(status: int, last: str) -> str:
    how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"failed with status {status}"
    return f"the process {how}{': ' if last else ''}{last}"
