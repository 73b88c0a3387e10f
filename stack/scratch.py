"""Where tests put their files: in memory, where the machine has room for them.

Three databases, object stores and encoders at once make a slow disk stand still for seconds, and PostgreSQL with it: statements
give up, and a test fails that has done nothing wrong.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from pathlib import Path

MEMORY, MACHINE = Path("/dev/shm"), Path("/proc/meminfo")  # noqa: S108 - a tmpfs (proc(5), shm_overview(7))
PREFIX = "reelwire-test-"
ROOM_BYTES = 8 << 30
"""All tests together write two gigabytes; and programs need memory as well."""


@contextmanager
def scratch() -> Iterator[Path | None]:
    """A folder in memory that is gone afterwards; None where there is no room for it: then it is the disk's usual place."""
    if not _has_room():
        yield None
        return
    _remove_old()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{getpid()}-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's user passes on its way to the sockets
        yield Path(folder)


def _has_room() -> bool:
    try:
        free = re.search(r"^MemAvailable: +(\d+) kB$", MACHINE.read_text(), re.MULTILINE)
        return free is not None and min(int(free[1]) << 10, shutil.disk_usage(MEMORY).free) >= ROOM_BYTES
    except OSError:
        return False


def _remove_old() -> None:
    """What a run that was killed has left."""
    for folder in MEMORY.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)
