"""Live sessions of which nothing is heard but pongs: what one costs in memory and in CPU, carried lean and by aiohttp alone.

Each session has an account of its own and opens with a ticket and the headers of a browser, on one of several serve processes,
each of which has a loopback address of its own.
"""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median

import aiohttp
import asyncpg
import msgspec
import uvloop

from bench.cpu import of_process
from bench.figures import Result
from bench.memory import kernel_bytes, resident_bytes
from bench.orders import Orders, given_orders
from bench.system import real_stores
from pubsub.commands import Command, answered
from pubsub.opening import open_commands
from server.kit.ids import new_id
from server.kit.tokens import Claims
from server.live.gateway import TICKET_PREFIX
from server.live.limits import TICKET_SECONDS
from server.live.tickets import TICKET_BYTES
from stack import environment, ports, servers
from stack.process import Process, start
from stack.supervisor import until_ready

MOST_EACH = 15_000
"""Sockets of one process: here it may have 20,000 descriptors."""
STOCK_SESSIONS = 1_000
WARM_SESSIONS = 1_000
"""On each process before anything is measured: they take what its start has left free of its memory."""
AT_ONCE = 250
"""Sessions are opened in turns of so many on each process, so that their tickets are fresh."""
OPENERS = 2
"""Of the processes at a time: one for each core of a small machine."""
MOST_LOST = 0.01
"""A machine that does other work may stall for longer than a ticket lives; more lost sessions than this share are a fault."""
SETTLE_SECONDS = 10.0
WATCHED_SECONDS = 50.0
"""Two heartbeats."""
HANDSHAKES, ROUNDS = 500, 7
TOKEN_SECONDS = 86_400

ACCOUNT = ("id", "username", "email", "password_hash")
SESSION = ("account_id", "id", "user_agent", "expires_at")
HEADERS = (
    "Origin: http://bench.test\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nSec-WebSocket-Protocol: reelwire.v1\r\n"
    "User-Agent: Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9,de-DE;q=0.8,de;q=0.7\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    f"Cookie: theme=dark; consent={'0123456789abcdef' * 16}\r\n"
)
LIVE, ECHO = "/api/v1/live", "/api/v1/live/echo"


@dataclass(frozen=True, slots=True)
class Server:
    """One serve process and those who sleep at it."""

    pid: int
    host: str
    port: int
    sleepers: Orders

    async def open(self, paths: Sequence[str]) -> int:
        """Open a socket for each; how many there are now."""
        order = {"open": {"to": [self.host, self.port], "paths": list(paths), "headers": HEADERS}}
        return int(await self.sleepers.give(order))


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one idle session; its CPU in a second, beyond that of a process which has next to none."""

    sessions: int
    process_bytes: float
    kernel_bytes: float | None
    cpu_seconds: float
    empty_cpu_seconds: float


def run(folder: Path, sessions: int) -> list[Result]:
    """The benchmark."""
    return uvloop.run(_run(folder, sessions))


async def _run(folder: Path, sessions: int) -> list[Result]:
    many = max(2, -(-sessions // MOST_EACH))
    async with real_stores(folder) as given, AsyncExitStack() as stack:
        stock = await stack.enter_async_context(_serving(folder, given, "stock", many))
        lean = [await stack.enter_async_context(_serving(folder, given, "lean", nth)) for nth in range(many)]
        crowd = Crowd(given["REELWIRE_DATABASE_URL"], given["REELWIRE_VALKEY_URL"])
        # First what is held: the handshakes leave memory behind that sessions would find free.
        beside = await _cost([stock], crowd, min(sessions, STOCK_SESSIONS))
        ours = await _cost(lean, crowd, sessions)
        for server in (stock, *lean):
            await server.sleepers.give({"close": True})
        echoes = await _handshakes("echo", lean[0], stock, _echoes)
        lives = await _handshakes("live", lean[0], stock, crowd.paths)
    return [*_idle(ours, beside, many), echoes, lives]


class Crowd:
    """People with a log-in each, made as they are needed."""

    def __init__(self, database_url: str, valkey_url: str) -> None:
        self._database_url = database_url
        self._valkey_url = valkey_url

    async def paths(self, count: int) -> list[str]:
        """Addresses with fresh tickets, each of another account."""
        expires_at = int(time.time()) + TOKEN_SECONDS
        logins = [Claims(new_id(), new_id(), expires_at) for _ in range(count)]
        until = datetime.now(UTC) + timedelta(days=1)
        conn = await asyncpg.connect(self._database_url)
        try:
            people = [(login.account_id, f"u{login.account_id.hex}", login.account_id.hex, "") for login in logins]
            await conn.copy_records_to_table("account", records=people, columns=ACCOUNT)
            sessions = [(login.account_id, login.session_id, "", until) for login in logins]
            await conn.copy_records_to_table("session", records=sessions, columns=SESSION)
        finally:
            await conn.close()
        tickets = {secrets.token_urlsafe(TICKET_BYTES): msgspec.msgpack.encode(login) for login in logins}
        async with open_commands(self._valkey_url) as commands:  # as `Tickets` keeps them, in one round trip
            kept = [
                Command(TICKET_PREFIX + ticket, ("SET", TICKET_PREFIX + ticket, value, "EX", TICKET_SECONDS))
                for ticket, value in tickets.items()
            ]
            answered(await commands.run(kept))
        return [f"{LIVE}?ticket={ticket}" for ticket in tickets]


async def _echoes(count: int) -> list[str]:
    return [ECHO] * count


async def _cost(servers: Sequence[Server], crowd: Crowd, sessions: int) -> Cost:
    """Open so many on these, and see what that changes."""
    await _open(servers, crowd, WARM_SESSIONS * len(servers))
    await asyncio.sleep(SETTLE_SECONDS)
    empty = await _cpu(servers)
    before, kernel_before = sum(resident_bytes(server.pid) for server in servers), kernel_bytes()
    await _open(servers, crowd, sessions)
    await asyncio.sleep(SETTLE_SECONDS)
    after, kernel_after = sum(resident_bytes(server.pid) for server in servers), kernel_bytes()
    cpu = await _cpu(servers)
    awake = sum([int(await server.sleepers.give({"count": True})) for server in servers])
    lost = sessions + WARM_SESSIONS * len(servers) - awake
    if lost > sessions * MOST_LOST:
        raise RuntimeError(f"{lost} sessions were closed meanwhile")
    sessions -= lost
    kernel = None if kernel_before is None or kernel_after is None else (kernel_after - kernel_before) / sessions
    return Cost(sessions, (after - before) / sessions, kernel, (cpu - empty) / sessions, empty / len(servers))


async def _open(servers: Sequence[Server], crowd: Crowd, sessions: int) -> None:
    """In turns, so that no ticket gets old, and nobody's pings wait."""
    turns = asyncio.Semaphore(OPENERS)

    async def opened(server: Server, count: int) -> None:
        for at in range(0, count, AT_ONCE):
            async with turns:
                await server.open(await crowd.paths(min(AT_ONCE, count - at)))

    each, more = divmod(sessions, len(servers))
    async with asyncio.TaskGroup() as group:
        for nth, server in enumerate(servers):
            group.create_task(opened(server, each + (nth < more)), name=f"opening {nth}")


