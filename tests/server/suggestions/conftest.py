"""A town of its own for suggestions, without anybody else's videos: a database that is emptied before each test."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bench.population.snapshot import drop
from server.settings import Settings
from server.suggestions import exploring
from server.web import application
from storage import migrate
from tests.people import Client
from tests.server.suggestions.town import Town

EMPTY = """
TRUNCATE account, video, author_video, hashtag_video, play, play_day, play_counted, video_like, not_interested, video_tier,
         watch_log, watch_choice, suggestion_model, suggestion, suggestion_similar, suggestion_popular, suggestion_served CASCADE
"""


@pytest.fixture(scope="session")
async def suggestions_url(settings: Settings) -> AsyncIterator[str]:
    """A database with every migration and nothing else."""
    name = f"suggestions_{secrets.token_hex(4)}"
    conn = await asyncpg.connect(settings.database_url)
    await conn.execute(f"CREATE DATABASE {name}")
    place, question, options = settings.database_url.partition("?")
    url = f"{place.rpartition('/')[0]}/{name}{question}{options}"
    await migrate.apply(url, migrate.read())
    yield url
    await drop(conn, name)
    await conn.close()


@pytest.fixture
async def town(settings: Settings, suggestions_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """Nobody is there, and nothing. What is new is looked for when the test says so."""
    monkeypatch.setattr(exploring, "LOOK_SECONDS", 3600.0)
    conn = await asyncpg.connect(suggestions_url)
    await conn.execute(EMPTY)
    await conn.close()
    client: Client = TestClient(
        TestServer(application(replace(settings, database_url=suggestions_url))), cookie_jar=aiohttp.DummyCookieJar()
    )
    async with client:
        yield Town(client)


@pytest.fixture
async def another(settings: Settings, suggestions_url: str, town: Town) -> AsyncIterator[Client]:
    """Another process, that serves the same town."""
    client: Client = TestClient(
        TestServer(application(replace(settings, database_url=suggestions_url))), cookie_jar=aiohttp.DummyCookieJar()
    )
    async with client:
        yield client
