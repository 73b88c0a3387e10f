"""A streamed upload through serve, beside a plain multipart put of as many bytes with the same S3 library; then finished ones."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from bench import finished, people
from bench.cpu import spent_by, spent_here
from bench.figures import Result
from bench.finished import put, store_of
from bench.system import ORIGIN, serving

ROUNDS = 5
MEGABYTES = 32
TUS = {"Tus-Resumable": "1.0.0"}


def run(folder: Path) -> Iterator[Result | str]:
    """The benchmark."""
    yield asyncio.run(_run(folder / "large"))
    yield from asyncio.run(finished.measured(folder / "finished"))


async def _run(folder: Path) -> Result:
    ours, peer = [], []
    await asyncio.to_thread(folder.mkdir)
    async with serving(folder) as server, server.client() as http, store_of(server) as store:
        _, token = await people.sign_up(http, ORIGIN, "uploader")
        for number in range(ROUNDS + 1):
            data = os.urandom(MEGABYTES << 20)  # never the same: a duplicate is answered without its bytes
            with spent_by(server.pid) as serve:
                await _upload(http, token, data)
            with spent_here() as here:
                await put(store, server.settings.s3_raw_bucket, f"bench/{number}", data)
            if number:  # the first one warms up
                ours.append(serve.seconds / MEGABYTES * 1e3)
                peer.append(here.seconds / MEGABYTES * 1e3)
    notes = (f"{MEGABYTES} MiB by one tus PATCH; ours reads the body from a socket and hashes it as well (SHA-256)",)
    return Result("ms of CPU a MiB", "upload through serve", "multipart put", ours, peer, notes)


async def _upload(http: aiohttp.ClientSession, token: str, data: bytes) -> None:
    headers = {"Authorization": f"Bearer {token}", **TUS}
    made = {**headers, "Upload-Length": str(len(data))}
    async with http.post(f"{ORIGIN}/api/v1/uploads", headers=made, raise_for_status=True) as response:
        place = response.headers["Location"]
    sent = {**headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    async with http.patch(f"{ORIGIN}{place}", headers=sent, data=data, raise_for_status=True) as response:
        assert "Video-Id" in response.headers
