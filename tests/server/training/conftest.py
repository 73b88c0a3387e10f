"""A system with a database of its own, in which nobody else's tests have watched anything."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from server import schedule
from server.kit.request import POOL
from server.settings import Settings
from storage import migrate
from storage.postgres import connection
from tests.server.training.town import Town, fresh_database


@pytest.fixture(scope="session")
async def own_url(settings: Settings) -> AsyncIterator[str]:
    async with fresh_database(settings.database_url) as url:
        await migrate.apply(url, migrate.read())
        yield url


@pytest.fixture
def own(settings: Settings, own_url: str, tmp_path: Path) -> Settings:
    return replace(settings, database_url=own_url, work_dir=str(tmp_path / "work"), train_hour=0)


@pytest.fixture
async def app(own: Settings) -> AsyncIterator[web.Application]:
    """What a scheduler has."""
    found = schedule.application(own, loop=False)
    runner = web.AppRunner(found)
    await runner.setup()
    yield found
    await runner.cleanup()


@pytest.fixture
async def town(app: web.Application) -> Town:
    """It has watched for ten days."""
    found = Town.made()
    found.live()
    async with connection(app[POOL]) as conn:
        await found.fill(conn)
    return found
