"""People who use an application of only the rooms that make and serve videos."""

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.settings import Settings
from tests import rooms
from tests.people import Client


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, settings: Settings) -> Client:
    return await rooms.serve(aiohttp_client, settings)
