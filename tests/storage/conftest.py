"""An object store on the session's S3 server."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from server.settings import Settings
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
