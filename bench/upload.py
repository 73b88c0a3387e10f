"""A streamed upload through serve, beside a plain multipart put of as many bytes with the same S3 library."""

import asyncio
import os
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import aiohttp

from bench import people
from bench.cpu import spent_by, spent_here
from bench.figures import Result
from bench.system import ORIGIN, Serving, serving
from storage.objects import ObjectStore

ROUNDS = 5
MEGABYTES = 32
PART_BYTES = 8 << 20
TUS = {"Tus-Resumable": "1.0.0"}


def run(folder: Path) -> Result:
    """The benchmark."""
    return asyncio.run(_run(folder))


async def _run(folder: Path) -> Result:
    ours, peer = [], []
    async with serving(folder) as server, server.client() as http, _store(server) as store:
        _, token = await people.sign_up(http, ORIGIN, "uploader")
        for number in range(ROUNDS + 1):
            data = os.urandom(MEGABYTES << 20)  # never the same: a duplicate is answered without its bytes
            with spent_by(server.pid) as serve:
                await _upload(http, token, data)
            with spent_here() as here:
                await _put(store, server.settings.s3_raw_bucket, f"bench/{number}", data)
            if number:  # the first one warms up
                ours.append(serve.seconds / MEGABYTES * 1e3)
                peer.append(here.seconds / MEGABYTES * 1e3)
    notes = (f"{MEGABYTES} MiB by one tus PATCH; ours reads the body from a socket and hashes it as well (SHA-256)",)
    return Result("ms of CPU a MiB", "upload through serve", "multipart put", ours, peer, notes)


def _store(server: Serving) -> AbstractAsyncContextManager[ObjectStore]:
    settings = server.settings
    keys = (settings.s3_access_key_id, settings.s3_secret_access_key)
    return ObjectStore.open(settings.s3_endpoint_url, settings.s3_region, *keys)


async def _upload(http: aiohttp.ClientSession, token: str, data: bytes) -> None:
    headers = {"Authorization": f"Bearer {token}", **TUS}
    made = {**headers, "Upload-Length": str(len(data))}
    async with http.post(f"{ORIGIN}/api/v1/uploads", headers=made, raise_for_status=True) as response:
        place = response.headers["Location"]
    sent = {**headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    async with http.patch(f"{ORIGIN}{place}", headers=sent, data=data, raise_for_status=True) as response:
        assert "Video-Id" in response.headers


async def _put(store: ObjectStore, bucket: str, key: str, data: bytes) -> None:
    upload_id = await store.create_multipart(bucket, key, content_type="application/octet-stream")
    parts = []
    for number, at in enumerate(range(0, len(data), PART_BYTES), start=1):
        parts.append(await store.upload_part(bucket, key, upload_id, number, data[at : at + PART_BYTES]))
    await store.complete_multipart(bucket, key, upload_id, parts)
