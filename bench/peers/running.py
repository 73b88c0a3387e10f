"""Starts one of the servers and says how to connect to it and how to tell it something."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from stack import ports
from stack.servers import ROOT

START_SECONDS, STOP_SECONDS = 30.0, 10.0
INSTALL_SECONDS = 300.0
CACHE = ROOT / ".cache" / "bench"
NCHAN_FOLDER = Path("/var/lib/nginx")
"""The module wants its build's folder for bodies to be there, whatever the configuration says; nothing is written to it."""
NCHAN_PACKAGES = ("nginx", "nginx-common", "libnginx-mod-nchan")
SERVER_CORE, OTHER_CORE = 0, 1
"""The server has a core for itself, where there is more than one."""


class MissingError(Exception):
    """A peer is not to be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs.

    Attributes:
        pid: the process whose processor time counts.
        path, header: of the upgrade; `{}` is what is another one for each socket.
        hello: what a client sends first, and `until`: what it waits for.
        each: a word for each socket, as many as there are to be.
        tell: one message for everybody; it has this number, and this size where the server lets it be chosen.
    """

    pid: int
    port: int
    tell: Callable[[int, int], Awaitable[None]]
    path: str = "/"
    header: str = ""
    hello: str = ""
    until: str = ""
    each: Sequence[str] = ()


def message(number: int, size: int) -> bytes:
    """A message of a size, with its number where the swarm looks for it."""
    head = json.dumps({"type": "event", "n": f"@@{number}@@", "text": ""})
    return (head[:-2] + "x" * max(0, size - len(head)) + '"}').encode()


@asynccontextmanager
async def python(module: str, folder: Path) -> AsyncIterator[Running]:
    """A peer of this package."""
    argv = (sys.executable, "-m", f"bench.peers.{module}")
    async with _told_by_line(argv, ROOT, folder) as running:
        yield running


@asynccontextmanager
async def node(script: str, folder: Path) -> AsyncIterator[Running]:
    """A peer on Node.

    Raises:
        MissingError: there is no Node here, or its packages cannot be fetched.
    """
    found = shutil.which("node")
    if found is None:
        raise MissingError("there is no node on the PATH")
    here = await _node_packages()
    async with _told_by_line((found, str(here / f"{script}.mjs")), here, folder) as running:
        yield running


@asynccontextmanager
async def socketio(folder: Path) -> AsyncIterator[Running]:
    """socket.io, which has a handshake of its own (Engine.IO 4)."""
    async with node("socketio", folder) as running:
        yield Running(
            running.pid, running.port, running.tell, "/socket.io/?EIO=4&transport=websocket", hello="40", until='40{"sid"'
        )


@asynccontextmanager
async def nchan(folder: Path) -> AsyncIterator[Running]:
    """The nchan module in nginx, one worker, in memory.

    Raises:
        MissingError: Debian's packages are not to be had.
    """
    root = await _nchan_packages()
    (port,) = ports.choose(["peer"]).values()
    modules = sorted((root / "usr/lib/nginx/modules").glob("*nchan*.so"))
    (folder / "nginx.conf").write_text(_nchan_configuration(modules[0], port, folder))
    argv = (str(root / "usr/sbin/nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"))
    async with _process(argv, folder) as process, aiohttp.ClientSession() as http:
        async with asyncio.timeout(START_SECONDS):
            while not (worker := _child(process.pid)) or not await _answers(http, port):  # noqa: ASYNC110 - it says nothing
                await asyncio.sleep(0.05)

        async def tell(number: int, size: int) -> None:
            async with http.post(f"http://127.0.0.1:{port}/pub", data=message(number, size)) as answer:
                answer.raise_for_status()

        pin(worker)
        yield Running(worker, port, tell, "/sub")


def _nchan_configuration(module: Path, port: int, folder: Path) -> str:
    return f"""
load_module {module};
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 40000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    nchan_max_reserved_memory 512m;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /pub {{ nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 2000; }}
        location = /sub {{ nchan_subscriber websocket; nchan_channel_id bench; nchan_subscriber_first_message newest; }}
    }}
}}
"""


async def _answers(http: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with http.get(f"http://127.0.0.1:{port}/pub"):
            return True
    except aiohttp.ClientError:
        return False


def _child(pid: int) -> int:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        raise MissingError("nginx does not start") from None
    return int(found[0]) if found else 0


@asynccontextmanager
async def _told_by_line(argv: Sequence[str], working: Path, folder: Path) -> AsyncIterator[Running]:
    (port,) = ports.choose(["peer"]).values()
    control = folder / "control"
    async with _process((*argv, str(port), str(control)), working) as process:
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            if await process.stdout.readline() != b"ready\n":
                raise MissingError(f"{argv[-1]} does not start")
            _, orders = await asyncio.open_unix_connection(str(control))

        async def tell(number: int, size: int) -> None:
            orders.write(message(number, size) + b"\n")
            await orders.drain()

        pin(process.pid)
        try:
            yield Running(process.pid, port, tell)
        finally:
            orders.transport.abort()


@asynccontextmanager
async def _process(argv: Sequence[str], working: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*argv, cwd=working, stdout=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
        await process.wait()


def pin(pid: int) -> None:
    """Give the server its core."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {SERVER_CORE})


async def _node_packages() -> Path:
    """The scripts beside their packages, fetched once."""
    here, source = CACHE / "node", ROOT / "bench" / "peers" / "node"
    await asyncio.to_thread(shutil.copytree, source, here, dirs_exist_ok=True)
    if not (here / "node_modules" / "ws").exists():
        await _fetched(("npm", "ci", "--no-audit", "--no-fund"), here)
    return here


async def _nchan_packages() -> Path:
    """Debian's packages, unpacked and not installed: nothing of them starts by itself."""
    here = CACHE / "nchan"
    if not list(here.glob("usr/lib/nginx/modules/*nchan*.so")):
        if shutil.which("apt-get") is None:
            raise MissingError("nchan comes from Debian's packages, and this is no Debian")
        here.mkdir(parents=True, exist_ok=True)
        await _fetched(("apt-get", "download", *NCHAN_PACKAGES), here)
        for package in here.glob("*.deb"):
            await _fetched(("dpkg", "-x", str(package), "."), here)
    try:
        NCHAN_FOLDER.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once, before anything runs
    except OSError as error:
        raise MissingError(f"nchan needs a folder {NCHAN_FOLDER}: {error}") from None
    return here


async def _fetched(argv: Sequence[str], folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *argv, cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(INSTALL_SECONDS):
        _, said = await process.communicate()
    if process.returncode != 0:
        raise MissingError(f"{' '.join(argv[:3])}: {said.decode(errors='replace').strip()[-300:]}")
