"""An S3 server of another make (moto) that has the storage class GLACIER: what is there is refused until it was asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from storage.cold import Cold
from storage.objects import ObjectStore

BUCKET = "frozen"


@asynccontextmanager
async def glacier() -> AsyncIterator[Cold]:
    """An archive whose objects have to be asked for: they thaw when they were looked at twice."""
    from moto.server import ThreadedMotoServer

    server: Any = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    await asyncio.to_thread(server.start)
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        progress = {"model_name": "s3::keyrestore", "transition": {"progression": "manual", "times": 2}}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{url}/moto-api/state-manager/set-transition", json=progress) as said,
        ):
            assert said.status in (200, 201), said.status
        async with ObjectStore.open(url, "us-east-1", "key", "secret", patience=20.0) as store:
            await store.ensure_bucket(BUCKET)
            yield Cold(store, BUCKET, "GLACIER")
    finally:
        await asyncio.to_thread(server.stop)
