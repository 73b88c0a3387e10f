"""Orders to a process that is measured against: each is a line of JSON, and so is its answer."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from stack.servers import ROOT

LONGEST_ANSWER = 1 << 26
ORDER_SECONDS = 300.0


class Orders:
    """To one process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def give(self, order: Any) -> Any:
        """Give one and wait until it is carried out.

        Raises:
            RuntimeError: the process has ended, and has said why.
            TimeoutError: it was not done in ORDER_SECONDS.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(ORDER_SECONDS):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the clients' process has ended")
        return json.loads(line)


@asynccontextmanager
async def given_orders(module: str, core: int | None = None) -> AsyncIterator[Orders]:
    """A process of this module, for as long as the block lasts; on one core alone where there are more."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=pipe, stdout=pipe, cwd=ROOT, limit=LONGEST_ANSWER
    )
    if core is not None and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(process.pid, {core})
    try:
        yield Orders(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
