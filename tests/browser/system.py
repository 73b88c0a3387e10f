"""A whole running reelwire for tests that look at it from outside."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from stack import ports

ROOT = Path(__file__).parents[2]
READY = re.compile(rb"reelwire is ready at (http://\S+)")
READY_SECONDS, STOP_SECONDS = 180.0, 40.0
NOT_BUILT = "the web client is not built; type: (cd web_client && npm ci && npm run build)"


@asynccontextmanager
async def running(folder: Path, **more: str) -> AsyncIterator[str]:
    """`reelwire up` with its data below `folder`, and more settings; gives its address and leaves nothing running.

    Raises:
        RuntimeError: it did not become ready; the message has its last words.
    """
    if not (ROOT / "web_client/dist/index.html").exists():
        raise RuntimeError(NOT_BUILT)
    settings = {
        "REELWIRE_DATA_DIR": str(folder),
        "REELWIRE_PORT": str(ports.choose(["edge"])["edge"]),
        "REELWIRE_RATE_LIMITS": "off",
        **more,
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("REELWIRE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "up", cwd=ROOT, env=clean | settings,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    reading: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(READY_SECONDS):
            address = await _address(process)
        reading = asyncio.create_task(_drained(process), name="reading what reelwire says")
        yield address
    finally:
        await _stopped(process)
        if reading:
            await reading


async def _address(process: asyncio.subprocess.Process) -> str:
    said = []
    async for line in _lines(process):
        said.append(line.decode(errors="replace"))
        if ready := READY.search(line):
            return ready[1].decode()
    raise RuntimeError("reelwire did not start: " + "".join(said[-20:]))


async def _drained(process: asyncio.subprocess.Process) -> None:
    async for _ in _lines(process):
        pass


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[bytes]:
    assert process.stdout
    async for line in process.stdout:
        yield line


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
