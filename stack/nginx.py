"""nginx with the edge's configuration: writes it, tells how to run it, asks whether it answers."""

import asyncio
import os
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from edge import config
from edge.config import READ_SECONDS, Edge
from server.keys import derive
from stack.process import PROBE_SECONDS, Spec
from stack.programs import nginx

MOST_FILES = 65_536


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """The edge of one host."""

    state: Path  # configuration, cache, temporary files
    runtime: Path
    log: Path
    access_log: Path
    port: int
    client: Path  # the built web client
    upstreams: tuple[str, ...]  # the serve processes, as nginx names them: unix:/path
    secret_keys: Sequence[str]
    requests_per_second: int = 0
    read_seconds: int = READ_SECONDS

    @property
    def probe(self) -> Path:
        return self.runtime / "edge.sock"


def part(door: FrontDoor) -> Spec:
    """How to run it. Its graceful end (SIGQUIT) waits for sockets, so that the composition sends that one by itself."""
    program = nginx()
    door.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = config.write(described(door), door.state / "conf")
    return Spec(
        name="nginx",
        argv=(str(program.path), "-p", str(door.state), "-c", str(path), "-e", "stderr"),
        environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        folder=door.state,
        log=door.log,
        ready=lambda: answers(door.probe),
        alive=lambda: answers(door.probe),
        prepare=lambda: _prepare(door),
        stop_seconds=2.0,
        death_signal=signal.SIGTERM,  # the master takes its workers with it
    )


async def answers(socket: Path, path: str = "/") -> bool:
    """Whether an HTTP server on this unix socket gives an answer below 300."""
    limit = aiohttp.ClientTimeout(total=PROBE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket)), timeout=limit) as http,
            http.get(f"http://probe{path}") as answer,
        ):
            return answer.status < 300
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False


async def _prepare(door: FrontDoor) -> None:
    await asyncio.to_thread(door.probe.unlink, missing_ok=True)  # after a kill -9 nginx stumbles over its own socket


def described(door: FrontDoor) -> Edge:
    """What the edge of this host has to know."""
    files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], MOST_FILES)
    keys = tuple(map(derive, door.secret_keys))
    return Edge(
        listen=(f"127.0.0.1:{door.port}",),
        probe=f"unix:{door.probe}",
        upstreams=door.upstreams,
        client=door.client,
        state=door.state,
        pid=str(door.runtime / "nginx.pid"),
        access_log=str(door.access_log),
        media_secrets={key.id: key.media for key in keys},
        key=keys[0].edge,
        requests_per_second=door.requests_per_second,
        user="root root" if os.geteuid() == 0 else "",  # it reads the web client, which may lie where only root can go
        read_seconds=door.read_seconds,
        open_files=files if files > 0 else MOST_FILES,
    )
