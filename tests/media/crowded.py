"""A pool whose zygote may start no more processes for a while, told step by step: `python -m tests.media.crowded INPUT FOLDER`.

A program of its own, because a limit of processes (RLIMIT_NPROC) holds for users other than root only: root becomes nobody first.
"""

import asyncio
import ctypes
import os
import resource
import struct
import sys
from pathlib import Path

from media.errors import Internal
from media.limits import Limits
from media.pool import Pool
from media.task import Task
from stack.process import parents
from tests.media import children
from tests.waiting import until

NOBODY = 65534
PR_SET_KEEPCAPS, PR_CAP_AMBIENT, RAISE = 8, 47, 2
CAPABILITY_VERSION, CAP_DAC_OVERRIDE = 0x20080522, 1  # capset(2)
PLENTY = Limits(wall_seconds=60, cpu_seconds=20, memory_bytes=900 << 20)

_libc = ctypes.CDLL(None, use_errno=True)


def become_nobody() -> None:
    """Another user, who still may open what root may: where Python and the checkout lie is not for this test to say."""
    _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    kept = 1 << CAP_DAC_OVERRIDE
    _libc.capset(struct.pack("Ii", CAPABILITY_VERSION, 0), struct.pack("6I", kept, kept, kept, 0, 0, 0))
    _libc.prctl(PR_CAP_AMBIENT, RAISE, CAP_DAC_OVERRIDE, 0, 0)  # what we start has it too


def release(task: Task) -> None:
    """Let the child that holds go."""
    Path(task.folder, "go").touch()


async def main(task: Task) -> None:
    """One child runs; the next one finds no room; there is room again; the first one ends well."""
    async with Pool(processes=2) as pool:
        first = asyncio.create_task(pool.run(children.hold, task, limits=PLENTY))
        await until(lambda: [name for name in os.listdir(task.folder) if name.isdigit()], "a child")
        [zygote] = [pid for pid, parent in parents().items() if parent == os.getpid()]
        _, most = resource.prlimit(zygote, resource.RLIMIT_NPROC)
        resource.prlimit(zygote, resource.RLIMIT_NPROC, (1, most))
        for _ in range(2):
            try:
                await pool.run(children.count, task, limits=PLENTY)
            except Internal as error:
                print(error.detail, error.retry)
        print("running", pool.running, first.done())
        resource.prlimit(zygote, resource.RLIMIT_NPROC, (most, most))
        await pool.run(children.count, task, limits=PLENTY)
        print("room again")
        release(task)
        await first
        print("ended well")


if __name__ == "__main__":
    if os.getuid() == 0:
        become_nobody()
    asyncio.run(main(Task(input=sys.argv[1], folder=sys.argv[2])))
