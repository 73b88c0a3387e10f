"""Listening on a unix socket that a successor takes over, closed to other processes of the same user."""

import asyncio
import gc
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from server.kit.serving import bound, freeze, listen_on
from server.settings import Settings
from stack import servers
from stack.embedded import Stores
from tests.conftest import SECRET
from tests.waiting import until


def _reach(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(60)
    client.connect(str(path))
    return client


def test_a_successor_takes_over_and_the_old_one_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "serve.sock"
    old = bound(f"unix:{path}")
    first = _reach(path)
    new = bound(f"unix:{path}")
    second = _reach(path)
    for listener, client in ((old, first), (new, second)):
        listener.settimeout(60)
        accepted, _ = listener.accept()
        accepted.sendall(b"hello")
        assert client.recv(5) == b"hello"
        accepted.close()
        client.close()
    old.close()
    new.close()
    assert [p.name for p in tmp_path.iterdir()] == ["serve.sock"]


def test_an_address_is_an_address() -> None:
    with bound("127.0.0.1:0") as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[Path]:
    """A small application behind `listen_on`."""

    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_route("*", "/hello", hello)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    path = tmp_path / "app.sock"
    listening = await listen_on(runner, await asyncio.to_thread(bound, f"unix:{path}"))
    yield path
    listening.close()
    await runner.cleanup()


async def _said(path: Path, request: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(request)
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    return answer


async def test_an_ordinary_request_is_answered(address: Path) -> None:
    answer = await _said(address, b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"hello")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"FOO /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /a\xe9b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\nx",
        b"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Encoding: br\r\n\r\nx",
        b"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_with_a_problem_document(address: Path, request_bytes: bytes) -> None:
    answer = await _said(address, request_bytes)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert b"application/problem+json" in answer
    assert b'"code":"malformed"' in answer


@asynccontextmanager
async def _powerless(*words: str, environment: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Python with these words, as our user but without capabilities, which root has and which open everything."""
    argv = (sys.executable, "-m", "tests.powerless", sys.executable, *words)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, cwd=servers.ROOT, env=dict(environment), stdout=pipe, stderr=pipe)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _seen_by_a_neighbour(pid: int) -> str:
    """What a process of the same user reads at /proc/PID/environ and /proc/PID/mem, or how it is refused."""
    text = f"print(open('/proc/{pid}/environ').read()); open('/proc/{pid}/mem')"
    async with _powerless("-c", text, environment={"PATH": os.defpath}) as reader:
        out, err = await reader.communicate()
    return (out + err).decode()


@pytest.mark.parametrize("command", ["serve", "worker", "schedule"])
async def test_no_other_process_of_its_user_reads_the_secrets_of_a_running_one(
    command: str, real_stores: Stores, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "process.sock"
    environment = real_stores.environment() | {
        "REELWIRE_ENVIRONMENT": "development",
        "REELWIRE_PUBLIC_URL": settings.public_url,
        "REELWIRE_SECRET_KEYS": SECRET,
        "REELWIRE_WORK_DIR": str(tmp_path),
        "REELWIRE_LISTEN": f"unix:{path}",
        "PATH": os.defpath,
    }
    async with _powerless("-m", "server", command, environment=environment) as process:
        await until(path.exists, "its start")
        seen = await _seen_by_a_neighbour(process.pid)
        assert "PermissionError" in seen
        assert SECRET not in seen


async def test_a_process_that_does_not_close_itself_is_read(tmp_path: Path) -> None:
    """Else the test above would show nothing."""
    text = f"import pathlib, time; pathlib.Path({str(tmp_path / 'ready')!r}).touch(); time.sleep(60)"
    async with _powerless("-c", text, environment={"REELWIRE_SECRET_KEYS": SECRET}) as process:
        await until((tmp_path / "ready").exists, "its start")
        seen = await _seen_by_a_neighbour(process.pid)
    assert SECRET in seen


def test_what_is_alive_once_warm_is_not_collected_again() -> None:
    try:
        freeze()
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects(2)) < 1_000
    finally:
        gc.unfreeze()
