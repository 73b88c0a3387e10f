"""A serve process with the constant route beside the real ones, on stores with a town in them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from server.settings import Settings
from stack import environment, servers
from stack.process import PartError, start
from stack.runtime import runtime_folder
from stack.supervisor import tail, until_ready

SERVER = (sys.executable, "-m", "bench.api.server")


@dataclass(frozen=True, slots=True)
class Served:
    """A process that answers on a unix socket, as behind the edge."""

    pid: int
    socket: Path
    settings: Settings


@asynccontextmanager
async def served(folder: Path, given: Mapping[str, str]) -> AsyncIterator[Served]:
    """One process on these stores, in whose folder of sockets it has its own.

    Raises:
        PartError: it does not start.
    """
    runtime = runtime_folder(folder)
    spec = servers.part("serve-1", "serve", environment.others_in(os.environ) | dict(given), runtime, folder)
    spec = replace(spec, argv=SERVER)
    process = start(spec)
    try:
        try:
            async with asyncio.timeout(spec.start_seconds):
                await until_ready(spec, process)
        except (PartError, TimeoutError) as error:
            raise PartError(f"serve does not start: {error}\n{tail(spec)}") from None
        yield Served(process.pid, runtime / "serve-1.sock", Settings.from_environment(given))
    finally:
        await process.stop(spec.stop_signal, spec.stop_seconds)  # the folder of sockets belongs to the stores, which go on
