"""What a process behind the filter alone can do to its neighbour, printed as JSON: no Landlock, so that nothing else refuses.

A program of its own (`python -m tests.media.neighbours`), because no process gets out from behind the filter again.
"""

import ctypes
import fcntl
import json
import os
import platform
import resource
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable

from media import seccomp

SIGQUEUE_INFO = 128  # bytes of a siginfo_t
TKILL = {"x86_64": 200, "aarch64": 130}
PIDFD_GETFD = 438
PTRACE_SEIZE, PTRACE_DETACH = 0x4206, 17

_libc = ctypes.CDLL(None, use_errno=True)


def _ask(answer: int) -> None:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _queue(call: int, *receiver: int) -> None:
    info = struct.pack("iii", 0, 0, -1).ljust(SIGQUEUE_INFO, b"\0")  # SI_QUEUE
    _ask(_libc.syscall(call, *receiver, 0, info))


def _look(pid: int) -> None:
    here = ctypes.create_string_buffer(8)
    vector = struct.pack("QQ", ctypes.addressof(here), 8)
    _ask(_libc.process_vm_readv(pid, vector, ctypes.c_ulong(1), vector, ctypes.c_ulong(1), ctypes.c_ulong(0)))


def _trace(pid: int) -> None:
    _ask(_libc.ptrace(PTRACE_SEIZE, pid, None, None))
    os.kill(pid, signal.SIGSTOP)
    os.waitpid(pid, os.WUNTRACED)
    _ask(_libc.ptrace(PTRACE_DETACH, pid, None, None))
    os.kill(pid, signal.SIGCONT)


def attempts(pid: int, handle: int, channel: socket.socket) -> dict[str, Callable[[], object]]:
    """All by which one process can signal, limit or read another of the same user. `handle` is a pidfd made before."""
    _, tgkill, queue, thread_queue = seccomp.MACHINES[platform.machine()].signalling
    owner = struct.pack("ii", 1, pid)  # F_OWNER_PID
    return {
        "kill": lambda: os.kill(pid, 0),
        "kill its group": lambda: os.killpg(os.getpgid(pid), 0),
        "kill everybody": lambda: os.kill(-1, 0),
        "tkill": lambda: _ask(_libc.syscall(TKILL[platform.machine()], pid, 0)),
        "tgkill": lambda: _ask(_libc.syscall(tgkill, pid, pid, 0)),
        "rt_sigqueueinfo": lambda: _queue(queue, pid),
        "rt_tgsigqueueinfo": lambda: _queue(thread_queue, pid, pid),
        "pidfd_open": lambda: os.close(os.pidfd_open(pid)),
        "pidfd_send_signal": lambda: signal.pidfd_send_signal(handle, 0),
        "pidfd_getfd": lambda: os.close(_got(handle)),
        "F_SETOWN": lambda: fcntl.fcntl(channel, seccomp.F_SETOWN, pid),
        "F_SETOWN_EX": lambda: fcntl.fcntl(channel, seccomp.F_SETOWN_EX, owner),
        "F_SETSIG": lambda: fcntl.fcntl(channel, seccomp.F_SETSIG, signal.SIGKILL),
        "FIOSETOWN": lambda: fcntl.ioctl(channel, seccomp.FIOSETOWN, struct.pack("i", pid)),
        "SIOCSPGRP": lambda: fcntl.ioctl(channel, seccomp.SIOCSPGRP, struct.pack("i", pid)),
        "prlimit": lambda: resource.prlimit(pid, resource.RLIMIT_CPU),
        "ptrace": lambda: _trace(pid),
        "process_vm_readv": lambda: _look(pid),
    }


def _got(handle: int) -> int:
    found = int(_libc.syscall(PIDFD_GETFD, handle, 0, 0))
    _ask(found)
    return found


def refused(tries: dict[str, Callable[[], object]]) -> list[str]:
    """Which of these this process is not permitted. Whatever else goes wrong was permitted."""
    found = []
    for name, attempt in tries.items():
        try:
            attempt()
        except PermissionError:
            found.append(name)
        except OSError:
            continue
    return found


def own() -> dict[str, Callable[[], object]]:
    """What a process does to itself: glibc in raise, abort and threads, and the media libraries."""
    sleeper = threading.Thread(target=time.sleep, args=(60,), daemon=True)
    sleeper.start()
    signal.signal(signal.SIGUSR1, lambda *_: None)
    return {
        "kill": lambda: os.kill(os.getpid(), signal.SIGUSR1),
        "raise": lambda: signal.raise_signal(signal.SIGUSR1),
        "signal a thread": lambda: signal.pthread_kill(sleeper.ident or 0, signal.SIGUSR1),
        "limits": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
        "limits by number": lambda: resource.prlimit(os.getpid(), resource.RLIMIT_CORE),
        "flags of a descriptor": lambda: fcntl.fcntl(0, fcntl.F_GETFL),
    }


def main() -> None:
    """Try all of it twice, without and behind the filter, then abort."""
    end, kept = os.pipe()
    neighbour = os.fork()
    if neighbour == 0:
        os.close(kept)
        os.read(end, 1)  # until the other one is gone
        os._exit(0)
    tries = attempts(neighbour, os.pidfd_open(neighbour), socket.socketpair()[0])
    before = refused(tries)
    given = seccomp.restrict()
    after = refused(tries)
    alive = os.waitpid(neighbour, os.WNOHANG) == (0, 0)
    print(
        json.dumps({"given": given, "before": before, "after": after, "all": list(tries), "alive": alive, "own": refused(own())}),
        flush=True,
    )
    os.abort()


if __name__ == "__main__":
    main()
