"""`./reelwire lint` and `./reelwire test`: every check there is, on the prepared checkout."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from stack.scratch import scratch
from stack.steps import ROOT, say

_BIN = Path(sys.executable).parent
Check = tuple[str, Sequence[str | Path]]
LINT: tuple[Check, ...] = (
    ("ruff check", [_BIN / "ruff", "check", "--quiet", "."]),
    ("ruff format", [_BIN / "ruff", "format", "--check", "--quiet", "."]),
    ("mypy", [_BIN / "mypy"]),
    ("import-linter", [_BIN / "lint-imports"]),
    ("web client rules", ["npm", "run", "--silent", "lint-rules"]),
    ("web client types", ["npm", "run", "--silent", "lint-types"]),
)
THREE_AT_ONCE = ("--numprocesses=3", "--dist=worksteal")
"""Two cores have no time for more, though most tests wait most of theirs; each part has stores of its own."""
NOT_FOR_TESTS = "PYTHONDONTWRITEBYTECODE"
"""Container images set it. Every process of pytest, and of the systems that tests start, would compile everything again."""
ON_SPARK = "tests/recommend/on_spark.py"
"""Named so that pytest does not find it by itself: it wants Java, and packages that no other command installs."""
WEB_TESTS: Check = ("web client tests", ["npm", "test", "--silent"])
SILENT = ("-p", "no:terminal", "-o", "addopts=--import-mode=importlib")
FOUND: Check = ("tests are found", ["env", "-u", "PYTEST_ADDOPTS", sys.executable, "-m", "pytest", "--collect-only", *SILENT])
"""In a new checkout this compiles all that the tests are made of, once instead of by each process of pytest."""


class Outcome(NamedTuple):
    """How a check ended, and all that it said."""

    status: int
    said: bytes
    seconds: float


def lint(argv: Sequence[str]) -> int:
    """Style, types and architecture of everything; the exit status."""
    if argv:
        print("Usage: reelwire lint", file=sys.stderr)
        return 2
    return _all([*LINT])


def test(argv: Sequence[str]) -> int:
    """Lint and the web client's own tests, then the Python and browser tests; the exit status. The words go to pytest.

    The word `spark` alone stands for the tests that need Spark, which are in no other run, and for nothing else.
    """
    os.environ.pop(NOT_FOR_TESTS, None)
    if argv[:1] == ["spark"]:
        return _all([], [ON_SPARK, *argv[1:]])
    beside = [*LINT, WEB_TESTS] if argv else [*LINT, FOUND, WEB_TESTS]
    return _all(beside, argv or THREE_AT_ONCE)


def _all(quiet: Sequence[Check], tests: Sequence[str] | None = None) -> int:
    """Run these to the last one, so that one run tells all; pytest with its words by itself, for it starts whole systems."""
    try:
        failed = asyncio.run(_until_told(run_beside(quiet)))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        return _report(failed if tests is None else failed + _pytest(tests))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM


async def _until_told(work: Coroutine[object, object, list[str]]) -> list[str]:
    """Cancelled by SIGTERM as asyncio does it with SIGINT, for an exception out of a handler could come anywhere."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


async def run_beside(checks: Sequence[Check]) -> list[str]:
    """Run these at the same time and show, in their order, what each has said; the names of those that failed.

    Whatever ends this ends them, with their children.
    """
    failed = []
    async with asyncio.TaskGroup() as group:
        running = [(name, group.create_task(_outcome(argv), name=name)) for name, argv in checks]
        for name, task in running:
            status, said, seconds = await task
            sys.stdout.buffer.write(said)
            sys.stdout.flush()
            failed += _told(name, status, seconds)
    return failed


async def _outcome(argv: Sequence[str | Path]) -> Outcome:
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        child = _begun(argv, said)
        try:
            status = await asyncio.to_thread(child.wait)
        finally:
            if child.poll() is None:
                with suppress(ProcessLookupError):  # the thread has just seen its end
                    os.killpg(child.pid, signal.SIGKILL)
        said.seek(0)
        return Outcome(status, said.read(), time.monotonic() - began)


def _begun(argv: Sequence[str | Path], said: IO[bytes]) -> subprocess.Popen[bytes]:
    """Its process, at the head of a group of its own; in one step, so that nothing can be cancelled when it is half there."""
    return subprocess.Popen(
        [str(word) for word in argv],
        cwd=_folder(argv),
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        process_group=0,
    )


def _pytest(words: Sequence[str]) -> list[str]:
    began = time.monotonic()
    with scratch() as folder:
        place, env = ([f"--basetemp={folder / 't'}"], {"TMPDIR": str(folder)}) if folder else ([], {})
        argv = [sys.executable, "-m", "pytest", *place, *words]
        status = subprocess.run(argv, cwd=ROOT, env=os.environ | env, check=False).returncode
    return _told("pytest", status, time.monotonic() - began)


def _folder(argv: Sequence[str | Path]) -> Path:
    return ROOT / "web_client" if argv[0] == "npm" else ROOT


def _told(name: str, status: int, seconds: float) -> list[str]:
    say(f"{name}: {'ok' if status == 0 else 'FAILED'} after {seconds:.1f} s")
    return [name] if status else []


def _report(failed: list[str]) -> int:
    say(f"failed: {', '.join(failed)}" if failed else "everything holds")
    return 1 if failed else 0
