"""SeaweedFS from the package's binary (`weed mini`: master, volumes, filer and S3 gateway in one process).

An object is acknowledged after its bytes (fsync by a rule of the filer) and its entry (an SQLite database) are on disk.
"""

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import jwt

from stack.credentials import Credentials
from stack.ports import GRPC
from stack.process import PROBE_SECONDS, Spec
from stack.programs import weed

PORTS = ("s3", "s3_master", "s3_volume", "s3_filer", "s3_admin")  # names in the file of remembered ports
REGION = "us-east-1"
_SOCKETS = {"s3": "s3", "s3_master": "master", "s3_volume": "volume", "s3_filer": "filer", "s3_admin": "admin"}


@dataclass(frozen=True, slots=True)
class S3:
    """Where it keeps its data and how to reach it."""

    data: Path
    runtime: Path
    log: Path
    credentials: Credentials
    ports: dict[str, int]  # of the names in PORTS
    buckets: tuple[str, ...]
    durable: bool = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def filer(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3_filer']}"


def part(server: S3) -> Spec:
    """How to run it. It leaves slowly or not at all when asked, so it is not asked for long; kill -9 costs it nothing."""
    server.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Spec(
        name="weed",
        argv=(str(weed()), "-logtostderr=true", "mini", *_options(server)),
        environment=_environment(server),
        folder=server.data,
        log=server.log,
        ready=lambda: writable(server),
        alive=lambda: answers(server),
        clean=lambda: _remove_sockets(server.ports),
        start_seconds=60.0,
        stop_seconds=4.0,
    )


async def answers(server: S3) -> bool:
    """Whether the gateway answers."""
    return await _asked("GET", f"{server.url}/healthz", wanted=(200,))


async def writable(server: S3) -> bool:
    """Whether it stores and keeps, tried by writing the filer's rules (a small object like any other); the buckets exist then."""
    rules = json.dumps({"locations": [{"locationPrefix": "/buckets/", "fsync": server.durable}]})
    claims = {"exp": int(time.time()) + 60}
    headers = {"Authorization": f"Bearer {jwt.encode(claims, server.credentials.s3_internal, algorithm='HS256')}"}
    stored = await _asked("PUT", f"{server.filer}/etc/seaweedfs/filer.conf", headers, rules, wanted=(200, 201))
    made = [await _asked("GET", f"{server.filer}/buckets/{name}/?limit=1", headers, wanted=(200,)) for name in server.buckets]
    return stored and all(made) and await answers(server)


async def _asked(
    method: str, url: str, headers: dict[str, str] | None = None, body: str | None = None, *, wanted: Iterable[int]
) -> bool:
    limit = aiohttp.ClientTimeout(total=PROBE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.request(method, url, headers=headers, data=body) as answer,
        ):
            return answer.status in wanted
    except (TimeoutError, aiohttp.ClientError, OSError):
        return False


def _options(server: S3) -> list[str]:
    ports = server.ports
    return [
        f"-dir={server.data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.port={ports['s3']}",
        f"-master.port={ports['s3_master']}",
        f"-volume.port={ports['s3_volume']}",
        f"-filer.port={ports['s3_filer']}",
        f"-admin.port={ports['s3_admin']}",
        f"-filer.localSocket={server.runtime / 'filer.sock'}",
        f"-s3.localFilerSocket={server.runtime / 'filer.sock'}",
        f"-s3.localSocket={server.runtime / 's3.sock'}",
        f"-bucket={','.join(server.buckets)}",
        "-s3.autoCreateBucket=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",  # on by default, it reports to its makers
    ]


def _environment(server: S3) -> dict[str, str]:
    key = server.credentials.s3_internal
    store = {"WEED_SQLITE_ENABLED": "true", "WEED_SQLITE_DBFILE": str(server.data / "filer.db"), "WEED_LEVELDB2_ENABLED": "false"}
    return {
        "PATH": os.defpath,
        "HOME": str(server.data),  # it reads settings and AWS credentials there
        "AWS_ACCESS_KEY_ID": server.credentials.s3_access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.credentials.s3_secret_access_key,
        # 900 MB without it after a few large uploads; with half of it three times the CPU, which collects garbage.
        "GOMEMLIMIT": "512MiB",
        # Its inner HTTP doors are open to every user of the machine without these.
        "WEED_JWT_SIGNING_KEY": key,
        "WEED_JWT_SIGNING_READ_KEY": key,
        "WEED_JWT_FILER_SIGNING_KEY": key,
        "WEED_JWT_FILER_SIGNING_READ_KEY": key,
        **(store if server.durable else {}),
    }


def _remove_sockets(ports: dict[str, int]) -> None:
    """It leaves its gRPC sockets behind, in a place that no option changes."""
    for name, word in _SOCKETS.items():
        with suppress(OSError):
            Path(f"/tmp/seaweedfs-{word}-grpc-{ports[name] + GRPC}.sock").unlink()  # noqa: S108
