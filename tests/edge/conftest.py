"""A real nginx with the edge's configuration, in front of an origin that the test controls."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession, DummyCookieJar, TCPConnector, web

from edge import config
from server.keys import MediaSigner, derive
from stack import nginx, ports
from stack.embedded import running
from stack.nginx import FrontDoor
from stack.runtime import remove_temporary, runtime_folder
from stack.servers import ROOT
from tests.edge.origin import Origin, listening

SECRETS = ("the key that signs, of enough letters", "the key that signed before this one")
PAGE = (ROOT / "web_client/index.html").read_bytes()
SCRIPT = b"console.log(1)"


@dataclass(frozen=True)
class Edge:
    """The front door, what stands behind it, and a browser before it."""

    port: int
    origin: Origin
    servers: list[web.AppRunner]
    access_log: Path
    error_log: Path
    cache: Path
    http: ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def get(self, path: str, **headers: str) -> tuple[ClientResponse, bytes]:
        """The answer and its body; `If_Range` becomes If-Range."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.get(self.url + path, headers=named, allow_redirects=False) as answer:
            return answer, await answer.read()


@contextlib.asynccontextmanager
async def running_edge(folder: Path, read_seconds: int = 30, requests_per_second: int = 0) -> AsyncIterator[Edge]:
    """An edge with an origin of its own, which may say nothing for so long. It believes X-Forwarded-For if it limits."""
    client = folder / "dist"
    (client / "assets").mkdir(parents=True)
    (client / "index.html").write_bytes(PAGE)
    (client / "assets" / "main-0a1b2c3d.js").write_bytes(SCRIPT)
    runtime = runtime_folder(folder)
    sockets = runtime / "serve-1.sock", runtime / "serve-2.sock"
    door = FrontDoor(
        state=folder / "state",
        runtime=runtime,
        log=folder / "nginx.log",
        access_log=folder / "access.log",
        port=ports.choose(["edge"])["edge"],
        client=client,
        upstreams=tuple(f"unix:{socket}" for socket in sockets),
        secret_keys=SECRETS,
        read_seconds=read_seconds,
        requests_per_second=requests_per_second,
    )
    part = nginx.part(door)
    if requests_per_second:
        config.write(replace(nginx.described(door), trusted_proxies=("127.0.0.1",)), door.state / "conf")
    origin = Origin()
    plain = ClientSession(connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar(), auto_decompress=False)
    async with plain as http, listening(origin, *sockets) as servers, running(part):
        yield Edge(door.port, origin, servers, door.access_log, door.log, door.state / "cache", http)
    remove_temporary(runtime, folder)


@pytest.fixture(scope="session")
async def shared_edge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with running_edge(tmp_path_factory.mktemp("edge")) as found:
        yield found


@pytest.fixture
def edge(shared_edge: Edge) -> Iterator[Edge]:
    """The edge before an origin that has nothing, and answers at once; the other tests' edge as well."""
    shared_edge.origin.forget()
    yield shared_edge
    shared_edge.origin.open.set()


@pytest.fixture
async def own_edge(tmp_path: Path) -> AsyncIterator[Edge]:
    """One whose origin may die: nginx remembers that for a while."""
    async with running_edge(tmp_path) as found:
        yield found


@pytest.fixture
async def limited_edge(tmp_path: Path) -> AsyncIterator[Edge]:
    """One that lets an address send one request a second, and that believes X-Forwarded-For."""
    async with running_edge(tmp_path, requests_per_second=1) as found:
        yield found


@pytest.fixture
async def impatient_edge(tmp_path: Path) -> AsyncIterator[Edge]:
    """One whose origin may say nothing for a second only."""
    async with running_edge(tmp_path, read_seconds=1) as found:
        yield found


@pytest.fixture(scope="session")
def signer() -> MediaSigner:
    """Signs as `serve` does."""
    return MediaSigner(tuple(map(derive, SECRETS)), seconds=60)
