"""The command that runs benchmarks, ended in the middle of one."""

import asyncio
import signal
import sys
from pathlib import Path

from tests.media.test_pool import ROOT, alive, descendants
from tests.waiting import until

ENDLESS = """
import sys
from pathlib import Path
from bench import ffmpeg
from bench.__main__ import terminable
with terminable():
    ffmpeg.run(["-nostdin", "-re", "-f", "lavfi", "-i", "testsrc", "-f", "null", "-"], Path(sys.argv[1]))
"""
OWN_WORDS = "-i\0testsrc"
"""As proc_pid_cmdline(5) has them."""


async def test_ending_a_benchmark_ends_the_ffmpeg_that_it_has_started(tmp_path: Path) -> None:
    bench = await asyncio.create_subprocess_exec(sys.executable, "-c", ENDLESS, str(tmp_path / "log"), cwd=ROOT)
    # Before it, one that tells its version may have come and gone; and before it is ffmpeg, a child has the words of `bench`.
    await until(lambda: any(descendants(bench.pid, OWN_WORDS)), "ffmpeg")
    [child] = descendants(bench.pid, OWN_WORDS)
    bench.send_signal(signal.SIGTERM)
    assert await bench.wait() == 128 + signal.SIGTERM
    assert not alive(child)
