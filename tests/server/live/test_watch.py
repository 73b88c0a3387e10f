"""`reelwire watch`: prints what happens, over restarts and without repeats, and says what to do without credentials."""

import asyncio
from typing import Any

import pytest

from reelwire_live import (
    CaughtUp,
    CommentCreated,
    CommentOnYours,
    CommentRemoved,
    Connected,
    Counts,
    Disconnected,
    FollowerNew,
    Happening,
    LikeOnYours,
    NotSignedInError,
    Refused,
    UnknownEvent,
    VideoProgress,
    VideoPublished,
    VideoRemoved,
    VideoUpdated,
    WatchEnded,
)
from server.kit.tasks import running
from server.live import watch
from server.videos.wire import VideoProgressed
from stack import ports
from tests.people import PASSWORD, Client, sign_up
from tests.server.live.stage import Node, Stage
from tests.waiting import until


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelwire_live.backoff.FIRST_SECONDS", 0.01)
    monkeypatch.setattr("reelwire_live.backoff.LONGEST_SECONDS", 0.05)


async def test_it_prints_publications_and_progress(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    lines: list[str] = []
    async with running("watch", watch.watch(node.url, ann.token, lines.append)):
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
    async with running("watch", watch.watch(node.url, ann.token, lines.append, videos)):

        async def printed(line: str) -> None:
            await until(lambda: line in lines, f"{line}: {lines}")

        await printed(f"counts {own} 0 views 0 likes 0 comments 1 watchers")
        await until(lambda: any(line.startswith(f"- {own.int} cannot be watched: invalid: ") for line in lines), "the refusal")
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


@pytest.fixture
async def node(stage: Stage) -> Node:
    """On a port that nobody else gets while it is stopped."""
    return await stage.node(port=ports.choose(["node"])["node"])


@pytest.mark.usefixtures("short_pauses")
async def test_after_a_restart_it_goes_on_where_it_was(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    lines: list[str] = []
    async with running("watch", watch.watch(node.url, ann.token, lines.append)):
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
    assert any(line.startswith("- not connected: 1012 retry_after_ms=") for line in lines)
    assert any(line.startswith("- caught up") for line in lines)


async def test_a_token_that_is_not_good_is_said(stage: Stage, node: Node) -> None:
    with pytest.raises(NotSignedInError):
        async with asyncio.timeout(60):
            await watch.watch(node.url, "not.a.token", lambda _: None)


def video(**changes: Any) -> Any:
    return {"id": "1", "title": "ü", "author": {"username": "ann"}, "status": "failed", "progress": 0.5, "error": None} | changes


def comment() -> Any:
    return {"id": "2", "video_id": "1", "text": "ü", "author": {"username": "ben"}}


@pytest.mark.parametrize(
    ("happening", "line"),
    [
        (VideoPublished(video()), 'video.published @ann "ü" 1'),
        (VideoProgress("video.failed", video(error={"code": "no_video"})), "video.failed 1 failed 50% no_video"),
        (Connected("s"), "- connected"),
        (CaughtUp(True, 3), "- caught up, 3 missed"),
        (CaughtUp(False, 0), "- the gap is too long to be replayed; what was missed is in the feed"),
        (Disconnected(1006, "", 2), "- not connected: 1006; again in 2.0 s"),
        (Refused("bad_json", "No."), "- bad_json: No."),
        (WatchEnded("1", "not_found", "Gone."), "- not_found: Gone."),
        (VideoUpdated({"id": "1", "title": "", "hashtags": []}), "video.updated 1 hashtags title"),
        (VideoRemoved({"id": "1"}), "video.removed 1"),
        (CommentCreated(comment()), 'comment.created @ben "ü" 1'),
        (CommentOnYours(comment()), 'comment.on_yours @ben "ü" 1'),
        (CommentRemoved({"id": "2", "video_id": "1"}), "comment.removed 2"),
        (
            Counts({"video_id": "1", "views": 4, "likes": 3, "comments": 2, "watchers": 1}),
            "counts 1 4 views 3 likes 2 comments 1 watchers",
        ),
        (FollowerNew(comment()["author"]), "follower.new @ben"),
        (LikeOnYours({"video_id": "1", "user": comment()["author"], "likes": 3}), "like.on_yours @ben 1 3 likes"),
        (UnknownEvent("new.one", {"x": 1}), 'new.one {"x": 1}'),
    ],
)
def test_everything_that_happens_has_its_line(happening: Happening, line: str) -> None:
    assert watch.line_of(happening) == line


async def test_the_command_logs_in(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    ann = await sign_up(client)
    async with running("watch", watch._watch(str(client.make_url("")).rstrip("/"), ann.username, PASSWORD, "")):
        said = [""]

        def connected() -> bool:
            said[0] += capsys.readouterr().out
            return "- connected" in said[0]

        await until(connected, "the session")


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
