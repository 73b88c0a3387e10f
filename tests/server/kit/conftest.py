"""What several of these tests need."""

from collections.abc import AsyncIterator

import pytest

from server.settings import Settings
from tests.server.kit.ways import Ways, open_ways


@pytest.fixture(scope="module")
async def ways(settings: Settings) -> AsyncIterator[Ways]:
    async with open_ways(settings) as found:
        yield found
