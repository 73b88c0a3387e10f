"""Finished uploads of five megabytes: what one costs `serve`, as a form and by tus, and what so many a second need in cores.

The peer is a plain multipart put of as many bytes. What a worker spends on such a clip is measured in the same run.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from io import BytesIO
from pathlib import Path
from statistics import median

import aiohttp

from bench import people, uploads
from bench.cpu import spent_by, spent_here
from bench.figures import Result
from bench.memory import resident_bytes
from bench.system import ORIGIN, Serving, serving
from bench.transcode import Bench
from media.pool import Pool
from storage.objects import ObjectStore

ROUNDS = 5
FILE_BYTES = 5_000_000
EACH, AT_ONCE = 12, 4
"""Uploads of a kind in a round, and how many are under way together."""
WANTED = 50
"""Finished uploads a second."""
CLIP = "standard"
CLIP_SECONDS = uploads.FULL
"""Such a clip has nearly five megabytes then."""
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}

Sends = Callable[[aiohttp.ClientSession, str, bytes], Awaitable[None]]


async def one_shot(http: aiohttp.ClientSession, token: str, data: bytes) -> None:
    """Upload a file as a form."""
    form = aiohttp.FormData({"title": "A benchmark's clip"})
    form.add_field("file", BytesIO(data), filename="clip.mp4", content_type="video/mp4")
    headers = {"Authorization": f"Bearer {token}"}
    async with http.post(f"{ORIGIN}/api/v1/videos", headers=headers, data=form, raise_for_status=True) as response:
        assert response.status != 200, "no file is sent twice"


async def tus(http: aiohttp.ClientSession, token: str, data: bytes) -> None:
    """Upload a file by the request that creates its upload."""
    headers = {"Authorization": f"Bearer {token}", "Upload-Length": str(len(data)), **TUS}
    async with http.post(f"{ORIGIN}/api/v1/uploads", headers=headers, data=BytesIO(data), raise_for_status=True) as response:
        assert response.headers["Upload-Offset"] == str(len(data))


KINDS: dict[str, Sends] = {"one-shot": one_shot, "tus": tus}


async def measured(folder: Path) -> list[Result | str]:
    """A result for each kind, what happened to memory, and the cores that so many a second need."""
    costs: dict[str, list[float]] = {kind: [] for kind in KINDS}
    peer, held = [], []
    await asyncio.to_thread(folder.mkdir)
    async with serving(folder) as server, server.client() as http, store_of(server) as store:
        _, token = await people.sign_up(http, ORIGIN, "uploader")
        for number in range(ROUNDS + 1):
            spent = {kind: await _cost(server, http, token, send) for kind, send in KINDS.items()}
            plain = await _put_cost(server, store)
            held.append(resident_bytes(server.pid) / 1e6)
            if number:  # the first one warms up
                peer.append(plain)
                for kind, cost in spent.items():
                    costs[kind].append(cost)
    return [
        *(
            Result(
                *("ms of CPU", f"a finished upload of 5 MB, {kind}", "multipart put", cost, peer),
                (f"{1e3 / median(cost):.0f} a second and core",),
            )
            for kind, cost in costs.items()
        ),
        f"  memory of serve: {held[0]:.0f} MB after {2 * EACH} uploads, {held[-1]:.0f} MB after {2 * EACH * (ROUNDS + 1)}",
        _cores({kind: median(cost) for kind, cost in costs.items()}, await _transcoding(folder / "clip")),
    ]


def store_of(server: Serving) -> AbstractAsyncContextManager[ObjectStore]:
    """The object store of this process."""
    settings = server.settings
    keys = (settings.s3_access_key_id, settings.s3_secret_access_key)
    return ObjectStore.open(settings.s3_endpoint_url, settings.s3_region, *keys)


async def _cost(server: Serving, http: aiohttp.ClientSession, token: str, send: Sends) -> float:
    """Ms of processor time of `serve` an upload."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with turns:
            await send(http, token, os.urandom(FILE_BYTES))  # never the same: a duplicate is answered without its bytes

    with spent_by(server.pid) as spent:
        async with asyncio.TaskGroup() as group:
            for _ in range(EACH):
                group.create_task(one())
    return spent.seconds / EACH * 1e3


async def _put_cost(server: Serving, store: ObjectStore) -> float:
    data = os.urandom(FILE_BYTES)
    with spent_here() as spent:
        for number in range(EACH):
            await put(store, server.settings.s3_raw_bucket, f"bench/{number}", data)
    return spent.seconds / EACH * 1e3


async def put(store: ObjectStore, bucket: str, key: str, data: bytes, part_bytes: int = 8 << 20) -> None:
    """Put an object in parts, and nothing else."""
    upload_id = await store.create_multipart(bucket, key, content_type="application/octet-stream")
    parts = []
    for number, at in enumerate(range(0, len(data), part_bytes), start=1):
        parts.append(await store.upload_part(bucket, key, upload_id, number, data[at : at + part_bytes]))
    await store.complete_multipart(bucket, key, upload_id, parts)


async def _transcoding(folder: Path) -> float:
    """Seconds of processor time that a worker's children spend on a clip, for five megabytes of it."""
    (upload,) = await uploads.make([CLIP], CLIP_SECONDS, folder / "upload")
    async with Pool() as pool:
        job = await Bench(pool, upload, folder).ours(folder / "job")
    return job.ready.cpu * FILE_BYTES / upload.path.stat().st_size


def _cores(milliseconds: dict[str, float], transcoding: float) -> str:
    serving = ", ".join(f"{cost * WANTED / 1e3:.1f} {kind}" for kind, cost in milliseconds.items())
    return (
        f"  {WANTED} a second need, in cores: of serving {serving}; of transcoding {transcoding * WANTED:,.0f}"
        f" ({transcoding:.1f} s of CPU a clip of 5 MB, 720x1280, which is copied where it can be)"
    )
