"""Steps of the set-up: what is said about them, how their programs are run, how they are remembered. Standard library only."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
_STAMPS = CACHE / "stamps.json"


class StepError(Exception):
    """The set-up cannot go on; the message says what to type."""


def say(text: str) -> None:
    print(f"reelwire: {text}", file=sys.stderr, flush=True)


def run(argv: Iterable[object], *, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> None:
    """Run a program to its end; what it prints goes to standard error, and when we are stopped it is stopped with its children.

    Raises:
        StepError: it failed.
    """
    words = [str(word) for word in argv]
    child = subprocess.Popen(words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=2, process_group=0)
    try:
        status = child.wait()
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise
    if status:
        raise StepError(f"`{' '.join([Path(words[0]).name, *words[1:]])[:200]}` failed with status {status}")


def digest(*parts: object) -> str:
    """One name for all of these together; of a path its content counts."""
    total = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        total.update(len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def is_done(step: str, state: str) -> bool:
    """Whether a step was done for this state of what it depends on."""
    return _stamps().get(step) == state


def done(step: str, state: str) -> None:
    """Remember it."""
    CACHE.mkdir(exist_ok=True)
    new = _STAMPS.with_suffix(".new")
    new.write_text(json.dumps(_stamps() | {step: state}, indent=1))
    new.rename(_STAMPS)


def forget(step: str) -> None:
    """It has to be done again, whatever becomes of what comes now."""
    if step in _stamps():
        done(step, "")


def _stamps() -> dict[str, str]:
    try:
        return dict(json.loads(_STAMPS.read_text()))
    except (OSError, ValueError):
        return {}
