"""People who use an application of only the rooms that make and serve videos."""

import aiohttp
import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.settings import Settings
from tests import rooms
from tests.people import Client


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, settings: Settings) -> Client:
    return await aiohttp_client(rooms.Served(rooms.application(settings)), cookie_jar=aiohttp.DummyCookieJar())
