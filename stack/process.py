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

PROBE_SECONDS = 4.0  # one question whether a part answers
GONE_SECONDS = 5.0  # how long the kernel may take to end processes after SIGKILL
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)
_ours: set[int] = set()  # children that we have started and not yet seen end


class PartError(Exception):
    """A part cannot be started; the message says why."""


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

        Raises:
            TimeoutError: the kernel holds one of them.
        """
        if self.status is None:
            await kill_all({self.pid, *descendants(self.pid)})
        async with asyncio.timeout(GONE_SECONDS):
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
    _ours.add(process.pid)
    handle = os.pidfd_open(process.pid)

    def on_end() -> None:
        if process.popen.poll() is not None:
            loop.remove_reader(handle)
            os.close(handle)
            _ours.discard(process.pid)
            process.ended.set()

    loop.add_reader(handle, on_end)


def group_of(user: int) -> int:
    """The main group of a user."""
    import pwd

    return pwd.getpwuid(user).pw_gid


def adopt() -> None:
    """From now on whoever loses its parent below us becomes our child, so that nothing gets out of sight."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


async def kill_orphans() -> None:
    """Kill and reap the children that we did not start: what a part that died has left behind."""
    all_parents = parents(zombies=True)
    orphans = {pid for pid, parent in all_parents.items() if parent == os.getpid()} - _ours
    if orphans:
        await kill_all(orphans | {below for pid in orphans for below in descendants(pid)})
    for pid in orphans:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - it returns at once


def parents(*, zombies: bool = False) -> dict[int, int]:
    """Every process of this machine and its parent (proc_pid_stat(5)); zombies only when asked for."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if zombies or state not in "ZX":
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
