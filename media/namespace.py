"""What stands in for Landlock where a kernel has none: a root folder of its own in which nothing but the files named is there.

A user namespace gives an unprivileged process the right to mount in a mount namespace that is its own, too, and takes from root
what it may do beyond. https://man7.org/linux/man-pages/man7/user_namespaces.7.html, pivot_root(2), capset(2)
"""

import asyncio
import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

NEW_MOUNTS, NEW_USERS = 0x20000, 0x10000000
NO_SET_UID, NO_DEVICES, NO_PROGRAMS, READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 2, 4, 8, 1, 32, 4096, 16384, 1 << 18
ACCESS_TIMES: Final = {os.ST_NOATIME: 1024, os.ST_NODIRATIME: 2048, os.ST_RELATIME: 1 << 21}  # statvfs(3), as mount(2) has them
DETACH: Final = 2
PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}
CAPSET: Final = {"x86_64": 126, "aarch64": 91}
CAPABILITIES_VERSION: Final = 0x20080522
PLACE: Final = "/proc"  # is everywhere, holds nobody's uploads, and is not needed any more
ROOM: Final = b"size=64k,nr_inodes=64,mode=755"  # folders down to the files, and nothing else
CHECK_SECONDS: Final = 10.0

_libc = ctypes.CDLL(None, use_errno=True)


def restrict(reads: Iterable[str], writes: Iterable[str]) -> None:
    """Leave this process, which has one thread, the files in `reads` and the folders in `writes`, by the same paths, for good.

    Raises:
        OSError: the kernel or its host does not allow it; the caller must not go on.
    """
    user, group = os.geteuid(), os.getegid()
    _call("unshare", NEW_MOUNTS | NEW_USERS)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(text)
    _mount(None, "/", RECURSIVE | PRIVATE)
    _mount("none", PLACE, NO_SET_UID | NO_DEVICES | NO_PROGRAMS, b"tmpfs", ROOM)
    for path in writes:
        there = _place(path)
        there.mkdir(parents=True, exist_ok=True)
        _bind(path, there, 0)
    for path in reads:
        there = _place(path)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.touch()
        _bind(path, there, READ_ONLY)
    _mount(None, PLACE, REMOUNT | BIND | READ_ONLY | NO_SET_UID | NO_DEVICES | NO_PROGRAMS)
    os.chdir(PLACE)
    machine = platform.machine()
    _call("syscall", PIVOT_ROOT[machine], b".", b".")  # the old root lies upon the new one then,
    _call("umount2", b".", DETACH)  # and goes
    os.chdir("/")
    header, none = struct.pack("=Ii", CAPABILITIES_VERSION, 0), bytes(24)
    _call("syscall", CAPSET[machine], header, none)


def _place(path: str) -> Path:
    return Path(PLACE, os.path.realpath(path).lstrip("/"))


def _bind(path: str, there: Path, more: int) -> None:
    """Show it there. What its own mount forbids has to be forbidden again, or the kernel refuses."""
    _mount(path, str(there), BIND | RECURSIVE)
    times = sum(ours for theirs, ours in ACCESS_TIMES.items() if os.statvfs(there).f_flag & theirs)
    _mount(None, str(there), REMOUNT | BIND | NO_SET_UID | NO_DEVICES | NO_PROGRAMS | times | more)


def _mount(source: str | None, target: str, flags: int, kind: bytes | None = None, options: bytes | None = None) -> None:
    _call("mount", os.fsencode(source) if source else None, os.fsencode(target), kind, ctypes.c_ulong(flags), options)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


async def available(environment: Mapping[str, str]) -> bool:
    """Whether a process of ours may do this here; one tries. Not everybody may: containers forbid it, and some systems.

    Raises:
        OSError: no process can be started.
    """
    if platform.machine() not in PIVOT_ROOT:
        return False
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "media.namespace", env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere
    )
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await process.wait() == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return False


def main() -> int:
    """Try it; the exit status tells whether nothing but the file named is there."""
    try:
        restrict([__file__], [])
    except OSError:
        return 1
    return int(not Path(__file__).exists() or Path(sys.executable).exists())


if __name__ == "__main__":
    sys.exit(main())
