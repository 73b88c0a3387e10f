"""The filter by itself: on the kernels that have Landlock too, tests of the whole sandbox do not show what it refuses."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from tests.media import children

ROOT = Path(__file__).parents[2]
SURE = {"kill", "kill its group", "kill everybody", "tkill", "tgkill", "rt_sigqueueinfo", "F_SETOWN", "SIOCSPGRP", "prlimit"}
"""What any process may do to another one of its user, wherever the tests run."""


@pytest.mark.skipif(not children.filtered(), reason="this machine has no filter of system calls")
async def test_a_filtered_process_signals_limits_and_reads_itself_only() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.media.neighbours", env={"PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    found = json.loads(said)
    assert found["given"]
    assert not SURE.intersection(found["before"])
    assert found["after"] == found["all"]
    assert found["alive"]
    assert found["own"] == []
    assert process.returncode == -signal.SIGABRT  # it aborts as it must, and by no other signal
