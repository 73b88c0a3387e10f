"""Folders for files in work: each held by a lock while its process lives, so that what a killed one left is swept away."""

import asyncio
import fcntl
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

LOCK = "lock"

log = logging.getLogger(__name__)


class NotPrivateError(Exception):
    """The folder for files in work is not safe; the message says which, and what to set."""


def private_root(temporary: Path) -> Path:
    """Where work folders lie when nobody has said: a folder of this user's in the shared temporary one.

    Raises:
        NotPrivateError: somebody else holds the name, or may change what lies there.
    """
    root = temporary / f"reelwire-{os.geteuid()}"
    root.mkdir(exist_ok=True, mode=0o700)
    found = root.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise NotPrivateError(f"{root} is no folder that we alone may write to; set REELWIRE_WORK_DIR to one")
    return root


@contextmanager
def work_folder(root: Path) -> Iterator[Path]:
    """A folder of this process below `root`; removed at the end, or by the next process that starts."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(root)
    folder, lock = _held(root)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _held(root: Path) -> tuple[Path, int]:
    """A new folder and its lock. Another process that sweeps at this moment may take it away: then another one."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix="work-", dir=root))
        try:
            lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / LOCK).exists():
            return folder, lock
        os.close(lock)


def sweep(root: Path) -> None:
    """Remove the folders whose processes are gone."""
    for folder in root.glob("work-*"):
        try:
            # Created where it is missing: its process was killed before it had one, or is about to find it.
            lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            continue  # somebody else sweeps it
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            log.info("removed what a killed worker had left in %s", folder.name)
        except BlockingIOError:
            pass  # its process lives
        finally:
            os.close(lock)


@asynccontextmanager
async def job_folder(folder: Path) -> AsyncIterator[Path]:
    """An empty folder for one job inside of a work folder; removed at the end, off the event loop."""
    made = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=folder))
    try:
        yield made
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, made, ignore_errors=True))
