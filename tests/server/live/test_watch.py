"""`reelwire watch`: prints what happens, over restarts and without repeats, and says what to do without credentials."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.kit.tasks import running
from server.live import watch
from server.live.watch import Credentials, NotSignedInError, UnreachableError, Watcher
from server.videos.wire import VideoProgressed
from tests.people import PASSWORD, Client, sign_up
from tests.server.live.stage import Node, Stage
from tests.waiting import until


async def test_it_prints_publications_and_progress(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    lines: list[str] = []
    async with running("watch", Watcher(Credentials(node.url, ann.token), lines.append).run()):
        await until(lambda: "- connected" in lines)
        video_id = await stage.publish(ben, 'a "title"')
        stage.announcer.announce(VideoProgressed(ann.id, ann.id, "processing", 0.25))
        await until(lambda: len(lines) == 3)
    published, progress = sorted(lines[1:], reverse=True)
    assert published == f'video.published @u{ben.id.hex} "a \\"title\\"" {video_id}'
    assert progress == f"video.progress {ann.id} processing 25%"


async def test_it_prints_what_people_do(stage: Stage, node: Node) -> None:
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    own, other = await stage.publish(ann), await stage.publish(ben)
    lines: list[str] = []
    videos = [str(own), str(own.int)]
    async with running("watch", Watcher(Credentials(node.url, ann.token), lines.append, videos).run()):

        async def printed(line: str) -> None:
            await until(lambda: line in lines, f"{line}: {lines}")

        await printed(f"counts {own} 0 views 0 likes 0 comments 1 watchers")
        await until(lambda: any(line.startswith("- invalid: ") for line in lines), "the refusal")
        await stage.follow(cat, ann)
        await printed(f"follower.new @u{cat.id.hex}")
        await stage.like(cat, own)
        await printed(f"like.on_yours @u{cat.id.hex} {own} 1 likes")
        comment_id = await stage.comment(cat, own, 'a "word"')
        await printed(f'comment.created @u{cat.id.hex} "a \\"word\\"" {own}')
        await printed(f'comment.on_yours @u{cat.id.hex} "a \\"word\\"" {own}')
        await stage.delete_comment(cat, comment_id)
        await printed(f"comment.removed {comment_id}")
        await stage.edit(ben, other, title="new", description="newer")
        await printed(f"video.updated {other} description title")
        await stage.delete(ben, other)
        await printed(f"video.removed {other}")
    assert watch.told("of.tomorrow", {"id": 1}) == '{"id": 1}'


async def test_after_a_restart_it_goes_on_where_it_was(stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LAST_DELAY", 0.05)
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    lines: list[str] = []
    async with running("watch", Watcher(Credentials(node.url, ann.token), lines.append).run()):
        await until(lambda: "- connected" in lines)
        first = await stage.publish(ben)
        await until(lambda: [line for line in lines if str(first) in line])
        port = node.server.port
        await node.stop()
        missed = await stage.publish(ben)
        await stage.node(port=port)
        await until(lambda: [line for line in lines if str(missed) in line])
        last = await stage.publish(ben)
        await until(lambda: [line for line in lines if str(last) in line])
    told = [line.split()[-1] for line in lines if line.startswith("video.published")]
    assert told == [str(first), str(missed), str(last)]
    assert any(line.startswith("- closed: 1012 retry_after_ms=") for line in lines)
    assert any(line.startswith("- caught up") for line in lines)


async def test_it_logs_in_and_renews_its_token_during_the_session(client: Client) -> None:
    ann = await sign_up(client)
    origin = str(client.make_url("")).rstrip("/")
    with pytest.raises(NotSignedInError):
        await Credentials.log_in(origin, ann.username, "something else")
    credentials = await Credentials.log_in(origin, ann.username, PASSWORD)
    first = credentials.access
    await credentials.refresh()
    assert credentials.access != first
    lines: list[str] = []
    async with running("watch", Watcher(credentials, lines.append).run()):
        await until(lambda: "- connected" in lines)


async def test_a_token_that_ended_and_cannot_be_renewed_is_said(stage: Stage, node: Node) -> None:
    with pytest.raises(NotSignedInError, match="--login"):
        async with asyncio.timeout(60):
            await Watcher(Credentials(node.url, "not.a.token"), lambda _: None).run()
    ann = await stage.somebody(seconds=1)
    with pytest.raises(NotSignedInError, match="--login"):
        async with asyncio.timeout(60):
            await Watcher(Credentials(node.url, ann.token), lambda _: None).run()


async def test_a_renewal_that_does_not_come_through_is_tried_again(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LAST_DELAY", 0.05)
    ann = await stage.somebody()
    answers = [
        web.json_response({"code": "refresh_in_progress", "detail": "Another one runs."}, status=409),
        web.json_response({"code": "unavailable", "detail": "Briefly unavailable."}, status=503),
        web.Response(text="<h1>Bad gateway</h1>", content_type="text/html", status=502),
        web.json_response({"access_token": ann.token, "refresh_token": "next"}),
    ]
    sent: list[str] = []

    async def refresh(request: web.Request) -> web.Response:
        sent.append((await request.json())["refresh_token"])
        if len(sent) == len(answers):
            credentials.origin = node.url  # the rest is the real system's
        return answers[len(sent) - 1]

    async def live(request: web.Request) -> web.Response:
        return web.Response(status=401)

    front = web.Application()
    front.add_routes([web.post("/api/v1/sessions/refresh", refresh), web.get("/api/v1/live", live)])
    lines: list[str] = []
    async with TestServer(front) as server:
        credentials = Credentials(str(server.make_url("")).rstrip("/"), "old", "first")
        async with running("watch", Watcher(credentials, lines.append).run()) as watching:
            await until(lambda: "- connected" in lines or watching.done(), "the session")
    assert sent == ["first"] * 4
    assert credentials.refresh_token == "next"
    assert [line for line in lines if line.startswith("- not connected")] == [
        "- not connected: answered with 409 Another one runs.",
        "- not connected: answered with 503 Briefly unavailable.",
        "- not connected: answered with 502",
    ]


async def test_a_system_that_is_away_when_the_token_is_over_is_waited_for(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LAST_DELAY", 0.05)
    lines: list[str] = []
    credentials = Credentials("http://127.0.0.1:1", "old", "first")
    with pytest.raises(UnreachableError, match="cannot be reached"):
        await credentials.refresh()
    async with running("watch", Watcher(credentials, lines.append).run()) as watching:
        await until(lambda: len(lines) >= 3 or watching.done(), "some tries")
        assert not watching.done()
        credentials.access, credentials.origin = (await stage.somebody()).token, node.url
        await until(lambda: "- connected" in lines or watching.done(), "the session")
    assert "- connected" in lines


def test_a_log_in_that_reaches_nobody_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status = watch.main(["--url", "http://127.0.0.1:1", "--login", "ann", "--password", "secret"])
    assert status != 0
    told = capsys.readouterr()
    assert told.err.startswith("reelwire: http://127.0.0.1:1/api/v1/sessions cannot be reached")
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_without_anybody_it_says_what_to_give(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("REELWIRE_TOKEN", raising=False)
    with pytest.raises(SystemExit) as ended:
        watch.main(["--url", "http://127.0.0.1:1"])
    assert ended.value.code == 2
    assert "--login" in capsys.readouterr().err


def test_titles_cannot_speak_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    watch._line("title \x1b[31m\x07 \u202e ü 😀")
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "ü 😀" in shown
