"""The edge: what a hit costs beside nginx that serves the same file from disk, and five hundred first requests at once.

Processor time is that of nginx' workers. The crowd asks for a segment that nobody has asked for, of an object store that takes
its time; it is told beside one reader alone, who asks for another such segment in the same round.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import UUID

import uvloop

from bench import people
from bench.cpu import of_process
from bench.crowd import Answer, at_once, in_turn, readers
from bench.figures import Result
from bench.slow_store import SlowStore
from bench.system import ORIGIN, SECRET, Serving, serving
from server.keys import MediaSigner, derive
from server.kit.cores import cores
from stack import nginx, ports
from stack.embedded import running
from stack.nginx import FrontDoor
from stack.process import Spec
from stack.programs import nginx as program
from stack.runtime import runtime_folder
from storage.objects import ObjectStore
from storage.postgres import close_pool, open_pool

ROUNDS = 5
SEGMENT_BYTES = 300_000
LINES, EACH = 16, 250
"""Readers whose hits are measured, and how often each asks in a round."""
CROWD = 500
STORE_SECONDS = 0.2
SIGNED_SECONDS = 3600
START_SECONDS = 10.0
_PLAIN = """
worker_processes auto;
daemon off;
pid "{folder}/nginx.pid";
error_log stderr emerg;
events {{ }}
http {{
    access_log "{folder}/access.log" combined buffer=32k flush=1s;
    sendfile on;
    default_type video/mp4;
    keepalive_requests 100000;
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    server {{
        listen "unix:{folder}/probe.sock";
        return 204;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root "{folder}/files";
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Fronts:
    """Both nginx, by port and workers, and a public video with its segments."""

    edge: int
    plain: int
    workers: dict[int, list[int]]  # of each port
    video_id: UUID
    store: SlowStore

    def spent(self, port: int) -> float:
        """Processor seconds of this nginx so far."""
        return sum(map(of_process, self.workers[port]))

    def open(self, name: str) -> str:
        return f"/media/{self.video_id}/o/1/{name}"

    def signed(self, name: str) -> str:
        query, _ = MediaSigner((derive(SECRET),), SIGNED_SECONDS).query(self.video_id)
        return f"/media/{self.video_id}/s/1/{name}?{query}"


def run(folder: Path) -> Iterator[Result]:
    """The benchmark."""
    yield from uvloop.run(_run(folder))


async def _run(folder: Path) -> Sequence[Result]:
    store = SlowStore(STORE_SECONDS)
    async with serving(folder, before_store=store.before) as server, _fronts(folder, server, store) as fronts:
        return [*await _hits(fronts), await _crowds(fronts)]


async def _hits(fronts: Fronts) -> list[Result]:
    cases = {"public": fronts.open("hit.mp4"), "signed": fronts.signed("hit.mp4")}
    ours: dict[str, list[float]] = {kind: [] for kind in cases}
    peer = []
    for number in range(ROUNDS + 1):
        spent = {kind: await _cost(fronts, fronts.edge, path) for kind, path in cases.items()}
        plain = await _cost(fronts, fronts.plain, "/hit.mp4")
        if number:  # the first one fills the cache
            peer.append(plain)
            for kind, cost in spent.items():
                ours[kind].append(cost)
    return [
        Result(
            "µs of CPU", f"a hit of the edge, {kind}", "nginx, the file from disk", ours[kind], peer, about=_ABOUT.format(kind)
        )
        for kind in cases
    ]


_ABOUT = "{} media"


async def _cost(fronts: Fronts, port: int, path: str) -> float:
    """µs of processor time a request."""
    async with readers(port, LINES) as found:
        await in_turn(found, path, 1)
        before = fronts.spent(port)
        await in_turn(found, path, EACH)
        return (fronts.spent(port) - before) / (LINES * EACH) * 1e6


async def _crowds(fronts: Fronts) -> Result:
    late, alone, reads, answered = [], [], [], []
    for number in range(ROUNDS):
        async with readers(fronts.edge, CROWD) as found:
            began, [first] = await at_once(found[:1], fronts.open(f"alone-{number}.mp4"))
            alone.append((first.at - began) * 1e3)
            began, answers = await at_once(found, fronts.open(f"crowd-{number}.mp4"))
        late.append((_percentile(answers, 0.99) - began) * 1e3)
        answered.append((_first(answers) - began) * 1e3)
        reads.append(sum(count for path, count in fronts.store.reads.items() if f"/crowd-{number}.mp4" in path))
    beyond = ", ".join(f"{ours - peer:.0f}" for ours, peer in zip(late, alone, strict=True))
    notes = (
        f"of the crowd, the first one itself {median(answered):.0f} ms; p99 beyond one reader alone: {beyond} ms",
        f"reads of the object store for each crowd: {', '.join(map(str, reads))}",
    )
    about = f"{CROWD} first requests at once, of a store that takes {STORE_SECONDS * 1e3:.0f} ms"
    return Result("ms", "p99", "one reader alone", late, alone, notes, about)


def _percentile(answers: Sequence[Answer], part: float) -> float:
    return answers[min(int(len(answers) * part), len(answers) - 1)].at


def _first(answers: Sequence[Answer]) -> float:
    """When the one was complete that the others waited for."""
    return next((answer.at for answer in answers if answer.cache == "MISS"), answers[0].at)


@asynccontextmanager
async def _fronts(folder: Path, server: Serving, store: SlowStore) -> AsyncIterator[Fronts]:
    chosen, plain = ports.choose(["edge", "plain"]), folder / "plain"
    data = os.urandom(SEGMENT_BYTES)
    (plain / "files").mkdir(parents=True)
    (plain / "files" / "hit.mp4").write_bytes(data)
    (folder / "dist").mkdir()
    video_id = await _video(server, data)
    edge = nginx.part(_door(folder, server, chosen["edge"]))
    async with running(edge, _plain(plain, chosen["plain"])):
        pids = {chosen["edge"]: server.socket.parent / "nginx.pid", chosen["plain"]: plain / "nginx.pid"}
        workers = {port: await _workers(int(pid.read_text())) for port, pid in pids.items()}
        yield Fronts(chosen["edge"], chosen["plain"], workers, video_id, store)


async def _video(server: Serving, data: bytes) -> UUID:
    """A public video, and below it segments that the benchmark asks for."""
    settings = server.settings
    names = ["hit", *(f"{kind}-{number}" for number in range(ROUNDS) for kind in ("alone", "crowd"))]
    keys = (settings.s3_access_key_id, settings.s3_secret_access_key)
    async with server.client() as http, ObjectStore.open(settings.s3_endpoint_url, settings.s3_region, *keys) as store:
        author_id, _ = await people.sign_up(http, ORIGIN, "author")
        pool = await open_pool(settings.database_url, 1, "bench")
        try:
            video_id = await people.unpublished(pool, author_id)
            await people.publish(pool, author_id, video_id)
        finally:
            await close_pool(pool)
        for name in names:
            await store.put(settings.s3_bucket, f"videos/{video_id}/1/{name}.mp4", data, content_type="video/mp4")
    return video_id


def _door(folder: Path, server: Serving, port: int) -> FrontDoor:
    return FrontDoor(
        state=folder / "edge",
        runtime=server.socket.parent,
        log=folder / "nginx.log",
        access_log=folder / "access.log",
        port=port,
        client=folder / "dist",
        upstreams=(f"unix:{server.socket}",),
        secret_keys=(SECRET,),
    )


def _plain(folder: Path, port: int) -> Spec:
    """Nginx as its manual begins, without a log."""
    runtime = runtime_folder(folder)
    probe = runtime / "plain.sock"
    text = _PLAIN.format(folder=folder, port=port).replace(f"{folder}/probe.sock", str(probe))
    if os.geteuid() == 0:
        text = f"user root root;\n{text}"  # the folder is temporary, and root's alone
    (folder / "nginx.conf").write_text(text)
    return Spec(
        name="plain",
        argv=(str(program().path), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"),
        environment={"PATH": os.defpath},
        folder=folder,
        log=folder / "nginx.log",
        ready=lambda: nginx.answers(probe),
        alive=lambda: nginx.answers(probe),
        stop_seconds=2.0,
        death_signal=signal.SIGTERM,
    )


async def _workers(master: int) -> list[int]:
    """One for each core; they come one after the other, and answer before all are there."""
    async with asyncio.timeout(START_SECONDS):
        while len(found := _named_workers(master)) < cores():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
    return found


def _named_workers(master: int) -> list[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [int(pid) for pid in children if b"worker process" in Path(f"/proc/{pid}/cmdline").read_bytes()]
