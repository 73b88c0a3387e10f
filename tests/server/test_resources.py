"""What every process opens: ready while all of it answers, and hearing what it must hear of whatever else goes on."""

from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server import resources
from server.kit import health
from server.kit.ids import new_id
from server.kit.invalidation import INVALIDATIONS, Invalidated, invalidate
from server.kit.request import POOL
from server.kit.work import work
from server.live import gateway
from server.settings import Settings
from storage.postgres import close_pool, connection, open_pool
from tests.server.kit.test_invalidation import Silent
from tests.valkeys import own_cluster
from tests.waiting import until


def idle_app(settings: Settings) -> web.Application:
    """A process that does nothing but to be there."""
    app = web.Application()
    resources.provide(app, settings)
    app.cleanup_ctx.extend([resources.postgres, resources.object_store, gateway.announcer, resources.checks])
    resources.add_operations(app)
    return app


async def test_a_process_is_ready_while_every_node_of_the_cluster_answers(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 20.0)  # none but Valkey fails, however slow this machine is
    async with own_cluster(tmp_path) as cluster:
        app = idle_app(replace(settings, valkey_url=cluster.url))
        async with TestClient(TestServer(app)) as client:
            while (await client.get("/readyz")).status != 200:
                pass
            await cluster.nodes[2].kill()
            response = await client.get("/readyz")
            assert (response.status, (await response.json())["failing"]) == (503, ["valkey"])
            await cluster.nodes[2].start()
            while (await client.get("/readyz")).status != 200:
                pass


async def test_invalidations_are_read_while_every_connection_of_the_pool_is_taken(settings: Settings) -> None:
    app, heard, session = web.Application(), list[Invalidated](), new_id()
    resources.provide(app, replace(settings, database_pool=1))
    app.cleanup_ctx.extend([resources.postgres, resources.invalidations])
    pool = await open_pool(settings.database_url, 1, "test")
    async with TestServer(app), connection(app[POOL]):
        app[INVALIDATIONS].listen(heard.append)
        async with work(pool, Silent(), None) as w:
            await invalidate(w, new_id(), "session", session)
        await until(lambda: any(event.subject_id == session for event in heard))
        await until(lambda: app[INVALIDATIONS].fresh)
    await close_pool(pool)
