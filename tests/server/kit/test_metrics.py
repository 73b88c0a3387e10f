"""The metrics of all processes of a host: what is counted of living ones ends with them, however they end."""

import os
import subprocess
import sys
from pathlib import Path

from server.kit.metrics import exposition

COUNT = """
import sys
from prometheus_client import Counter, Gauge
Gauge("sessions", "open", multiprocess_mode="livesum").set(7)
Counter("requests", "answered").inc(3)
sys.stdout.write("counted"); sys.stdout.flush()
sys.stdin.read()
"""


def test_a_killed_process_counts_no_longer_and_what_it_did_stays_counted(tmp_path: Path) -> None:
    command, environment = [sys.executable, "-c", COUNT], {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        assert process.stdout.read(7) == b"counted"
        assert b"\nsessions 7.0\n" in exposition(str(tmp_path))
        process.kill()
    told = exposition(str(tmp_path))
    assert b"sessions 7.0" not in told
    assert b"\nrequests_total 3.0\n" in told
