"""The scheduler as a whole."""

import asyncio

import pytest
from aiohttp import web

from server import schedule
from server.kit.request import POOL
from server.settings import Settings
from server.transcoding import reconcile
from server.uploads import jobs as upload_jobs
from storage.postgres import connection
from tests.waiting import until


async def _last_runs(app: web.Application) -> dict[str, object]:
    async with connection(app[POOL]) as conn:
        rows = await conn.fetch("SELECT name, last_run_at FROM lease WHERE until < now()")
    return {row["name"]: row["last_run_at"] for row in rows}


async def test_it_runs_every_periodic_job_by_itself(settings: Settings) -> None:
    app = schedule.application(settings)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        async with asyncio.timeout(200):  # they tidy up what hundreds of tests have left
            while not {periodic.name for periodic in schedule.PERIODIC} <= set(await _last_runs(app)):
                await asyncio.sleep(0.05)
    finally:
        await runner.cleanup()


async def test_a_long_run_of_one_delays_no_other(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, endless = {"test quick": 0, "test endless": 0}, asyncio.Event()

    async def last(_: web.Application) -> None:
        runs["test endless"] += 1
        await endless.wait()

    async def count(_: web.Application) -> None:
        runs["test quick"] += 1

    monkeypatch.setattr(schedule, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(
        schedule,
        "PERIODIC",
        (schedule.Periodic("test endless", 0.0, last), schedule.Periodic("test quick", 0.0, count)),
    )
    runner = web.AppRunner(schedule.application(settings))
    await runner.setup()
    try:
        await until(lambda: runs["test endless"] and runs["test quick"] > 1, "runs beside the endless one")
    finally:
        await runner.cleanup()
    assert runs["test endless"] == 1


async def test_uploads_that_cannot_be_tidied_do_not_hold_up_the_reconciler(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ran = asyncio.Event()

    async def breaks_off(_: web.Application) -> None:
        raise ValueError("an upload that nobody thought of")

    async def runs(_: web.Application) -> None:
        ran.set()

    monkeypatch.setattr(upload_jobs, "expire", breaks_off)
    monkeypatch.setattr(reconcile, "reconcile", runs)
    periodic = next(one for one in schedule.PERIODIC if one.name == "reconcile")
    runner = web.AppRunner(app := schedule.application(settings, loop=False))
    await runner.setup()
    try:
        await periodic.run(app)
    finally:
        await runner.cleanup()
    assert ran.is_set()
    assert "an upload that nobody thought of" in caplog.text


def test_an_unknown_job_is_named(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert schedule.run_now(settings, "dusting") == 2
    assert "deletion" in capsys.readouterr().err
