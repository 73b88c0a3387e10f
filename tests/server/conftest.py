"""The whole application in this process, on real stores, and people who use it."""

from collections.abc import AsyncIterator
from typing import cast

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from pytest_aiohttp.plugin import AiohttpClient

from media.pool import Pool as MediaPool
from pubsub.opening import open_commands
from pubsub.windows import Windows
from server.kit.ids import new_id
from server.kit.request import POOL
from server.notifications import jobs as notification_jobs
from server.plays.windows import WINDOWS, ViewWindows
from server.settings import Settings
from server.transcoding.jobs import Tools
from server.web import application
from storage.postgres import Pool, close_pool, connection, open_pool
from tests.media import stills
from tests.people import Client, Person, sign_up
from tests.transcoded import tools_of
from tests.viewed import Clock


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, settings: Settings) -> Client:
    """A client without a cookie jar, so that a test says which credentials it sends."""
    server = TestServer(application(settings))
    await server.start_server(auto_decompress=False)  # as kit/serving.py has it
    return cast("Client", await aiohttp_client(server, cookie_jar=aiohttp.DummyCookieJar()))


@pytest.fixture
async def empty_queue(client: Client) -> None:
    """No job waits, or would be tried again: those that other tests left would be run first, or make ladders step back."""
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE job SET state = 'cancelled' WHERE state IN ('queued', 'leased', 'failed')")


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    """Of another process."""
    found = await open_pool(settings.database_url, 20, "test")
    yield found
    await close_pool(found)


@pytest.fixture(scope="module")
async def media_pool() -> AsyncIterator[MediaPool]:
    """A child that looks at media."""
    async with MediaPool(processes=1) as pool:
        yield pool


@pytest.fixture
def tools(client: Client, media_pool: MediaPool) -> Tools:
    """What a worker has, beside the process under test."""
    return tools_of(client, media_pool)


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A picture that somebody sends."""
    return stills.saved(tmp_path_factory.mktemp("photos") / "photo.png").read_bytes()


@pytest.fixture
def nobody_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process under test leaves telling what was done to the test. It is used by a mark, so that it comes before `client`."""
    monkeypatch.setattr(notification_jobs, "TELL_SECONDS", 3600.0)


@pytest.fixture
async def ann(client: Client) -> Person:
    return await sign_up(client, "ann")


@pytest.fixture
async def ben(client: Client) -> Person:
    return await sign_up(client, "ben")


@pytest.fixture
def nobody(client: Client) -> Person:
    """Whoever comes without credentials."""
    return Person(client)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def of_own(client: Client, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ViewWindows]:
    """Windows of the test's own, in the place of the process'."""
    async with open_commands(settings.valkey_url) as commands:
        found = ViewWindows(Windows(commands, f"test:{new_id()}:", clock))
        monkeypatch.setitem(client.app._state, WINDOWS, found)
        yield found
