"""The process that children are forked from: it holds the libraries ready, no secret and no connection, and reaps.

A fork costs 10 ms where a fresh interpreter with PyAV costs 150 ms of processor time. Unlike multiprocessing's forkserver it
starts with an environment of its own, runs nothing of the caller's `__main__`, and kills whole process groups by itself, so
that the worker never signals a number that may belong to somebody else by then.

Messages on the control socket (SOCK_SEQPACKET): `start ID` with a descriptor, `kill ID`; back come `ended ID STATUS CPU RSS`, or
`unborn ID ERRNO` where there is no place for a child (a limit of processes or memory): those that run go on.
"""

import gc
import importlib
import os
import pkgutil
import selectors
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import av
import PIL.Image

from media import child, sandbox

PRELOAD: Final = ("media.probe", "media.steps", "media.previews", "media.cover", "media.fingerprint")
MESSAGE_BYTES: Final = 256


class Zygote:
    """Forks on demand and reports each end. Ends itself, with all children, when the control socket closes."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._pids: dict[int, int] = {}  # pid → id
        self._woken, wake = socket.socketpair()
        self._woken.setblocking(False)
        wake.setblocking(False)
        self._wake = wake

    def serve(self) -> None:
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        selector = selectors.DefaultSelector()
        selector.register(self._control, selectors.EVENT_READ)
        selector.register(self._woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is self._control:
                    if not self._obey():
                        return self._end()
                else:
                    self._woken.recv(MESSAGE_BYTES)
                    self._reap()

    def _obey(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 1)
        if not message:
            return False
        verb, _, number = message.decode().partition(" ")
        if verb == "start":
            self._start(int(number), descriptors[0])
        else:
            for pid in [pid for pid, known in self._pids.items() if known == int(number)]:
                _kill_group(pid)
        return True

    def _start(self, number: int, descriptor: int) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            # Before the channel closes, so that whoever sees it closed knows why.
            self._control.send(f"unborn {number} {error.errno}".encode())
        else:
            if pid == 0:
                _become_child(parent, descriptor)
            self._pids[pid] = number
        os.close(descriptor)

    def _reap(self) -> None:
        while (pid := _ended()) is not None:
            _kill_group(pid)  # before the number is free again: whatever it may have started goes with it
            _, status, used = os.wait4(pid, 0)
            if (number := self._pids.pop(pid, None)) is None:
                continue
            for orphan in _children() - self._pids.keys():
                _kill_group(orphan)  # it had left the group; it came to us when its parent ended
            code, cpu = os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime
            self._control.send(f"ended {number} {code} {cpu:.3f} {used.ru_maxrss << 10}".encode())

    def _end(self) -> None:
        while left := _children():
            for pid in left:
                _kill_group(pid)
                os.waitpid(pid, 0)


def _ended() -> int | None:
    """A child that has ended and was not reaped yet."""
    try:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return ended.si_pid if ended else None


def _children() -> set[int]:
    """Every child of this process, adopted ones too (proc(5), stat: the second field may hold anything, so from its end)."""
    found = set()
    for entry in os.scandir("/proc"):
        with suppress(OSError):
            if entry.name.isdigit() and int(Path(entry.path, "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(entry.name))
    return found


def _kill_group(pid: int) -> None:
    """Kill a child that was not reaped yet, and its group, which it may not have made yet."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _become_child(parent: int, descriptor: int) -> None:
    """Never returns: the child must not fall back into the zygote's loop."""
    status = 1
    try:
        os.setsid()
        sandbox.orphan_proof(parent)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        sandbox.close_descriptors(descriptor)
        child.run(socket.socket(fileno=descriptor))
        status = 0
    finally:
        os._exit(status)


def preload() -> None:
    """Import what children need, also what PyAV and Pillow import late: behind their door they cannot read a library."""
    for module in PRELOAD:
        importlib.import_module(module)
    for found in pkgutil.walk_packages(av.__path__, "av."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    PIL.Image.preinit()


def main(descriptor: int) -> None:
    """Serve until the worker is gone. The worker decides when this ends, so signals to its group are not for us."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    preload()
    sandbox.adopt_orphans()
    gc.collect()
    gc.freeze()  # children share these pages as long as nobody walks over them
    Zygote(socket.socket(fileno=descriptor)).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
