"""The launcher whose zygote is dead, or cannot be started."""

import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

import pytest

from media.errors import Internal
from media.launcher import Launcher
from stack.process import parents
from tests.waiting import LIMIT_SECONDS


@pytest.fixture
async def launcher() -> AsyncIterator[Launcher]:
    found = Launcher()
    yield found
    await found.stop()


def _sockets() -> set[str]:
    """The open sockets of this process, each by its number in the kernel."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:  # that of the listing itself
            continue
    return {link for link in found if link.startswith("socket:")}


def _children() -> set[int]:
    return {pid for pid, parent in parents().items() if parent == os.getpid()}


def _kill(pid: int) -> None:
    """Kill a process and wait for its end without a turn of the loop, which so has not heard of it."""
    os.kill(pid, signal.SIGKILL)
    limit = time.monotonic() + LIMIT_SECONDS
    while pid in parents():
        assert time.monotonic() < limit
        time.sleep(0.005)


@contextmanager
def _descriptors_left(count: int) -> Iterator[None]:
    """This process can open so many files and no more."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 20, limits[1]))
    taken: list[int] = []
    try:
        with suppress(OSError):
            while True:
                taken.append(os.dup(0))
        for _ in range(count):
            os.close(taken.pop())
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


async def test_a_child_asked_of_a_dead_zygote_leaves_nothing_open(launcher: Launcher) -> None:
    before, others = _sockets(), _children()
    await launcher.start()
    [zygote] = _children() - others
    _kill(zygote)
    with pytest.raises(Internal, match="zygote is gone") as refused:
        await launcher.child()
    assert refused.value.retry
    assert launcher._ends == {}
    assert _sockets() <= before


async def test_a_zygote_that_cannot_be_started_leaves_nothing_open(launcher: Launcher) -> None:
    before = _sockets()
    with _descriptors_left(2), pytest.raises(Internal, match=r"cannot be started: .*Too many open files") as refused:
        await launcher.start()
    assert refused.value.retry
    assert _sockets() <= before
    await launcher.start()
