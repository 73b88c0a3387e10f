"""Two processes' worth of feeds on the session's stores."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from server.settings import Settings
from tests.server.live.conftest import patient_commands
from tests.server.live.stage import Stage, staged

__all__ = ["http", "patient_commands", "stage"]


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    async with staged(settings, settings.valkey_url) as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
