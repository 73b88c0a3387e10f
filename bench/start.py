"""`reelwire up` to its ready line: on data that is there, beside the first start that makes them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Result
from stack import environment, ports
from stack.servers import ROOT

ROUNDS = 2
READY = b"reelwire is ready"
LIMIT_SECONDS = 120


def run(folder: Path) -> Result:
    """The benchmark."""
    second, first = [], []
    for number in range(ROUNDS):
        data = folder / str(number)
        first.append(_start(data))
        second.append(_start(data))
    notes = ("packages and the web client are there already; the time on the clock, so a busy machine shows",)
    return Result("s to the ready line", "second start", "first start (initdb and all)", second, first, notes)


def _start(data: Path) -> float:
    """Seconds until the line is there; the system is stopped again."""
    (port,) = ports.choose(["edge"]).values()
    whole = environment.others_in(os.environ) | {"REELWIRE_DATA_DIR": str(data), "REELWIRE_PORT": str(port)}
    began = time.monotonic()
    argv = [sys.executable, "-m", "server", "up"]
    said = data.with_suffix(".log")
    with said.open("wb") as log, subprocess.Popen(argv, cwd=ROOT, env=whole, stdout=subprocess.PIPE, stderr=log) as up:
        assert up.stdout is not None
        try:
            if not up.stdout.readline().startswith(READY):
                raise SystemExit(f"reelwire up did not become ready:\n{said.read_text()}")
            return time.monotonic() - began
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(LIMIT_SECONDS)
