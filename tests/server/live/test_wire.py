"""The clients in docs/live.md, as an app developer would copy them: over a restart they miss nothing and show nothing twice.

What passes they sit out, and of what does not pass they tell.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets

import server
from server.kit.tasks import running
from stack import ports
from tests.server.live.stage import Node, Somebody, Stage
from tests.waiting import until

DOCUMENT = Path(server.__file__).parent.parent / "docs" / "live.md"
Shown = list[str]


def example(language: str) -> str:
    """The client in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    assert isinstance(found, str)
    return found


async def welcomed(node: Node) -> None:
    """The client's session has been told its position: what is published from now on comes."""
    await until(lambda: any(session.attached for session in node.gateway.hub.presence), "the client's session", limit=60)


async def over_a_restart(stage: Stage, node: Node, author: Somebody, shown: Shown) -> None:
    """Three publications: one live, one while the server is away, one afterwards."""
    await welcomed(node)
    first = await stage.publish(author)
    await until(lambda: shown == [str(first)], "the first video")
    port = node.server.port
    await node.stop()
    missed = await stage.publish(author)
    again = await stage.node(port)
    # The server asks for up to five seconds of patience, and each attempt that comes too early doubles the next pause.
    await until(lambda: len(shown) == 2 and len(again.gateway.hub.presence) == 1, "the missed video", limit=60)
    last = await stage.publish(author)
    await until(lambda: len(shown) == 3, "the last video")
    assert shown == [str(first), str(missed), str(last)]


@pytest.fixture
async def node(stage: Stage) -> Node:
    """On a port that nobody else gets while it is stopped."""
    return await stage.node(port=ports.choose(["node"])["node"])


@pytest.fixture
async def cast(stage: Stage) -> tuple[Somebody, Somebody]:
    """A follower and whom he follows."""
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    return ann, ben


def reload() -> None:
    raise AssertionError("nothing was too long ago")


@pytest.fixture
def follow() -> Callable[..., Any]:
    """The client in Python."""
    names: dict[str, Any] = {}
    exec(compile(example("python"), str(DOCUMENT), "exec"), names)
    found: Callable[..., Any] = names["follow"]
    return found


@asynccontextmanager
async def script(folder: Path, origin: str, token: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The client in JavaScript, in a process that prints the ids of videos."""
    program = shutil.which("node")
    assert program, "Node is missing; ./reelwire test brings it"
    call = f"await follow({origin!r}, {token!r}, (v) => console.log(v.id), () => console.log('reload'));"
    file = folder / "client.mjs"
    file.write_text(example("javascript") + call)
    process = await asyncio.create_subprocess_exec(
        program, "--experimental-websocket", str(file), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def failure(process: asyncio.subprocess.Process) -> str:
    """What it said when it gave up by itself."""
    async with asyncio.timeout(60):
        _, said = await process.communicate()
    assert process.returncode == 1
    return said.decode()


async def test_the_python_client(stage: Stage, node: Node, cast: tuple[Somebody, Somebody], follow: Callable[..., Any]) -> None:
    follower, author = cast
    shown: Shown = []
    client = follow(node.url, follower.token, lambda video: shown.append(video["id"]), reload)
    async with running("the client", client):
        await over_a_restart(stage, node, author, shown)


async def test_the_python_client_tells_of_what_does_not_pass(
    stage: Stage, node: Node, cast: tuple[Somebody, Somebody], follow: Callable[..., Any]
) -> None:
    follower, author = cast
    shown: Shown = []
    async with asyncio.timeout(120):
        with pytest.raises(websockets.InvalidURI):
            await follow("127.0.0.1:8080", follower.token, print, reload)
        with pytest.raises(websockets.InvalidStatus, match="401"):
            await follow(node.url, "bad", print, reload)
        client = asyncio.create_task(follow(node.url, follower.token, shown.append, reload), name="the client")
        await welcomed(node)
        await stage.publish(author)
        await until(lambda: shown, "the video")
        await stage.log_out(follower)
        with pytest.raises(websockets.ConnectionClosed, match="4003"):
            await client


async def test_the_javascript_client(stage: Stage, node: Node, cast: tuple[Somebody, Somebody], tmp_path: Path) -> None:
    follower, author = cast
    shown: Shown = []

    async def read(output: asyncio.StreamReader) -> None:
        async for line in output:
            shown.append(line.decode().strip())

    async with script(tmp_path, node.url, follower.token) as process:
        assert process.stdout is not None
        async with running("the client's output", read(process.stdout)):
            await over_a_restart(stage, node, author, shown)


async def test_the_javascript_client_tells_of_what_does_not_pass(
    stage: Stage, node: Node, cast: tuple[Somebody, Somebody], tmp_path: Path
) -> None:
    follower, author = cast
    async with script(tmp_path, "127.0.0.1:8080", follower.token) as process:
        assert "no origin" in await failure(process)
    async with script(tmp_path, node.url, "bad") as process:
        assert "401" in await failure(process)
    async with script(tmp_path, node.url, follower.token) as process:
        assert process.stdout is not None
        await welcomed(node)
        video = await stage.publish(author)
        async with asyncio.timeout(60):
            assert (await process.stdout.readline()).decode().strip() == str(video)
        await stage.log_out(follower)
        assert "4003" in await failure(process)


async def test_the_javascript_client_outlives_answers_that_are_cut_or_no_tickets(tmp_path: Path) -> None:
    answers = [
        b'HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"ticket":',
        b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nwhat",
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    ]
    waiting = iter(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(next(waiting))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        async with script(tmp_path, f"http://127.0.0.1:{port}", "token") as process:
            assert "401" in await failure(process)
    assert next(waiting, None) is None
