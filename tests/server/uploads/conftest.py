"""People who use an application of only the rooms that make and serve videos; one process for all tests of a file."""

from collections.abc import AsyncIterator

import pytest

from server.settings import Settings
from tests import rooms
from tests.people import Client


@pytest.fixture(scope="module")
async def client(settings: Settings) -> AsyncIterator[Client]:
    async with rooms.opened(settings) as found:
        yield found
