"""One child process: how it is started, signalled, waited for and taken down with everything it has started itself."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

Probe = Callable[[], Awaitable[bool]]

GONE_SECONDS = 5.0  # how long the kernel may take to end processes after SIGKILL
_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One part of the system: how to start it, how to tell that it works, how to stop it."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]  # the whole of it: nothing is inherited
    folder: Path  # working directory
    log: Path  # what it writes to its standard output and error is appended here
    ready: Probe  # true once it can do its work
    alive: Probe  # true while it answers at all
    prepare: Callable[[], Awaitable[None]] | None = None  # before each start, e.g. to create its data
    clean: Callable[[], None] | None = None  # after each end
    user: int | None = None  # numeric id to run as; only root may give one
    start_seconds: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 5.0  # then SIGKILL
    death_signal: signal.Signals = signal.SIGKILL  # what the kernel sends it when we die


@dataclass(eq=False)
class Process:
    """A running child; `status` is its exit status, negative for a signal, None while it runs."""

    name: str
    popen: "subprocess.Popen[bytes]"
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def status(self) -> int | None:
        return self.popen.returncode

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self.status is None:
            self.popen.send_signal(number)

    async def stop(self, number: signal.Signals, seconds: float) -> None:
        """Ask it to end, wait so long, then kill it and everything below it."""
        self.send(number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)
        await self.kill()

    async def kill(self) -> None:
        """Kill it with all its descendants by their ids and wait until they are gone.

        PostgreSQL's backends live in sessions of their own, so that no process group reaches them.
        """
        await kill_all({self.pid, *descendants(self.pid)} if self.status is None else set())
        await self.ended.wait()


def start(spec: Spec) -> Process:
    """Start a part. Call it from the main thread only: the kernel ends a child when the thread that forked it ends."""
    with spec.log.open("ab") as log:
        return spawn(
            spec.name,
            spec.argv,
            environment=spec.environment,
            folder=spec.folder,
            user=spec.user,
            output=log,
            death_signal=spec.death_signal,
        )


def spawn(
    name: str,
    argv: Iterable[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    output: IO[bytes],
    source: IO[bytes] | None = None,
    user: int | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> Process:
    """Start one child that cannot outlive us, in a session of its own so that Ctrl-C reaches only the supervisor."""
    assert threading.current_thread() is threading.main_thread()
    parent = os.getpid()

    def bind_life() -> None:  # between fork and exec
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above took effect
            os._exit(1)

    with warnings.catch_warnings():  # Python 3.12 warns of fork beside threads; bind_life takes no lock
        warnings.simplefilter("ignore", DeprecationWarning)
        popen = subprocess.Popen(
            list(argv),
            stdin=source or subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            user=user,
            group=None if user is None else group_of(user),
            extra_groups=None if user is None else (),
            start_new_session=True,
            preexec_fn=bind_life,  # noqa: PLW1509 - see the assertion and the warning above
        )
    process = Process(name, popen)
    _watch(process)
    return process


def _watch(process: Process) -> None:
    """Reap the process and set `ended` when it ends (pidfd_open(2): no signal handler, no thread)."""
    loop = asyncio.get_running_loop()
    handle = os.pidfd_open(process.pid)

    def on_end() -> None:
        if process.popen.poll() is not None:
            loop.remove_reader(handle)
            os.close(handle)
            process.ended.set()

    loop.add_reader(handle, on_end)


def group_of(user: int) -> int:
    """The main group of a user."""
    import pwd

    return pwd.getpwuid(user).pw_gid


def parents() -> dict[int, int]:
    """Every process of this machine that is not a zombie, and its parent (proc_pid_stat(5))."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if state not in "ZX":
                found[int(entry.name)] = int(parent)
    return found


def descendants(root: int) -> set[int]:
    """The processes below one, without it."""
    all_parents, found = parents(), {root}
    while more := {pid for pid, parent in all_parents.items() if parent in found} - found:
        found |= more
    return found - {root}


async def kill_all(pids: set[int]) -> None:
    """SIGKILL each of these and wait until none is left.

    Raises:
        TimeoutError: the kernel holds one of them (a disk that does not answer).
    """
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(GONE_SECONDS):
        while pids & parents().keys():  # noqa: ASYNC110 - the kernel tells of strangers' ends to their parents only
            await asyncio.sleep(0.02)
