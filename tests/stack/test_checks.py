"""Checks that run beside each other: what they say stays in order, one that fails fails the whole, and all end with us."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from stack import servers
from stack.checks import run_beside
from stack.process import parents
from tests.waiting import LIMIT_SECONDS, until

WAITS = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\nprint('first')"
MAKES = "import pathlib, sys\npathlib.Path(sys.argv[1]).touch()\nprint('second')\nsys.exit(3)"
ENDLESS = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
whole = pathlib.Path(sys.argv[1] + ".new")
whole.write_text(f"{os.getpid()} {child.pid}")
whole.rename(sys.argv[1])
time.sleep(600)
"""
LINT = """
import sys
from stack import checks
checks.LINT = tuple((name, [sys.executable, "-c", sys.argv[1], name]) for name in sys.argv[2:])
sys.exit(checks.lint([]))
"""


async def test_they_run_at_the_same_time_and_are_told_in_their_order(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    meeting = tmp_path / "meeting"
    checks = [(name, [sys.executable, "-c", code, str(meeting)]) for name, code in (("waits", WAITS), ("makes", MAKES))]
    assert await run_beside(checks) == ["makes"]
    out, told = capfd.readouterr()
    assert out == "first\nsecond\n"
    assert [line.split(" after ")[0] for line in told.splitlines()] == ["reelwire: waits: ok", "reelwire: makes: FAILED"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_all_end_with_whoever_started_them(tmp_path: Path, number: signal.Signals) -> None:
    files = [tmp_path / "one", tmp_path / "other"]
    lint = await asyncio.create_subprocess_exec(sys.executable, "-c", LINT, ENDLESS, *map(str, files), cwd=servers.ROOT)
    try:
        await until(lambda: all(file.exists() for file in files), "the checks' beginning")
        pids = {int(word) for file in files for word in file.read_text().split()}
        lint.send_signal(number)
        async with asyncio.timeout(LIMIT_SECONDS):
            assert await lint.wait() == 128 + number
        await until(lambda: not pids & parents().keys(), "the end of its checks")
    finally:
        if lint.returncode is None:
            lint.kill()
