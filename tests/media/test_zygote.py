"""The zygote where the machine has no room for another child."""

import asyncio
import sys
from pathlib import Path

from media.task import Task

ROOT = Path(__file__).parents[2]


async def test_a_child_that_finds_no_room_is_told_and_those_that_run_go_on(task: Task) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.media.crowded", task.input, task.folder,
        env={"PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    refused = "the child could not be started: Resource temporarily unavailable True"
    assert said.decode().splitlines() == [refused, refused, "running 1 False", "room again", "ended well"]
