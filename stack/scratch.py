"""Where tests put their files: in memory, where the machine has room for them.

Three databases, object stores and encoders at once make a slow disk stand still for seconds, and PostgreSQL with it: statements
give up, and a test fails that has done nothing wrong.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from pathlib import Path

MEMORY, MACHINE = Path("/dev/shm"), Path("/proc/meminfo")  # noqa: S108 - a tmpfs (shm_overview(7))
PREFIX = "reelwire-"
"""Short, for there are sockets below (unix(7) allows 107 bytes); the process that runs the tests follows."""
ROOM_BYTES = 8 << 30
"""All tests together write two to three gigabytes; and programs need memory as well."""


@contextmanager
def scratch() -> Iterator[Path | None]:
    """A folder in memory that is gone afterwards; None where there is no room for it: then it is the disk's usual place."""
    folder = MEMORY / f"{PREFIX}{getpid()}"
    if not (_has_room() and _made(folder)):
        yield None
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_room() -> bool:
    try:
        free = re.search(r"^MemAvailable: +(\d+) kB$", MACHINE.read_text(), re.MULTILINE)
        return free is not None and min(int(free[1]) << 10, shutil.disk_usage(MEMORY).free) >= ROOM_BYTES
    except OSError:
        return False


def _made(folder: Path) -> bool:
    """Make it, in place of what runs that were killed have left. Anybody may write there: what is another's stays."""
    for left in MEMORY.glob(f"{PREFIX}*"):
        pid = left.name.removeprefix(PREFIX)
        if left == folder or not Path("/proc", pid).exists():
            shutil.rmtree(left, ignore_errors=True)
    try:
        folder.mkdir()
        folder.chmod(0o711)  # PostgreSQL's user passes on its way to the sockets
    except OSError:
        return False
    return True
