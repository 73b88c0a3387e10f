"""A whole reelwire of a run's own, started as anybody starts it, and its parts as processes that can be struck."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from server.settings import Settings
from stack import environment, nginx, ports
from stack.plan import serve_slots
from stack.runtime import runtime_folder
from stack.servers import ROOT

READY = re.compile(rb"reelwire is ready at (http://\S+)")
READY_SECONDS, STOP_SECONDS = 180.0, 40.0
NOT_BUILT = "the web client is not built; type: (cd web_client && npm ci && npm run build)"
PROGRAMS = {"postgres": "postgres", "valkey": "valkey-server", "s3": "weed", "nginx": "nginx"}


@dataclass
class System:
    """The running system: where it is, and its parts as processes."""

    url: str
    supervisor: int
    folder: Path

    def pids(self, part: str) -> list[int]:
        """The processes of a part: direct children of the supervisor, or below its wrapper."""
        return [pid for pid in tree(self.supervisor) if _is(part, _argv(pid)) and not _is(part, _argv(_parent(pid)))]

    async def all_serve(self) -> bool:
        """Whether every serve process answers, and so do the stores to it."""
        slots = await asyncio.to_thread(serve_slots, settings_of(self.folder))
        sockets = [runtime_folder(self.folder) / f"{slot}.sock" for slot in slots]
        return all([await nginx.answers(socket, "/readyz") for socket in sockets])


@asynccontextmanager
async def running(folder: Path, **more: str) -> AsyncIterator[System]:
    """`reelwire up` with its data below `folder`, and more settings; leaves nothing running.

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
        yield System(address, process.pid, folder)
    finally:
        await _stopped(process)
        if reading:
            await reading


def settings_of(folder: Path) -> Settings:
    """The settings of the system that runs on this folder."""
    return Settings.from_environment(json.loads(environment.file_of(folder).read_text()))


def strike(pid: int, what: signal.Signals) -> None:
    """Send a signal; a process that has just ended is fine."""
    with suppress(ProcessLookupError):
        os.kill(pid, what)


def tree(root: int) -> Iterator[int]:
    """Everything below a process."""
    parents = {int(p.name): _parent(int(p.name)) for p in Path("/proc").glob("[0-9]*")}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    yield from sorted(found - {root})


def _argv(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return []


def _parent(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _is(part: str, argv: list[str]) -> bool:
    if part in PROGRAMS:
        return bool(argv) and Path(argv[0].split(" ")[0].rstrip(":")).name == PROGRAMS[part]
    return argv[-2:-1] == [part] and "server" in argv


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
