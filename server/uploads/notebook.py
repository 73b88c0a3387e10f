"""Where `reelwire upload` notes which upload a file belongs to, so that another run goes on with it."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MAX_NOTES = 1_000


def default_path(environment: Mapping[str, str]) -> Path:
    """In the user's cache folder (XDG Base Directory Specification)."""
    folder = environment.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(folder) / "reelwire" / "uploads.json"


class Notebook:
    """Upload URLs by file and account; small, and read anew each time, so that two runs beside each other do no harm."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, origin: str, account_id: str, file: Path) -> str | None:
        """The URL of the file's upload; a file that was changed since has none."""
        return self._read().get(_key(origin, account_id, file))

    def note(self, origin: str, account_id: str, file: Path, url: str) -> None:
        notes = self._read() | {_key(origin, account_id, file): url}
        self._write(dict(list(notes.items())[-MAX_NOTES:]))

    def forget(self, origin: str, account_id: str, file: Path) -> None:
        notes = self._read()
        if notes.pop(_key(origin, account_id, file), None) is not None:
            self._write(notes)

    def _read(self) -> dict[str, str]:
        with suppress(OSError, ValueError, AttributeError):
            return {str(key): str(url) for key, url in json.loads(self._path.read_text()).items()}
        return {}

    def _write(self, notes: dict[str, str]) -> None:
        # Without the notes a later run begins anew, which is no reason to fail now.
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(notes, indent=1))
            fresh.replace(self._path)


def _key(origin: str, account_id: str, file: Path) -> str:
    facts = file.stat()
    return hashlib.sha256(f"{origin} {account_id} {file.resolve()} {facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()
