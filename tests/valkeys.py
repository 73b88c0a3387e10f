"""A Valkey of a test's own, which it may kill, freeze and wipe."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from stack import process, valkey
from stack.credentials import Credentials
from stack.runtime import remove_temporary, runtime_folder


class OwnValkey:
    """The server; `url` stays the same over restarts. Nothing is kept on disk, so that a restart is a wipe as well."""

    def __init__(self, folder: Path, runtime: Path) -> None:
        self._server = valkey.Valkey(folder, runtime, folder / "log", Credentials(), durable=False)
        self._spec = valkey.part(self._server)
        self._process: process.Process | None = None
        self.url = self._server.url

    async def start(self) -> None:
        self._process = process.start(self._spec)
        async with asyncio.timeout(self._spec.start_seconds):
            while not await self._spec.ready():
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        assert self._process is not None
        self._process.send(signal.SIGCONT)
        await self._process.kill()

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send(signal.SIGCONT)


@asynccontextmanager
async def own_valkey(folder: Path) -> AsyncIterator[OwnValkey]:
    """One that runs, and is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once, before anything runs
    runtime = runtime_folder(folder)
    server = OwnValkey(folder, runtime)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
        remove_temporary(runtime, folder)
