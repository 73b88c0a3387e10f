"""What ./reelwire runs first: sets up what the command needs and is not there yet, then becomes the command.

Standard library only, on Python 3.11 of a minimal Debian: no pip, no ensurepip, no make, no Node, no curl.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from stack import python_packages, web_packages
from stack.steps import CACHE, ROOT, StepError, run, say

FAILED = 1
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REDIS = ("redis-server", "redis-check-rdb")
"""One program by either name. The package redis-tools has the second, and starts no service."""
JAVA, SPARK = "openjdk-17-jre-headless", ("test", "spark")
"""What Spark runs on, and the command that wants it."""
_DEVELOPER = ("test", "lint", "bench", "soak")
_BUILT = ("up", "test", "soak")
_WEB = (*_BUILT, "lint")


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Set up and become `python -m server …`; does not return."""
    words = list(sys.argv[1:] if argv is None else argv) or ["help"]
    began = time.monotonic()
    os.environ.setdefault("_REELWIRE_BEGAN", str(began))
    os.environ.setdefault("REELWIRE_DATA_DIR", str(ROOT / "var"))
    os.environ["REELWIRE_DATA_DIR"] = str(Path(os.environ["REELWIRE_DATA_DIR"]).absolute())
    if words[0] in ("help", "--help", "-h"):
        _become(sys.executable, "help", environment={**os.environ, "PYTHONPATH": str(ROOT)})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        changed = _set_up(words[0])
        if (*words[:2],) == SPARK:
            changed = _add_spark() or changed
        if changed:
            say(f"set up in {time.monotonic() - began:.1f} s")
        environment = web_packages.programs() if words[0] in _WEB else dict(os.environ)
    except (StepError, OSError) as error:
        say(str(error))
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    _become(str(python_packages.PYTHON), *words, environment=environment)


def _become(python: str, *words: str, environment: Mapping[str, str]) -> NoReturn:
    """The same process from now on: signals for ./reelwire reach the command."""
    os.execve(python, [python, "-P", "-m", "server", *words], environment)  # noqa: S606


def _set_up(command: str) -> bool:
    """Do what is missing for this command; whether anything was."""
    if _is_set_up(command):
        return False
    with _alone():
        lock = "test" if command in _DEVELOPER else "up"
        if not python_packages.is_ready(lock):
            python_packages.prepare(lock)
        if command in _WEB:
            web_packages.prepare(built=command in _BUILT)
        if command == "test":
            _find_programs()
    return True


def _is_set_up(command: str) -> bool:
    return (
        python_packages.is_ready("test" if command in _DEVELOPER else "up")
        and (command not in _WEB or web_packages.is_ready(built=command in _BUILT))
        and (command != "test" or not _missing())
    )


def _missing() -> list[str]:
    """The distribution's packages that tests want and that are not here."""
    browser = bool(os.environ.get("CHROMIUM_BIN")) or any(map(shutil.which, BROWSERS))
    return [package for package, found in (("chromium", browser), ("redis-tools", any(map(shutil.which, REDIS)))) if not found]


def _find_programs() -> None:
    """Tests want Chromium and Redis: from the distribution where we may install them, else the reader is told."""
    missing = _missing()
    if missing and not _install(missing):
        say(f"some tests will fail or be left out; type: sudo apt-get install {' '.join(missing)} (or set CHROMIUM_BIN)")


def _add_spark() -> bool:
    """What the tests of Spark want beside all else; whether anything was missing.

    Raises:
        StepError: it cannot be had.
    """
    has_java = bool(os.environ.get("JAVA_HOME") or shutil.which("java"))
    if has_java and python_packages.has("spark"):
        return False
    with _alone():
        if not has_java and not _install([JAVA]):
            raise StepError(f"Spark needs Java 17 or later; type: sudo apt-get install {JAVA} (or set JAVA_HOME)")
        if not python_packages.has("spark"):
            python_packages.add("spark")
    return True


def _install(packages: Sequence[str]) -> bool:
    """Packages of the distribution, where we may install them; whether we may.

    Raises:
        StepError: we may, and they cannot be had.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"installing {' and '.join(packages)} for the tests")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "-qq", "update"], environment=quiet)
    run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages], environment=quiet)
    return True


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One set-up at a time in a checkout."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another ./reelwire that is setting up")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
