"""`./reelwire lint` and `./reelwire test`: every check there is, on the prepared checkout."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from stack.steps import ROOT, say

_BIN = Path(sys.executable).parent
Check = tuple[str, Sequence[str | Path]]
LINT: tuple[Check, ...] = (
    ("ruff check", [_BIN / "ruff", "check", "--quiet", "."]),
    ("ruff format", [_BIN / "ruff", "format", "--check", "--quiet", "."]),
    ("mypy", [_BIN / "mypy"]),
    ("import-linter", [_BIN / "lint-imports"]),
    ("web client lint", ["npm", "run", "--silent", "lint"]),
)
WEB_TESTS: tuple[Check, ...] = (("web client tests", ["npm", "test", "--silent"]),)


def lint(argv: Sequence[str]) -> int:
    """Style, types and architecture of everything; the exit status."""
    if argv:
        print("Usage: reelwire lint", file=sys.stderr)
        return 2
    return _report(_run(LINT))


def test(argv: Sequence[str]) -> int:
    """Lint, then the Python and browser tests (the words go to pytest), then the web client's own; the exit status."""
    python_tests: tuple[Check, ...] = (("pytest", [sys.executable, "-m", "pytest", *argv]),)
    return _report(_run(LINT) + _run(python_tests) + _run(WEB_TESTS))


def _run(checks: Sequence[Check]) -> list[str]:
    """Run these to the last one, so that one run tells all; the names of those that failed."""
    failed = []
    for name, argv in checks:
        began = time.monotonic()
        folder = ROOT / "web_client" if argv[0] == "npm" else ROOT
        status = subprocess.run([str(word) for word in argv], cwd=folder, env=os.environ, check=False).returncode
        say(f"{name}: {'ok' if status == 0 else 'FAILED'} after {time.monotonic() - began:.1f} s")
        if status:
            failed.append(name)
    return failed


def _report(failed: list[str]) -> int:
    say(f"failed: {', '.join(failed)}" if failed else "everything holds")
    return 1 if failed else 0
