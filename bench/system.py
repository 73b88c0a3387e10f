"""What benchmarks run on: the real stores in a folder, a migrated database, and one serve process of its own."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.population.snapshot import fresh
from bench.population.town import Size
from server.settings import Settings
from stack import environment, servers
from stack.embedded import stores
from stack.process import PartError, start
from stack.runtime import remove_temporary, runtime_folder
from stack.supervisor import tail, until_ready
from storage import migrate

SECRET = "a key that only these benchmarks have"
ORIGIN = "http://bench.test"
ENDPOINT = "REELWIRE_S3_ENDPOINT_URL"
Stands = Callable[[str], AbstractAsyncContextManager[str]]
"""Stands before a server: from its URL to the one to use instead."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A serve process that answers on a unix socket, as behind the edge."""

    pid: int
    socket: Path
    settings: Settings

    def client(self) -> aiohttp.ClientSession:
        """A client of it; URLs begin with ORIGIN."""
        return aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self.socket)), cookie_jar=aiohttp.DummyCookieJar())


@asynccontextmanager
async def real_stores(folder: Path, town: Size | None = None) -> AsyncIterator[Mapping[str, str]]:
    """PostgreSQL, Valkey and S3 as `up` runs them, with fsync and with our schema; the environment of a process on them.

    Args:
        folder: where they lie; one that is given again saves filling the town in.
        town: who is there already; nobody without it.
    """
    async with stores(folder) as found:
        url = await fresh(found.database_url, town) if town else found.database_url
        await migrate.apply(url, migrate.read())
        yield found.environment() | {
            "REELWIRE_DATABASE_URL": url,
            "REELWIRE_ENVIRONMENT": "development",
            "REELWIRE_PUBLIC_URL": ORIGIN,
            "REELWIRE_SECRET_KEYS": SECRET,
            "REELWIRE_RATE_LIMITS": "off",
            "REELWIRE_LOG_LEVEL": "warning",
        }


@asynccontextmanager
async def serving(folder: Path, town: Size | None = None, before_store: Stands = nullcontext) -> AsyncIterator[Serving]:
    """One `reelwire serve` on stores of its own, as `real_stores` has them; what stands before the object store is its alone."""
    async with real_stores(folder, town) as stores, before_store(stores[ENDPOINT]) as endpoint:
        given = {**stores, ENDPOINT: endpoint}
        runtime = runtime_folder(folder)
        spec = servers.part("serve-1", "serve", environment.others_in(os.environ) | dict(given), runtime, folder)
        process = start(spec)
        try:
            async with asyncio.timeout(spec.start_seconds):
                await until_ready(spec, process)
        except (PartError, TimeoutError) as error:
            await process.kill()
            raise PartError(f"serve does not start: {error}\n{tail(spec)}") from None
        try:
            yield Serving(process.pid, runtime / "serve-1.sock", Settings.from_environment(given))
        finally:
            await process.stop(spec.stop_signal, spec.stop_seconds)
            remove_temporary(runtime, folder)
