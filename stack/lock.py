"""One running copy per data folder, and whether there is one."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

_NAME = "lock"


class LockedError(Exception):
    """Another copy runs on this data folder; the message names it."""


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the data folder. The kernel lets go of it when we end, however we end; children do not inherit it.

    Raises:
        LockedError: somebody holds it.
    """
    handle = os.open(data / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 20).decode().strip() or "unknown"
            raise LockedError(
                f"another copy runs on {data} (process {owner}); stop it, or set REELWIRE_DATA_DIR and REELWIRE_PORT"
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def is_locked(data: Path) -> bool:
    """Whether a copy runs on this data folder now."""
    try:
        handle = os.open(data / _NAME, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
