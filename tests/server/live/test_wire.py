"""The clients in docs/live.md, as an app developer would copy them: over a restart they miss nothing and show nothing twice."""

import asyncio
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import server
from server.kit.tasks import running
from tests.server.live.stage import Node, Somebody, Stage
from tests.waiting import until

DOCUMENT = Path(server.__file__).parent.parent / "docs" / "live.md"
Shown = list[str]


def example(language: str) -> str:
    """The client in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    assert isinstance(found, str)
    return found


async def over_a_restart(stage: Stage, node: Node, author: Somebody, shown: Shown) -> None:
    """Three publications: one live, one while the server is away, one afterwards."""
    await until(lambda: len(node.gateway.hub.presence) == 1, "the client's session", limit=60)
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
async def cast(stage: Stage) -> tuple[Somebody, Somebody]:
    """A follower and whom he follows."""
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    return ann, ben


async def test_the_python_client(stage: Stage, node: Node, cast: tuple[Somebody, Somebody]) -> None:
    names: dict[str, Any] = {}
    exec(compile(example("python"), str(DOCUMENT), "exec"), names)
    follow: Callable[..., Any] = names["follow"]
    shown: Shown = []

    async def reload() -> None:
        raise AssertionError("nothing was too long ago")

    follower, author = cast
    client = follow(node.url.replace("http", "ws"), follower.token, lambda video: shown.append(video["id"]), reload)
    async with running("the client", client):
        await over_a_restart(stage, node, author, shown)


async def test_the_javascript_client(stage: Stage, node: Node, cast: tuple[Somebody, Somebody], tmp_path: Path) -> None:
    program = shutil.which("node")
    assert program, "Node is missing; ./reelwire test brings it"
    follower, author = cast
    call = f"follow({node.url!r}, {follower.token!r}, (v) => console.log(v.id), () => console.log('reload'));"
    script = tmp_path / "client.mjs"
    script.write_text(example("javascript") + call)
    process = await asyncio.create_subprocess_exec(
        program, "--experimental-websocket", str(script), stdout=asyncio.subprocess.PIPE
    )
    shown: Shown = []

    async def read() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            shown.append(line.decode().strip())

    try:
        async with running("the client's output", read()):
            await over_a_restart(stage, node, author, shown)
    finally:
        process.kill()
        await process.wait()
