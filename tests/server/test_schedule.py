"""The scheduler as a whole."""

import asyncio

import pytest
from aiohttp import web

from server import schedule
from server.kit.request import POOL
from server.settings import Settings
from storage.postgres import connection


async def _last_runs(app: web.Application) -> dict[str, object]:
    async with connection(app[POOL]) as conn:
        rows = await conn.fetch("SELECT name, last_run_at FROM lease WHERE until < now()")
    return {row["name"]: row["last_run_at"] for row in rows}


async def test_it_runs_every_periodic_job_by_itself(settings: Settings) -> None:
    app = schedule.application(settings)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        async with asyncio.timeout(60):
            while not {periodic.name for periodic in schedule.PERIODIC} <= set(await _last_runs(app)):
                await asyncio.sleep(0.05)
    finally:
        await runner.cleanup()


def test_an_unknown_job_is_named(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert schedule.run_now(settings, "dusting") == 2
    assert "deletion" in capsys.readouterr().err
