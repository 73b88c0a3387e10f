"""The virtual environment with the locked Python packages. Standard library only: it is what there is at first."""

import os
import platform
import re
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

from stack.package_index import configured, fetch
from stack.steps import CACHE, ROOT, StepError, digest, done, forget, is_done, run, say

FOLDER = ROOT / ".venv"
PYTHON = FOLDER / "bin" / "python"
CODE = (ROOT, ROOT / "clients" / "python")
"""Where the packages of the checkout lie."""
_PTH = "".join(f"{folder}\n" for folder in CODE)
LOCKS = {name: ROOT / "requirements" / f"{name}.lock" for name in ("up", "test", "tools", "node", "spark")}


def is_ready(lock: str) -> bool:
    """Whether the environment holds what this lock says; all that `up` needs is in `test` as well."""
    if not PYTHON.exists():
        return False
    held = [name for name in ("up", "test") if is_done("python", _state(name))]
    return bool(held) and (lock in held or "test" in held)


def has(extra: str) -> bool:
    """Whether the environment holds the packages of this lock as well."""
    return is_done(f"python {extra}", _with(extra))


def add(extra: str) -> None:
    """Put the packages of a lock beside what is there, which has the same versions of those that it shares.

    Raises:
        StepError: they cannot be had.
    """
    say(f"installing the Python packages of requirements/{extra}.lock")
    try:
        _with_uv("install", "-r", LOCKS[extra])
    except StepError as error:
        say(f"uv: {error}; trying pip, which takes longer")
        _with_pip("-r", LOCKS[extra])
    done(f"python {extra}", _with(extra))


def prepare(lock: str) -> None:
    """Make the environment hold exactly what this lock says; one that tests ran in is kept fit for them.

    Raises:
        StepError: the packages cannot be had.
    """
    lock = "test" if is_done("python lock", "test") else lock
    say(f"installing the Python packages of requirements/{lock}.lock")
    forget("python")
    forget("python spark")  # they go, or stay as of another day
    if not _is_ours():
        venv.create(FOLDER, clear=True, symlinks=True, with_pip=False)
    # So that `python -m server` finds the checkout from any folder, without an installation to build.
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(FOLDER), "platbase": str(FOLDER)}))
    (site / "reelwire.pth").write_text(_PTH)
    try:
        _with_uv("sync", LOCKS[lock])
    except StepError as error:
        say(f"uv: {error}; trying pip, which takes longer")
        _with_pip("-r", LOCKS[lock])
    done("python", _state(lock))
    done("python lock", lock)


def unpack(lock: str, folder: Path) -> None:
    """Put the packages of a lock into a folder of their own, which no Python looks into.

    Raises:
        StepError: they cannot be had.
    """
    try:
        _with_uv("install", "--target", folder, "-r", LOCKS[lock])
    except StepError as error:
        say(f"uv: {error}; trying pip, which takes longer")
        _with_pip("--target", folder, "-r", LOCKS[lock])


def _with_uv(command: str, *words: object) -> None:
    environment = {**os.environ, **_caches(), **configured().for_uv(), "UV_SYSTEM_CERTS": "1"}
    run([_uv(), "pip", command, "--python", PYTHON, "--require-hashes", *words], environment=environment)


def _with_pip(*words: object) -> None:
    options = ("--quiet", "--disable-pip-version-check", "--root-user-action=ignore", "--no-deps", "--require-hashes")
    run([PYTHON, _pip() / "pip", "install", *options, *words])


def _uv() -> Path:
    """The pinned uv, taken out of its wheel."""
    program = CACHE / f"uv-{digest(LOCKS['tools'])[:12]}"
    if not program.exists():
        wheel = fetch("uv", LOCKS["tools"], CACHE / "wheels")
        with zipfile.ZipFile(wheel) as archive:
            inside = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
            program.with_suffix(".new").write_bytes(archive.read(inside))
        program.with_suffix(".new").chmod(0o755)
        program.with_suffix(".new").rename(program)
        wheel.unlink()
    return program


def _pip() -> Path:
    """The pinned pip; Python runs it out of its wheel."""
    return fetch("pip", LOCKS["tools"], CACHE / "wheels")


def _state(lock: str) -> str:
    return digest(LOCKS[lock], sys.version, sys.base_prefix, _PTH)


def _with(extra: str) -> str:
    return digest(LOCKS[extra], _state("test"))


def _is_ours() -> bool:
    """Whether there is an environment of this very Python."""
    settings = FOLDER / "pyvenv.cfg"
    version = rf"^version(_info)? = {re.escape(platform.python_version())}$"
    return PYTHON.exists() and settings.exists() and bool(re.search(version, settings.read_text(), re.MULTILINE))


def _caches() -> dict[str, str]:
    """A place for uv's downloads where the home folder is none."""
    home = os.environ.get("HOME", "")
    usable = bool(home) and os.access(home, os.W_OK)
    return {} if usable or "UV_CACHE_DIR" in os.environ else {"UV_CACHE_DIR": str(CACHE / "uv")}
