"""Valkey from the package's binary: its command line and its probe."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from stack.credentials import Credentials, write_private
from stack.process import PROBE_SECONDS, Spec
from stack.programs import valkey_server


@dataclass(frozen=True, slots=True)
class Valkey:
    """Where it keeps its data and how to reach it."""

    data: Path
    runtime: Path
    log: Path
    credentials: Credentials
    durable: bool = True

    @property
    def socket(self) -> Path:
        return self.runtime / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://:{self.credentials.valkey}@{quote(str(self.socket))}"


def part(server: Valkey) -> Spec:
    """How to run it. Its append-only file has every acknowledged write after a kill, all but a second's after a loss of power."""
    server.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = server.data / "valkey.conf"
    write_private(settings, _configuration(server))  # not the command line, which every user may read
    return Spec(
        name="valkey-server",
        argv=(str(valkey_server()), str(settings)),
        environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        folder=server.data,
        log=server.log,
        ready=lambda: answers(server.url),
        alive=lambda: answers(server.url),
        start_seconds=60.0,
        stop_seconds=4.0,
    )


async def answers(url: str) -> bool:
    """Whether it answers a PING; not while it still loads its data."""
    # Who asks decides whether to ask again; a refused port is an answer, and by default the client would wait seconds for it.
    client = Redis.from_url(url, socket_timeout=PROBE_SECONDS, socket_connect_timeout=PROBE_SECONDS, retry=Retry(NoBackoff(), 0))
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return bool(await client.ping())
    except (RedisError, OSError, TimeoutError):
        return False
    finally:
        await client.aclose()


def _configuration(server: Valkey) -> str:
    lines = {
        "port": "0",  # the socket only
        "unixsocket": f'"{server.socket}"',
        "unixsocketperm": "700",
        "requirepass": server.credentials.valkey,
        "dir": f'"{server.data}"',
        "appendonly": "yes" if server.durable else "no",
        "appendfsync": "everysec",
        "save": '""',  # the append-only file is the only copy
        "maxmemory-policy": "noeviction",
        # Replies of 16 KB and more would escape client-output-buffer-limit (Valkey 9.1 hands over their memory uncounted).
        "min-string-size-avoid-copy-reply": "0",
        "client-output-buffer-limit": "pubsub 32mb 8mb 60",
        "daemonize": "no",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())
