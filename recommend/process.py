"""Heavy work in a process of its own: limited in memory, threads and time, polite to others, gone when its parent is."""

import asyncio
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
KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TMPDIR", "JAVA_HOME", "SPARK_CONF_DIR")
"""Of the environment: what the host says of its processor and disks, and where Spark is."""


class Order(msgspec.Struct, frozen=True):
    """What a process is to do: `module:function` of this package, its argument as JSON, where the answer goes, its limits."""

    function: str
    argument: msgspec.Raw
    answer: str
    memory_bytes: int
    nice: int
    parent: int  # the number of the process that wants it


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
        errand = _errand(Path(folder), function, argument, memory_bytes)
        return _done(errand, *_wait(_start(errand, threads)))


async def run_beside(
    folder: Path, function: str, argument: msgspec.Struct, threads: int, memory_bytes: int = MEMORY_BYTES
) -> Done:
    """The same beside an event loop, which goes on meanwhile. Who is cancelled here ends the process first.

    The process dies with the loop's thread: that has to be one which lives as long as its process.

    Args:
        folder: exists, and is the caller's to remove; the answer passes through it.
        function: as above, as are the others.
        argument: of the function.
        threads: how many it may use.
        memory_bytes: of address space.

    Raises:
        BadInputError, BrokeOffError: as above.
    """
    errand = await asyncio.to_thread(_errand, folder, function, argument, memory_bytes)
    process = _start(errand, threads)  # here, and in no thread of a pool: such a thread may end before the process does
    status, cost = await _wait_beside(process)
    return await asyncio.to_thread(_done, errand, status, cost)


@dataclass(frozen=True, slots=True)
class _Errand:
    """An order, and the file in which whatever the process says is written."""

    order: Order
    said: int
    path: Path


def _errand(folder: Path, function: str, argument: msgspec.Struct, memory_bytes: int) -> _Errand:
    order = Order(function, msgspec.Raw(msgspec.json.encode(argument)), str(folder / "answer"), memory_bytes, NICE, os.getpid())
    said = folder / "said"
    return _Errand(order, os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600), said)


def _start(errand: _Errand, threads: int) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-m", "recommend", msgspec.json.encode(errand.order).decode()],
            env={**ENVIRONMENT, **kept, "OMP_NUM_THREADS": str(threads)},
            stdin=subprocess.DEVNULL,
            stdout=errand.said,
            stderr=errand.said,
        )
    finally:
        os.close(errand.said)


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, Cost]:
    """Until it ends; at the latest when its time is over, or we are told to stop."""
    handle, ended = os.pidfd_open(process.pid), False
    try:
        ended = bool(select.select([handle], [], [], SECONDS)[0])
    finally:
        os.close(handle)
        found = _reap(process, ended=ended)
    return found


async def _wait_beside(process: subprocess.Popen[bytes]) -> tuple[int, Cost]:
    """The same without blocking; it takes a moment for a process that is killed to end."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    handle = os.pidfd_open(process.pid)
    loop.add_reader(handle, over.set)
    try:
        async with asyncio.timeout(SECONDS):
            await over.wait()
    except TimeoutError:
        pass
    finally:
        loop.remove_reader(handle)
        os.close(handle)
        found = _reap(process, ended=over.is_set())
    return found


def _reap(process: subprocess.Popen[bytes], *, ended: bool) -> tuple[int, Cost]:
    if not ended:
        os.kill(process.pid, signal.SIGKILL)  # it is not waited for yet, so that the number is its own
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # so that nobody waits for it again
    return process.returncode, Cost(round(used.ru_utime + used.ru_stime, 2), used.ru_maxrss >> 10)


def _done(errand: _Errand, status: int, cost: Cost) -> Done:
    last = errand.path.read_bytes()[-MAX_SAID:].decode(errors="replace").strip()
    if status == BAD_INPUT:
        raise BadInputError(last)
    if status:
        raise BrokeOffError(_why(status, last))
    return Done(Path(errand.order.answer).read_bytes(), cost)


def _why(status: int, last: str) -> str:
    how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"failed with status {status}"
    return f"the process {how}{': ' if last else ''}{last}"
