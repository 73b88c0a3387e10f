"""The echo for protocol test suites."""

import dataclasses

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.settings import Settings
from server.web import application
from tests.people import Client

PATH = "/api/v1/live/echo"


async def test_it_is_not_there_unless_it_is_asked_for(client: Client) -> None:
    assert (await client.get(PATH)).status == 404


@pytest.mark.parametrize("size", [0, 5000, 1_000_000])
async def test_messages_come_back_as_they_were(aiohttp_client: AiohttpClient, settings: Settings, size: int) -> None:
    client = await aiohttp_client(application(dataclasses.replace(settings, test_echo=True)))
    async with client.ws_connect(PATH, max_msg_size=0) as socket:
        await socket.send_str("é" * size)
        assert await socket.receive_str(timeout=60) == "é" * size
        await socket.send_bytes(b"\xff" * size)
        assert await socket.receive_bytes(timeout=60) == b"\xff" * size
