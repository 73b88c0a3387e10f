"""The client beside the real server: over restarts, kills and freezes nothing is missed, and nothing comes twice."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import reelwire_live
from reelwire_live import (
    ClosedError,
    CommandError,
    CommentCreated,
    Connected,
    Counts,
    Disconnected,
    DisconnectedError,
    LiveClient,
    LogIn,
    NotAnsweredError,
    SessionEndedError,
    VideoProgress,
    VideoRemoved,
    closing,
)
from reelwire_live import lifeline as lifelines
from reelwire_live import line as lines
from server.kit.tasks import running
from server.live import clocks, gateway
from server.settings import Settings
from server.videos.wire import VideoProgressed
from stack import ports, servers
from stack.embedded import Stores
from tests.clients.python.reelwire_live.hearing import hearing
from tests.clients.python.reelwire_live.link import link
from tests.clients.python.reelwire_live.peer import Peers, acked
from tests.conftest import SECRET
from tests.people import PASSWORD, Client, sign_up
from tests.server.live.stage import NO_LEADER, Node, Somebody, Stage
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("short_pauses")


@pytest.fixture
async def cast(stage: Stage) -> tuple[Somebody, Somebody]:
    """A follower and whom he follows."""
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    return ann, ben


async def test_publications_and_progress_are_heard(stage: Stage, node: Node, cast: tuple[Somebody, Somebody]) -> None:
    ann, ben = cast
    async with hearing(node.url, ann.token) as hearer:
        await hearer.first(Connected)
        video_id = await stage.publish(ben, "hello")
        stage.announcer.announce(VideoProgressed(ann.id, ann.id, "processing", 0.25))
        await until(lambda: hearer.videos == [str(video_id)], "the video")
        state = (await hearer.first(VideoProgress)).data
        assert (state["status"], state["progress"], state["error"]) == ("processing", 0.25, None)
        assert 0 <= await hearer.client.ping() < 30


async def test_over_a_restart_nothing_is_missed(stage: Stage, node: Node, cast: tuple[Somebody, Somebody]) -> None:
    ann, ben = cast
    async with hearing(node.url, ann.token) as hearer:
        await hearer.first(Connected)
        first = await stage.publish(ben)
        await until(lambda: hearer.videos == [str(first)], "the first video")
        port = node.server.port
        await node.stop()
        ended = await hearer.first(Disconnected)
        assert ended.code == 1012
        asked = int(ended.reason.removeprefix("retry_after_ms="))
        assert ended.again_in == min(asked / 1000, closing.LONGEST_ASKED_SECONDS)
        missed = await stage.publish(ben)
        await stage.node(port)
        await hearer.several(Connected, 2)
        last = await stage.publish(ben)
        await until(lambda: len(hearer.videos) == 3, "the last video")
        assert hearer.videos == [str(first), str(missed), str(last)]
        position = hearer.client.position
    # Another program, later: it goes on from there.
    later = await stage.publish(ben)
    async with hearing(stage.nodes[-1].url, ann.token, position=position) as hearer:
        await until(lambda: hearer.videos[-1:] == [str(later)], "what came meanwhile")


@dataclass
class Serve:
    """A `serve` process of its own; `url` stays the same over restarts."""

    environment: dict[str, str]
    url: str
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        argv = (sys.executable, "-m", "server", "serve")
        quiet = asyncio.subprocess.DEVNULL
        environment = {"PATH": os.defpath, **self.environment}
        self.process = await asyncio.create_subprocess_exec(*argv, cwd=servers.ROOT, env=environment, stdout=quiet, stderr=quiet)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    async def end(self, number: signal.Signals) -> None:
        self.send(number)
        assert self.process is not None
        await self.process.wait()


@asynccontextmanager
async def serving(environment: dict[str, str], port: int) -> AsyncIterator[Serve]:
    listen = f"127.0.0.1:{port}"
    serve = Serve(environment | {"REELWIRE_LISTEN": listen}, f"http://{listen}")
    await serve.start()
    try:
        yield serve
    finally:
        await serve.end(signal.SIGKILL)


@pytest.fixture
async def serve(real_stores: Stores, settings: Settings, tmp_path: Path) -> AsyncIterator[Serve]:
    environment = real_stores.environment() | {
        "REELWIRE_ENVIRONMENT": "development",
        "REELWIRE_PUBLIC_URL": settings.public_url,
        "REELWIRE_SECRET_KEYS": SECRET,
        "REELWIRE_WORK_DIR": str(tmp_path),
    }
    async with serving(environment, ports.choose(["serve"])["serve"]) as found:
        yield found


async def test_a_server_that_is_killed_costs_nothing(stage: Stage, serve: Serve, cast: tuple[Somebody, Somebody]) -> None:
    ann, ben = cast
    async with hearing(serve.url, ann.token) as hearer:
        published = []
        for connections in (1, 2, 3):
            await hearer.several(Connected, connections)
            published.append(str(await stage.publish(ben)))
            await until(lambda: hearer.videos == published, "the video")
            await serve.end(signal.SIGKILL)
            await stage.pool.execute(NO_LEADER)  # the lease of the dead would be waited for
            published.append(str(await stage.publish(ben)))
            await serve.start()
        await until(lambda: hearer.videos == published, "all videos, once each")


async def test_a_server_that_is_frozen_is_left_and_found_again(
    stage: Stage, serve: Serve, cast: tuple[Somebody, Somebody], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "SILENT_HEARTBEATS", 0.1)  # of 25 s
    monkeypatch.setattr(lifelines, "OPEN_SECONDS", 1.0)
    ann, ben = cast
    async with hearing(serve.url, ann.token) as hearer:
        await hearer.first(Connected)
        serve.send(signal.SIGSTOP)
        missed = str(await stage.publish(ben))
        await hearer.first(Disconnected, lambda ended: ended.reason.startswith("nothing came"))
        await hearer.first(Disconnected, lambda ended: "timed out" in ended.reason)
        assert hearer.videos == []
        serve.send(signal.SIGCONT)
        await until(lambda: hearer.videos == [missed], "the missed video")


async def test_a_token_is_renewed_before_it_expires_and_the_session_goes_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "SWEEP_SECONDS", clocks.TICK_SECONDS)
    monkeypatch.setattr(clocks, "REAUTHENTICATE_SECONDS", 100_000)
    ann = await sign_up(client)
    log_in = await LogIn.with_password(str(client.make_url("")), ann.username, PASSWORD)
    first = log_in.access
    async with hearing(log_in.origin, log_in) as hearer:
        await until(lambda: log_in.access != first, "another token")
        await hearer.client.ping()
        assert hearer.all(Disconnected) == []


async def test_a_token_that_expired_meanwhile_is_replaced(stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "SWEEP_SECONDS", clocks.TICK_SECONDS)
    ann = await stage.somebody(seconds=900)
    tokens = [stage.token(ann.id, ann.login_id, seconds=1), ann.token]

    async def token(refused: str | None) -> str:
        return tokens[refused == tokens[0]]

    async with hearing(node.url, token) as hearer:
        await hearer.first(Connected)
        (session,) = node.gateway.hub.presence
        if session.expires_at < time.time() + 60:  # it may have been renewed already
            session.expires_at = int(time.time()) - 1
        with suppress(DisconnectedError):  # asked while that connection ended
            await hearer.client.ping()
        await hearer.client.ping()
        assert {ended.code for ended in hearer.all(Disconnected)} <= {401, 4002}


async def test_logging_out_ends_it(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    async with hearing(node.url, ann.token) as hearer:
        await hearer.first(Connected)
        await stage.log_out(ann)
        await until(hearer.over.is_set, "the end")
        assert isinstance(hearer.failure, SessionEndedError)


async def test_what_happens_on_a_watched_video_is_heard_over_a_restart(
    stage: Stage, node: Node, cast: tuple[Somebody, Somebody]
) -> None:
    ann, ben = cast
    video_id = str(await stage.publish(ben))
    async with hearing(node.url, ann.token) as hearer, hearing(node.url, ben.token) as author:
        await hearer.client.watch(video_id)
        counts = (await hearer.first(Counts)).data
        assert (counts["video_id"], counts["comments"], counts["watchers"]) == (video_id, 0, 1)
        first = await author.client.comment(video_id, "one")
        assert (await hearer.first(CommentCreated)).data == first
        port = node.server.port
        await node.stop()
        await hearer.first(Disconnected)
        before = len(hearer.all(Counts))
        await stage.node(port)
        await hearer.several(Counts, before + 1)
        second = await author.client.comment(video_id, "two")
        await until(lambda: [told.data for told in hearer.all(CommentCreated)] == [first, second], "the comment")
        await hearer.client.unwatch(video_id)
        await stage.delete(ben, UUID(video_id))
        assert (await hearer.first(VideoRemoved)).data == {"id": video_id}
        with pytest.raises(CommandError) as refused:
            await hearer.client.watch(video_id)
        assert refused.value.code == "not_found"


@pytest.mark.usefixtures("quick_heartbeat")
async def test_a_comment_whose_answer_was_lost_is_there_once(stage: Stage, node: Node, cast: tuple[Somebody, Somebody]) -> None:
    ann, ben = cast
    video_id = await stage.publish(ben)
    async with link(node.url) as line, hearing(line.url, ann.token) as hearer:
        await hearer.first(Connected)
        line.deafen()
        stored = await hearer.client.comment(str(video_id), "hello")
        assert line.connections >= 2  # where this process stood still, the next line seemed dead as well
    rows = await stage.pool.fetch("SELECT id, text FROM comment WHERE video_id = $1", video_id)
    assert [(str(row["id"]), row["text"]) for row in rows] == [(stored["id"], "hello")]


async def test_a_comment_is_said_again_under_its_key(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        saying = asyncio.create_task(ann.client.comment("v", "hello"), name="comment")
        first = await scripted.next()
        await first.welcome()
        once = await first.heard()
        first.wire.transport.abort()
        second = await scripted.next()
        assert (await second.heard())["type"] == "resume"
        await second.welcome()
        again = await second.heard()
        assert {**again, "id": 0} == {**once, "id": 0}
        await second.refuse(again, "in_progress")
        last = await second.heard()
        assert last["key"] == once["key"]
        await second.ack(last, id="c")
        assert (await saying)["id"] == "c"


async def test_views_are_never_told_twice(scripted: Peers) -> None:
    view = {"video_id": "v", "watched_ms": 2500, "completed": False, "replays": 0, "source": "link"}
    async with hearing(scripted.url, "token") as ann:
        telling = asyncio.create_task(ann.client.view([view]), name="view")  # type: ignore[list-item]
        first = await scripted.next()
        await first.welcome()
        assert (await first.heard())["views"] == [view]
        first.wire.transport.abort()
        with pytest.raises(DisconnectedError):
            await telling
        second = await scripted.next()
        await second.heard()
        await second.welcome()
        frame = await acked(second, ann.client.unwatch("x")) if ann.client._lifeline.session else {"type": "unwatch"}
        assert frame["type"] == "unwatch"


async def test_views_that_may_have_been_stored_are_not_told_again(scripted: Peers) -> None:
    view = {"video_id": "v", "watched_ms": 2500, "completed": False, "replays": 0, "source": "link"}
    async with hearing(scripted.url, "token") as ann:
        telling = asyncio.create_task(ann.client.view([view]), name="view")  # type: ignore[list-item]
        peer = await scripted.next()
        await peer.welcome()
        await peer.refuse(await peer.heard(), "unavailable")
        with pytest.raises(CommandError, match="unavailable"):
            await telling


async def test_what_is_not_answered_in_time_is_told_so(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        with pytest.raises(NotAnsweredError, match="ping was not answered"):
            await ann.client.ping(timeout=0.05)
        peer = await scripted.next()
        await peer.welcome()
        with pytest.raises(NotAnsweredError):
            await ann.client.watch("v", timeout=0.05)


async def test_closing_ends_events_and_commands(scripted: Peers) -> None:
    async with LiveClient(scripted.url, "token", proxy=None) as client:
        peer = await scripted.next()
        await peer.welcome()
        watching = asyncio.create_task(client.watch("v"), name="watch")
        await peer.heard()
    with pytest.raises(ClosedError):
        await watching
    with pytest.raises(ClosedError):
        await client.ping()
    assert [type(happening) async for happening in client.events()] == [Connected]
    await peer.wire.wait_closed()
    assert peer.wire.close_code == 1000


async def test_it_is_used_as_a_context() -> None:
    client = LiveClient("https://reelwire.example", "token")
    with pytest.raises(ClosedError):
        await client.ping()
    with pytest.raises(ValueError, match="neither"):
        LiveClient("reelwire.example", "token")
    await client.close()


async def test_views_reach_the_server(stage: Stage, node: Node, cast: tuple[Somebody, Somebody]) -> None:
    ann, ben = cast
    video_id = str(await stage.publish(ben))
    async with hearing(node.url, ann.token) as hearer:
        await hearer.client.view([{"video_id": video_id, "watched_ms": 2500, "completed": False, "replays": 0, "source": "link"}])
        with pytest.raises(CommandError) as refused:
            await hearer.client.view(
                [{"video_id": video_id, "watched_ms": -1, "completed": False, "replays": 0, "source": "link"}]
            )
        assert refused.value.code == "invalid"
    assert await stage.pool.fetchval("SELECT watched_ms FROM play WHERE account_id = $1", ann.id) == 2500


TRIES, TRY_SECONDS = 12, 5.0


async def test_the_example_of_the_readme_works(client: Client, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    ann, ben, said = await sign_up(client), await stage.somebody(), ""
    await ann.put(f"/me/following/{ben.id}")
    text = (Path(reelwire_live.__file__).parent.parent / "README.md").read_text()
    (example,) = re.findall(r"^```python\n(.*?)^asyncio\.run\(main\(\)\)$", text, re.DOTALL | re.MULTILINE)
    example = example.replace('"http://127.0.0.1:8080"', repr(str(client.make_url(""))))
    example = example.replace('"demo", "reelwire-demo"', repr((ann.username, PASSWORD))[1:-1])
    names: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), names)

    def printed(text: str) -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return text in said

    presence = client.app[gateway.GATEWAY].hub.presence
    async with running("the example", names["main"]()):
        await until(lambda: len(presence) == 1, "the session")
        # A session is present before its welcome; what is published in between is in the feed, and not told.
        for left in reversed(range(TRIES)):
            await stage.publish(ben, "the first")
            with suppress(AssertionError) if left else nullcontext():
                await until(lambda: printed(f"u{ben.id.hex} the first"), "the first video", TRY_SECONDS)
                break
        video_id = str(await stage.publish(ben, "the second"))
        await until(lambda: printed(f"u{ben.id.hex} the second"), "the second video")
        async with hearing(str(client.make_url("")), ben.token) as author:
            await author.client.watch(video_id)
            await author.first(Counts, lambda told: told.data["watchers"] == 2)
            await author.client.comment(video_id, "a comment")
        await until(lambda: printed(f"u{ben.id.hex} a comment"), "the comment")
