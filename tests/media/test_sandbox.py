"""What a child sees of the machine."""

import asyncio
import os
from pathlib import Path

from media import landlock
from media.limits import MEBIBYTE, Limits
from media.pool import Pool
from media.task import Task
from tests.media import children
from tests.media.canary import Canary


async def test_a_child_sees_its_input_and_its_folder_and_nothing_else(
    pool: Pool, task: Task, canary: Canary, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("another user's upload")
    await asyncio.to_thread(Path(task.input).write_text, str(canary.port))
    given = Limits(wall_seconds=30, cpu_seconds=10, memory_bytes=900 * MEBIBYTE, file_bytes=2 * MEBIBYTE)
    answer = await pool.run(children.look_around, task, limits=given)
    seen = answer.words
    assert {"environment {}", "session True", "reads its input", "writes into its folder"} <= set(seen)
    assert {"never writes a large file", "never opens many"} <= set(seen)
    assert f"priority {min(os.nice(0) + given.niceness, 19)}" in seen
    if landlock.version():
        refused = {"reads another file", "reads the password file", "lists the root", "writes beside it", "changes its input"}
        assert {f"never {attempt}" for attempt in refused} <= set(seen)
    if children.filtered():
        attempts = {"connects", "listens", "speaks", "reaches a local server", "starts a program"}
        assert {f"never {attempt}" for attempt in attempts} <= set(seen)
        assert canary.calls == 0
