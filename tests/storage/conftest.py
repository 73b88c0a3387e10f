"""An object store on the session's S3 server, and empty databases."""

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from bench.population.snapshot import drop
from server.settings import Settings
from stack.embedded import Stores
from storage.objects import ObjectStore


@pytest.fixture(scope="session")
async def store(settings: Settings) -> AsyncIterator[ObjectStore]:
    keys = (settings.s3_access_key_id, settings.s3_secret_access_key)
    async with ObjectStore.open(settings.s3_endpoint_url, settings.s3_region, *keys, patience=20) as found:
        yield found


@pytest.fixture
def bucket(settings: Settings) -> str:
    return settings.s3_raw_bucket


@pytest.fixture
def place() -> str:
    """A prefix that no other test uses."""
    return f"test/{uuid4()}/"


@pytest.fixture
async def empty(real_stores: Stores) -> AsyncIterator[str]:
    """The address of an empty database."""
    name = f"migrate_{secrets.token_hex(4)}"
    conn = await asyncpg.connect(real_stores.database_url)
    await conn.execute(f"CREATE DATABASE {name}")
    yield (
        real_stores.database_url.replace("/reelwire?", f"/{name}?")
        if "?" in real_stores.database_url
        else (real_stores.database_url.rpartition("/")[0] + f"/{name}")
    )
    await drop(conn, name)
    await conn.close()
