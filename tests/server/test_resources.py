"""What every process opens: ready while all of it answers."""

from dataclasses import replace
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server import resources
from server.live import gateway
from server.settings import Settings
from tests.valkeys import own_cluster


def idle_app(settings: Settings) -> web.Application:
    """A process that does nothing but to be there."""
    app = web.Application()
    resources.provide(app, settings)
    app.cleanup_ctx.extend([resources.postgres, resources.object_store, gateway.announcer, resources.checks])
    resources.add_operations(app)
    return app


async def test_a_process_is_ready_while_every_node_of_the_cluster_answers(settings: Settings, tmp_path: Path) -> None:
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