async def _cpu(servers: Sequence[Server]) -> float:
    """Processor seconds of all of them in a second."""
    before, began = sum(of_process(server.pid) for server in servers), time.monotonic()
    await asyncio.sleep(WATCHED_SECONDS)
    return (sum(of_process(server.pid) for server in servers) - before) / (time.monotonic() - began)


async def _handshakes(name: str, lean: Server, stock: Server, paths: Callable[[int], Awaitable[list[str]]]) -> Result:
    """Processor time of the server for each upgrade, in turns."""
    spent: dict[Server, list[float]] = {lean: [], stock: []}
    for nth in range(ROUNDS + 1):
        for server, found in spent.items():
            fresh = await paths(HANDSHAKES)
            before = of_process(server.pid)
            await server.open(fresh)
            if nth:  # the first round warms
                found.append((of_process(server.pid) - before) / HANDSHAKES * 1e6)
            await server.sleepers.give({"close": True})
    rates = [1e6 / median(found) for found in spent.values()]
    notes = (f"{rates[0]:,.0f} and {rates[1]:,.0f} a second and core; {rates[0] / rates[1]:.2f} times as many",)
    about = {"echo": "upgrades alone (the echo)", "live": "openings of sessions (ticket, account, follows, welcome)"}[name]
    return Result("µs of CPU a handshake", "lean", "stock", spent[lean], spent[stock], notes, about)


def _idle(ours: Cost, beside: Cost, many: int) -> list[Result]:
    kernel = "only root may read" if ours.kernel_bytes is None else f"{ours.kernel_bytes / 1024:.1f} KB, for both ends,"
    notes = (
        f"{ours.sessions:,} lean ones on {many} processes, {beside.sessions:,} stock ones on one, each of an account of its own",
        f"what the kernel holds of one: {kernel} beside that",
    )
    empty = (f"without them a process spends {ours.empty_cpu_seconds * 1000:.1f} ms in a second, which is not counted",)
    memory = [cost.process_bytes / 1024 for cost in (ours, beside)]
    cpu = [cost.cpu_seconds * 1e6 for cost in (ours, beside)]
    return [
        Result("KB a session", "lean", "stock", [memory[0]], [memory[1]], notes, "memory of the processes"),
        Result("µs of CPU a session and second", "lean", "stock", [cpu[0]], [cpu[1]], empty, "idle"),
    ]


@asynccontextmanager
async def _serving(folder: Path, given: Mapping[str, str], sessions: str, nth: int) -> AsyncIterator[Server]:
    """One serve process, and a process of sleepers for it."""
    async with served(folder, given, sessions, nth) as (process, host, port), given_orders("bench.sleepers") as sleepers:
        yield Server(process.pid, host, port, sleepers)


@asynccontextmanager
async def served(
    folder: Path, given: Mapping[str, str], sessions: str, nth: int, pool: int = 4
) -> AsyncIterator[tuple[Process, str, int]]:
    """One serve process on an address of its own, with so many connections to PostgreSQL."""
    host, port = f"127.0.0.{nth + 2}", ports.choose(["idle"])["idle"]
    name = f"serve-{nth}"
    own = {"REELWIRE_LISTEN": f"{host}:{port}", "REELWIRE_SOCKET_SESSIONS": sessions, "REELWIRE_TEST_ECHO": "on"}
    spec = servers.part(name, "serve", {**environment.others_in(os.environ), **given}, folder, folder)
    spec = replace(
        spec, environment={**spec.environment, **own, "REELWIRE_DATABASE_POOL": str(pool)}, ready=lambda: _ready(host, port)
    )
    process = start(spec)
    try:
        async with asyncio.timeout(spec.start_seconds):
            await until_ready(spec, process)
        yield process, host, port
    finally:
        await process.stop(spec.stop_signal, spec.stop_seconds)


async def _ready(host: str, port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"http://{host}:{port}/readyz") as answer:
            return answer.status == HTTPStatus.OK
    except aiohttp.ClientError:
        return False
