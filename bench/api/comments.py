"""Comments, each acknowledged after its commit: by HTTP and by the socket, beside one INSERT for each."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import aiohttp
import asyncpg

from bench import people
from bench.api.load import get
from bench.api.serving import Served, served
from bench.cpu import Spent, of_process
from bench.figures import Result
from bench.system import ORIGIN
from server.kit.ids import new_id
from storage.postgres import close_pool, open_pool

ROUNDS, COMMENTS = 5, 6_000
PEOPLE, VIDEOS = 64, 100
POOL = 10
TEXT = "How did you do the turn at the end? I have tried it."
INSERT = "INSERT INTO comment (video_id, id, author_id, text) VALUES ($1, $2, $3, $4)"
CONSTANT = "/api/v1/constant/300"
KEY = "cmVlbHdpcmUgYmVuY2htYQ=="


class Way(NamedTuple):
    """How comments come in: by so many connections, each with so many that are not answered yet.

    Attributes:
        more: a field of the requests; one that the fast lane does not know keeps them out of it.
    """

    name: str
    upgrade: bool
    conns: int
    outstanding: int
    more: str = ""


WAYS = (
    Way("HTTP, 256 at a time", upgrade=False, conns=256, outstanding=1),
    Way("HTTP by the ordinary handler, 256 at a time", upgrade=False, conns=256, outstanding=1, more="X-Ordinary: yes\r\n"),
    Way("the socket, 8 sessions with 64 outstanding", upgrade=True, conns=8, outstanding=64),
    Way("the socket, 64 sessions with 16 outstanding", upgrade=True, conns=64, outstanding=16),
)


FLOOR = Way("a constant body by HTTP", upgrade=False, conns=256, outstanding=1)


class Figures(NamedTuple):
    """Of one round: µs of CPU a comment, comments a second, and how long the slowest in a hundred waited (ms)."""

    cpu: float
    rate: float
    p99: float
    parts: Mapping[str, float] = {}


class Case(NamedTuple):
    """What there is to comment on, and who does."""

    tokens: Sequence[str]
    accounts: Sequence[UUID]
    videos: Sequence[UUID]


async def measured(folder: Path, given: Mapping[str, str]) -> AsyncIterator[Result | str]:
    """The benchmark."""
    found: dict[str, list[Figures]] = {way.name: [] for way in WAYS}
    peer: list[float] = []
    async with served(folder, given) as server:
        case = await prepare(server)
        for number in range(ROUNDS + 1):
            beside = await _one_by_one(server, case)
            for way in WAYS:
                figures = await said(server, case, way)
                if number:
                    found[way.name].append(figures)
            if number:
                peer.append(beside)
        floor = await said(server, case, FLOOR)
    for name, rounds in found.items():
        yield _result(name, rounds, peer, floor)


def _result(name: str, rounds: Sequence[Figures], peer: Sequence[float], floor: Figures) -> Result:
    cpu = sorted(one.cpu for one in rounds)[len(rounds) // 2]
    rates, slowest = [one.rate for one in rounds], [one.p99 for one in rounds]
    parts = ", ".join(f"{part} {sum(one.parts[part] for one in rounds) / len(rounds):.1f}" for part in rounds[0].parts)
    notes = (
        f"{1e6 / cpu:,.0f} comments a second and core; {min(rates):,.0f} to {max(rates):,.0f} a second, client and all",
        f"{cpu / floor.cpu:.2f} x a constant body by an ordinary handler of the same process ({floor.cpu:.0f} µs)",
        f"p99 {min(slowest):.0f} to {max(slowest):.0f} ms at the highest rate; of the µs: {parts}",
    )
    return Result("µs of CPU a comment", name, "one INSERT each, without HTTP", [one.cpu for one in rounds], peer, notes, name)


async def prepare(server: Served) -> Case:
    """People with their tokens, and public videos of some of them."""
    pool = await open_pool(server.settings.database_url, 4, "bench")
    connector = aiohttp.UnixConnector(str(server.socket))
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        signed_up = [await people.sign_up(http, ORIGIN, "person") for _ in range(PEOPLE)]
    videos = []
    for nth in range(VIDEOS):
        author_id = signed_up[nth % PEOPLE][0]
        videos.append(await people.unpublished(pool, author_id))
        await people.publish(pool, author_id, videos[-1])
    await close_pool(pool)
    return Case([token for _, token in signed_up], [account_id for account_id, _ in signed_up], videos)


async def said(server: Served, case: Case, way: Way) -> Figures:
    """One round."""
    order = {"socket": str(server.socket), "upgrade": way.upgrade, "outstanding": way.outstanding, "count": COMMENTS}
    conns = [_conn(case, nth, way) for nth in range(way.conns)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.api.talkers", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20
    )
    with spent_by_all(server.pid, process.pid) as spent:
        answer, _ = await process.communicate(json.dumps(order | {"conns": conns}).encode() + b"\n")
    told = json.loads(answer)
    parts = {name: one.seconds / COMMENTS * 1e6 for name, one in spent.items()}
    return Figures(sum(parts.values()), COMMENTS / told["seconds"], told["waits"][int(len(told["waits"]) * 0.99)] * 1e3, parts)


def _conn(case: Case, nth: int, way: Way) -> dict[str, Any]:
    token, texts = case.tokens[nth % PEOPLE], []
    each = COMMENTS // way.conns + way.outstanding
    for message in range(each if way.upgrade else VIDEOS):
        video_id = case.videos[(nth * 7 + message) % VIDEOS]
        if way.upgrade:
            command = {"type": "comment", "id": message, "video_id": str(video_id), "text": TEXT, "key": str(new_id())}
            texts.append(json.dumps(command))
        elif way is FLOOR:
            texts.append(get(CONSTANT, token).decode())
        else:
            texts.append(_request(token, video_id, way.more))
    return {"open": _upgrade(token), "messages": texts}


def _request(token: str, video_id: UUID, more: str) -> str:
    body = json.dumps({"text": TEXT})
    return (
        f"POST /api/v1/videos/{video_id}/comments HTTP/1.1\r\nHost: bench.test\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n{body}"
    )


def _upgrade(token: str) -> str:
    return (
        f"GET /api/v1/live HTTP/1.1\r\nHost: bench.test\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    )


@contextmanager
def spent_by_all(serve: int, client: int) -> Iterator[dict[str, Spent]]:
    """What serve and the stores spend during the block, all their processes; not this one and not the client."""
    spent = {"serve": Spent(), "stores": Spent()}
    before = _of_all(serve, client)
    yield spent
    for name, seconds in _of_all(serve, client).items():
        spent[name].seconds = seconds - before[name]


def _of_all(serve: int, client: int) -> dict[str, float]:
    stores = sum(_processor_seconds(pid) for pid in _below(os.getpid()) if pid not in (serve, client))
    return {"serve": _processor_seconds(serve), "stores": stores}


def _processor_seconds(pid: int) -> float:
    try:
        return of_process(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended


def _below(pid: int) -> list[int]:
    """All processes that a process has started, and those that they have."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


async def _one_by_one(server: Served, case: Case) -> float:
    """µs of CPU a comment where each is a statement and a commit of its own: of PostgreSQL and of this process, which says it."""
    async with asyncpg.create_pool(server.settings.database_url, min_size=POOL, max_size=POOL) as pool:

        async def some(nth: int) -> None:
            for message in range(COMMENTS // 4 // 64):
                place = nth * 7 + message
                await pool.execute(INSERT, case.videos[place % VIDEOS], new_id(), case.accounts[nth % PEOPLE], TEXT)

        before = of_process(os.getpid())
        with spent_by_all(server.pid, 0) as spent:
            await asyncio.gather(*(some(nth) for nth in range(64)))
        here = of_process(os.getpid()) - before
        return (spent["stores"].seconds + here) / (COMMENTS // 4 // 64 * 64) * 1e6
