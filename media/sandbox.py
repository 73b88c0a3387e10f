"""What a child is before it touches a hostile file: alone, without secrets, with hard limits and no view of the machine."""

import ctypes
import os
import resource
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from media import landlock, namespace, seccomp
from media.limits import Limits

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_CHILD_SUBREAPER: Final = 36
MAX_OPEN_FILES: Final = 64
OOM_SCORE: Final = 500  # where memory runs out, the kernel takes a child, not the worker

_libc = ctypes.CDLL(None, use_errno=True)


def orphan_proof(parent: int) -> None:
    """Die with the parent. The check afterwards closes the gap in which it may have died already."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of whatever a child leaves behind, so that it can be ended too."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def close_descriptors(keep: int) -> None:
    """Leave nothing open but one channel; the standard streams lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit(limits: Limits) -> None:
    for kind, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _set(kind, amount, amount)
    _set(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1)


def _set(kind: int, soft: int, hard: int) -> None:
    """Set a limit, or keep the host's where that is lower."""
    most = resource.getrlimit(kind)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def _volunteer_for_oom() -> None:
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write(str(OOM_SCORE))


def enter(limits: Limits, reads: Sequence[str], writes: Sequence[str], *, apart: bool = False) -> None:
    """Give up, for good, everything that decoding does not need. Imports must be done before.

    Args:
        limits: what it may use.
        reads: files that it may read.
        writes: folders that it may write into.
        apart: where the kernel has no Landlock, a root folder of its own is to be had.

    Raises:
        OSError: a limit, a path, or a confinement that this kernel has was refused; the caller must not go on.
    """
    os.environ.clear()
    os.nice(limits.niceness)
    _volunteer_for_oom()
    _limit(limits)
    # Each raises where it is not given what its kernel has. Where the kernel has none, the pool has said so at its start.
    if not landlock.restrict(reads, writes) and apart:
        namespace.restrict(reads, writes)
    seccomp.restrict()
    if _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):  # no core, and no other child may look inside
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE)")
