"""The folder for sockets: below the data folder where that works, else a private one in the system's temporary folder."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from stack.postgres import passable

PATH_LIMIT = 100  # unix(7) allows 107 bytes; the names below it are counted in by `LONGEST_NAME`
LONGEST_NAME = "postgres/.s.PGSQL.5432"


class RuntimeFolderError(Exception):
    """No folder can be used; the message says why."""


def runtime_folder(data: Path) -> Path:
    """A folder that only we may list, that PostgreSQL's user can pass, and whose paths fit a socket's address.

    Raises:
        RuntimeFolderError: somebody else holds the name in the temporary folder, or that is too deep as well.
    """
    own = data / "run"
    own.mkdir(parents=True, exist_ok=True)
    own.chmod(0o711)
    if _fits(own) and (os.geteuid() != 0 or passable(own)):
        return own
    name = f"reelwire-{os.geteuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:10]}"
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise RuntimeFolderError(f"{folder} belongs to somebody else; remove it, or set TMPDIR")
    folder.chmod(0o711)
    if not _fits(folder):
        raise RuntimeFolderError(f"{folder} is too long for sockets; set TMPDIR to a shorter path")
    return folder


def remove_temporary(folder: Path, data: Path) -> None:
    """Take away a runtime folder that lies outside the data folder; nothing that must last is in it."""
    if not folder.is_relative_to(data):
        shutil.rmtree(folder, ignore_errors=True)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / LONGEST_NAME)) <= PATH_LIMIT
