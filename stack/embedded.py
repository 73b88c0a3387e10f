"""The three stores together, started in a folder and stopped again: what tests and benchmarks run on.

    async with stack.embedded.stores(tmp_path, durable=False) as stores:
        pool = await asyncpg.create_pool(stores.database_url)

Ready in one to three seconds. The caller must be in the main thread. All ends with the block, also when the caller is killed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from stack import ports, postgres, s3, valkey
from stack.credentials import kept
from stack.postgres import Postgres
from stack.process import PartError, Process, Spec, start
from stack.runtime import remove_temporary, runtime_folder
from stack.s3 import S3
from stack.supervisor import tail, until_ready
from stack.valkey import Valkey

MEDIA_BUCKET, RAW_BUCKET, ARCHIVE_BUCKET = "reelwire-media", "reelwire-raw", "reelwire-archive"


@dataclass(frozen=True, slots=True)
class Stores:
    """Addresses and keys of running stores; the role of `database_url` may create databases."""

    database_url: str
    valkey_url: str
    s3_endpoint_url: str
    s3_region: str
    s3_access_key_id: str
    s3_secret_access_key: str
    s3_bucket: str
    s3_raw_bucket: str
    s3_archive_bucket: str

    def environment(self) -> dict[str, str]:
        """The same as settings for a process of ours."""
        return {f"REELWIRE_{name.upper()}": getattr(self, name) for name in self.__slots__}


@asynccontextmanager
async def stores(folder: Path, *, durable: bool = True) -> AsyncIterator[Stores]:
    """PostgreSQL (with pgvector), Valkey and S3 (with its buckets) below this folder; `durable=False` leaves out every fsync.

    What is in the folder stays, and is there again when it is given once more.

    Raises:
        ExceptionGroup: of PartError, when one of them did not become ready in time.
    """
    runtime, credentials = runtime_folder(folder), kept(folder / "credentials.json")
    chosen = ports.choose(s3.PORTS)
    buckets = (MEDIA_BUCKET, RAW_BUCKET, ARCHIVE_BUCKET)
    database = Postgres(folder / "postgres", runtime, folder / "postgres.log", credentials, durable)
    memory = Valkey(folder / "valkey", runtime, folder / "valkey.log", credentials, durable)
    objects = S3(folder / "s3", runtime, folder / "s3.log", credentials, chosen, buckets, durable)
    found = Stores(
        database_url=database.url,
        valkey_url=memory.url,
        s3_endpoint_url=objects.url,
        s3_region=s3.REGION,
        s3_access_key_id=credentials.s3_access_key_id,
        s3_secret_access_key=credentials.s3_secret_access_key,
        s3_bucket=MEDIA_BUCKET,
        s3_raw_bucket=RAW_BUCKET,
        s3_archive_bucket=ARCHIVE_BUCKET,
    )
    try:
        async with running(postgres.part(database), valkey.part(memory), s3.part(objects)):
            yield found
    finally:
        remove_temporary(runtime, folder)


@asynccontextmanager
async def running(*specs: Spec) -> AsyncIterator[None]:
    """These parts, ready; nobody restarts them. At the end they leave as they would at our death, without saving what they hold.

    Raises:
        ExceptionGroup: of PartError, when one of them did not become ready in time.
    """
    started: list[tuple[Spec, Process]] = []
    try:
        async with asyncio.TaskGroup() as group:
            for spec in specs:
                group.create_task(_start(spec, started), name=f"start {spec.name}")
        yield
    finally:
        await asyncio.gather(*(process.stop(spec.death_signal, spec.stop_seconds) for spec, process in started))
        for spec in specs:
            if spec.clean:
                spec.clean()


async def _start(spec: Spec, started: list[tuple[Spec, Process]]) -> None:
    if spec.prepare:
        await spec.prepare()
    process = start(spec)
    started.append((spec, process))
    try:
        async with asyncio.timeout(spec.start_seconds):
            await until_ready(spec, process)
    except (PartError, TimeoutError) as error:
        raise PartError(f"{spec.name}: {error or 'not ready in time'}\n{tail(spec)}") from None
