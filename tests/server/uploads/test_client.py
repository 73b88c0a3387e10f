"""`reelwire upload` as somebody types it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from server.kit.request import POOL
from server.uploads import client, courier
from server.uploads.courier import Courier, Member, RefusedError
from server.uploads.notebook import Notebook
from storage.postgres import connection
from tests.people import PASSWORD, Person
from tests.resumable import original

CONTENT = os.urandom(3_000_000)
Run = Callable[..., "asyncio.Future[int]"]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    found = tmp_path / "my clip.mp4"
    found.write_bytes(CONTENT)
    return found


@pytest.fixture
def run(ann: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command line as Ann, in another thread as if in another terminal."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("REELWIRE_TOKEN", raising=False)
    origin = f"http://{ann.client.host}:{ann.client.port}"

    def typed(*words: str | Path) -> "asyncio.Future[int]":
        return asyncio.ensure_future(asyncio.to_thread(client.main, ["--url", origin, *map(str, words)]))

    return typed


async def member_of(ann: Person, http: aiohttp.ClientSession) -> Member:
    return await Member.log_in(http, f"http://{ann.client.host}:{ann.client.port}", ann.username, PASSWORD)


async def test_a_file_becomes_a_video(ann: Person, run: Run, clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--login", ann.username, "--password", PASSWORD, "--visibility", "private", "--no-wait")
    assert await run(clip, *words) == 0
    line = capsys.readouterr().out.strip()
    assert line.startswith("my clip.mp4: http://")
    video_id = line.rpartition("/videos/")[2]
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["title"], video["visibility"]) == ("my clip", "private")
    assert await original(ann.client, video_id) == CONTENT
    assert await run(clip, *words) == 0
    assert capsys.readouterr().out.strip() == f"{line} (it was there already)"


async def test_a_token_from_the_environment_and_a_title_will_do(
    ann: Person, run: Run, clip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELWIRE_TOKEN", ann.access)
    assert await run(clip, "--title", "Title", "--description", "d", "--no-wait") == 0
    video_id = capsys.readouterr().out.strip().rpartition("/videos/")[2]
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["title"], video["description"]) == ("Title", "d")


async def test_it_waits_until_the_video_plays_or_fails(
    ann: Person, run: Run, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = run(clip, "--login", ann.email, "--password", PASSWORD)
    assert ann.client.app is not None
    async with connection(ann.client.app[POOL]) as conn:
        changed = "UPDATE 0"
        while changed == "UPDATE 0":
            changed = await conn.execute(
                "UPDATE video SET status = 'failed', error_code = 'unreadable', error_detail = 'No media.' WHERE author_id = $1",
                ann.id,
            )
            await asyncio.sleep(0.01)
    assert await typed == client.REFUSED
    told = capsys.readouterr()
    assert "my clip.mp4: failed" in told.out
    assert "unreadable: No media." in told.err


async def test_what_an_earlier_run_sent_is_not_sent_again(ann: Person, clip: Path, tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "notes.json")
    stopped_at = 0

    def stop_half_way(offset: int) -> None:
        nonlocal stopped_at
        stopped_at = offset
        if offset > 1_500_000:
            raise asyncio.CancelledError

    async with aiohttp.ClientSession() as http:
        with pytest.raises(asyncio.CancelledError):
            await Courier(await member_of(ann, http), notebook).send(clip, {}, stop_half_way)
    places: list[int] = []
    async with aiohttp.ClientSession() as http:
        video_id, duplicate = await Courier(await member_of(ann, http), notebook).send(clip, {}, places.append)
    assert 0 < places[0] <= stopped_at
    assert (places[-1], duplicate) == (3_000_000, False)
    assert await original(ann.client, video_id) == CONTENT


async def test_an_upload_that_has_expired_begins_anew(ann: Person, clip: Path, tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "notes.json")
    async with aiohttp.ClientSession() as http:
        member = await member_of(ann, http)
        url = f"{member.origin}/api/v1/uploads/{ann.id}"
        await asyncio.to_thread(notebook.note, member.origin, member.id, clip, url)
        video_id, _ = await Courier(member, notebook).send(clip, {}, lambda _: None)
        assert await asyncio.to_thread(notebook.find, member.origin, member.id, clip) is None
    assert await original(ann.client, video_id) == CONTENT


async def test_a_token_that_is_over_is_renewed(ann: Person, clip: Path, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        member = await member_of(ann, http)
        member.access = "no.longer.good"
        assert (await member.call("GET", "/api/v1/me"))["id"] == str(ann.id)


Answers = list[Callable[[web.Request], Awaitable[web.Response]]]


async def _answer(status: int, request: web.Request) -> web.Response:
    return web.json_response({"access_token": "good", "refresh_token": "next", "account": {"id": "1"}}, status=status)


async def _break_off(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _break_off_in_the_body(request: web.Request) -> web.Response:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    return await _break_off(request)


async def _hang(request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


@pytest.fixture
async def member_at(aiohttp_server: AiohttpServer) -> AsyncIterator[Callable[[Answers, Answers], Awaitable[Member]]]:
    """A member with a token that is over, at a system whose refreshes and other answers are these, one after the other."""
    async with aiohttp.ClientSession() as http:

        async def begin(refreshes: Answers, others: Answers) -> Member:
            async def refresh(request: web.Request) -> web.Response:
                assert (await request.json())["refresh_token"] == "kept"
                return await refreshes.pop(0)(request)

            async def me(request: web.Request) -> web.Response:
                if others:
                    return await others.pop(0)(request)
                return await _answer(200 if request.headers["Authorization"] == "Bearer good" else 401, request)

            app = web.Application()
            app.router.add_post("/api/v1/sessions/refresh", refresh)
            app.router.add_get("/api/v1/me", me)
            server = await aiohttp_server(app, shutdown_timeout=0.1)
            return Member(http, f"http://{server.host}:{server.port}", "over", "kept")

        yield begin


MemberAt = Callable[[Answers, Answers], Awaitable[Member]]
PASSING = {
    "503": partial(_answer, 503),
    "refresh_in_progress": partial(_answer, 409),
    "500": partial(_answer, 500),
    "520": partial(_answer, 520),
    "broken_off": _break_off,
    "broken_off_in_the_body": _break_off_in_the_body,
}


@pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING)
async def test_a_refresh_that_fails_in_passing_is_tried_again(
    member_at: MemberAt, monkeypatch: pytest.MonkeyPatch, failure: Callable[[web.Request], Awaitable[web.Response]]
) -> None:
    monkeypatch.setattr(courier, "FIRST_PAUSE_SECONDS", 0.001)
    refreshes: Answers = [failure, failure, partial(_answer, 200)]
    member = await member_at(refreshes, [])
    assert (await member.call("GET", "/api/v1/me"))["account"]["id"] == "1"
    assert (member.access, member.refresh_token, refreshes) == ("good", "next", [])


async def test_a_refresh_that_is_refused_ends_the_session(member_at: MemberAt) -> None:
    member = await member_at([partial(_answer, 401)], [])
    with pytest.raises(RefusedError, match="log in again"):
        await member.call("GET", "/api/v1/me")
    assert member.refresh_token is None


async def test_a_refresh_that_is_never_answered_is_given_up_and_the_token_kept(
    member_at: MemberAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "CALL_SECONDS", 0.2)
    monkeypatch.setattr(courier, "TRIES", 1)
    member = await member_at([_hang], [])
    with pytest.raises(RefusedError, match="no answer from"):
        await member.call("GET", "/api/v1/me")
    assert member.refresh_token == "kept"


async def test_an_answer_that_breaks_off_is_asked_for_again(member_at: MemberAt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "FIRST_PAUSE_SECONDS", 0.001)
    member = await member_at([partial(_answer, 200)], [_break_off, _break_off_in_the_body])
    assert (await member.call("GET", "/api/v1/me"))["account"]["id"] == "1"


async def test_a_system_that_breaks_off_every_time_ends_in_a_sentence(
    member_at: MemberAt, run: Run, clip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(courier, "TRIES", 3)
    monkeypatch.setenv("REELWIRE_TOKEN", "x")
    member = await member_at([], [_break_off] * 10)
    assert await run(clip, "--url", member.origin) == client.REFUSED
    assert "no answer from" in capsys.readouterr().err


async def test_a_system_that_is_away_is_given_up_in_the_end(
    ann: Person, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "FIRST_PAUSE_SECONDS", 0.001)
    async with aiohttp.ClientSession() as http:
        away = Member(http, "http://127.0.0.1:9", "x")
        with pytest.raises(RefusedError, match="no answer from"):
            await away.call("GET", "/api/v1/me")


@pytest.mark.parametrize(("content", "why"), [(None, "No such file"), (b"", "0 bytes")])
async def test_files_that_cannot_be_are_said_so_and_the_others_go_on(
    ann: Person, run: Run, clip: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, why: str
) -> None:
    bad = clip.with_name("bad.mp4")
    if content is not None:
        bad.write_bytes(content)
    assert await run(bad, clip, "--login", ann.username, "--password", PASSWORD, "--no-wait") == client.REFUSED
    told = capsys.readouterr()
    assert why in told.err
    assert told.err.count(str(bad)) == 1
    assert "my clip.mp4: http://" in told.out


async def test_a_wrong_password_is_said_so(ann: Person, run: Run, clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(clip, "--login", ann.username, "--password", "wrong wrong") == client.REFUSED
    assert "401" in capsys.readouterr().err


def test_the_bar_tells_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    bar = client.Bar(sys.stderr, "a\x1b[31mb.mp4", 10_000_000, began=0.0, first=0)
    text = bar.text(5_000_000, 2.0)
    assert "\x1b" not in text
    assert "50%" in text
    assert "5.0 of 10.0 MB" in text
    assert "2.5 MB/s" in text


def test_nobody_and_nowhere_are_told_what_to_type(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REELWIRE_TOKEN", "REELWIRE_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    for words, hint in ((["x"], "--url"), (["x", "--url", "http://x"], "--login")):
        with pytest.raises(SystemExit):
            client.main(words)
        assert hint in capsys.readouterr().err
