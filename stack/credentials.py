"""Passwords and keys of the embedded stack: made once by chance, kept in one file that only the owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path


class CredentialsError(Exception):
    """The file cannot be used; the message says what to do."""


def _random() -> str:
    return secrets.token_hex(24)


@dataclass(frozen=True, slots=True)
class Credentials:
    """All of them are letters and digits, so that they need no quoting anywhere."""

    secret_key: str = field(default_factory=_random)
    postgres_owner: str = field(default_factory=_random)
    postgres: str = field(default_factory=_random)
    valkey: str = field(default_factory=_random)
    s3_access_key_id: str = field(default_factory=lambda: secrets.token_hex(10))
    s3_secret_access_key: str = field(default_factory=_random)
    s3_internal: str = field(default_factory=_random)


def kept(file: Path) -> Credentials:
    """The credentials in this file, made and written (0600) if it does not exist yet.

    Raises:
        CredentialsError: the file is there and cannot be read; the data were made with what it held.
    """
    try:
        held = json.loads(file.read_text())
        return Credentials(**{f.name: str(held[f.name]) for f in fields(Credentials)})
    except FileNotFoundError:
        made = Credentials()
        write_private(file, json.dumps(asdict(made), indent=1))
        return made
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CredentialsError(f"{file} cannot be read ({error}): bring it back from a backup, or begin anew") from None


def write_private(file: Path, text: str) -> None:
    """Write a file that only the owner may read (0600); a crash leaves the old one or the new one, whole."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.rename(file)
