"""Running copies of the whole system, as a user starts them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from aiohttp import ClientError, ClientSession, ClientTimeout

from stack import environment, servers
from stack.process import descendants, parents
from tests.waiting import until

PARTS = ("postgres", "valkey-server", "weed", "nginx", "serve", "worker", "schedule")
START_SECONDS = 120.0


@dataclass
class Copy:
    """One `reelwire up`."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, folder: Path, port: int) -> "Copy":
        folder.mkdir(exist_ok=True)
        data = folder / "data"
        given = {"PATH": os.defpath, "HOME": str(folder), "REELWIRE_PORT": str(port), "REELWIRE_DATA_DIR": str(data)}
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            argv = [sys.executable, "-m", "server", "up"]
            return cls(folder, port, subprocess.Popen(argv, cwd=servers.ROOT, env=given, stdout=out, stderr=err))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return (self.folder / "out").read_text()

    @property
    def settings(self) -> dict[str, str]:
        return dict(json.loads(environment.file_of(self.data).read_text()))

    async def ready(self) -> None:
        """Wait for the ready line."""
        await until(lambda: "ready" in self.said or self.process.poll() is not None, "the ready line", START_SECONDS)
        assert self.process.poll() is None, (self.folder / "err").read_text()

    async def answers(self) -> bool:
        """Whether all is ready, as seen through the edge."""
        try:
            async with ClientSession(timeout=ClientTimeout(total=3)) as http, http.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except (ClientError, OSError):
            return False

    async def answering(self) -> None:
        """Wait until all is ready."""
        async with asyncio.timeout(START_SECONDS):
            while not await self.answers():
                await asyncio.sleep(0.05)

    def family(self) -> set[int]:
        return descendants(self.process.pid)

    def parts(self) -> dict[str, set[int]]:
        """The topmost processes of each part, told by their command lines."""
        all_parents = parents()
        children = [pid for pid in self.family() if all_parents.get(pid) == self.process.pid]
        return {part: {pid for pid in children if part in words(pid)} for part in PARTS}

    async def rows(self, *commands: str) -> list[asyncpg.Record]:
        """Say these to its PostgreSQL; the rows of the last one."""
        connection = await asyncpg.connect(self.settings["REELWIRE_DATABASE_URL"], timeout=60)
        try:
            return [await connection.fetch(command) for command in commands][-1]
        finally:
            await connection.close()

    async def end(self, number: signal.Signals, seconds: float) -> set[int]:
        """Send a signal and wait; the processes that are left after so long."""
        family = self.family()
        self.process.send_signal(number)
        await until(lambda: self.process.poll() is not None, "its end", 90)
        await until(lambda: not family & parents().keys(), f"the end of {[words(pid) for pid in family]}", seconds)
        return family & parents().keys()


def words(pid: int) -> set[str]:
    """The words of a command line, and the name of its program."""
    try:
        text = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ").split()
    except OSError:
        return set()
    return {*text, Path(text[0]).name.rstrip(":")} if text else set()


def listening(pids: set[int]) -> set[tuple[str, int]]:
    """The TCP addresses that these processes listen on (proc_net(5))."""
    inodes = {link for pid in pids for link in _links(pid)}
    found = set()
    for line in [*_table("tcp"), *_table("tcp6")]:
        address, state, inode = line[1], line[3], line[9]
        if state == "0A" and f"socket:[{inode}]" in inodes:
            host, _, port = address.partition(":")
            found.add((host, int(port, 16)))
    return found


def _links(pid: int) -> list[str]:
    try:
        return [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


def _table(name: str) -> list[list[str]]:
    return [line.split() for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
