"""The demo on a whole system in this process: it fills it once, and then leaves it alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from media import clips
from server import demo, worker
from server.demo.api import Api, Refused
from server.demo.cast import CLIPS, COMMENTS, MEMBERS, PASSWORD, VIEWER, Clip, Member
from server.demo.filling import Added, Filling
from server.settings import Settings
from tests.people import Client, Person

SMALL = Clip(2, "clara", 1.0, "A small one #demo")
FEW = tuple(member for member in MEMBERS if member.username in {SMALL.author, "maya", "oscar"})
"""Each is signed up, drawn and followed like all the others."""


@pytest.fixture
async def api(client: Client) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Api(http, str(client.make_url("")).rstrip("/"))


@pytest.fixture
async def running_worker(empty_queue: None, settings: Settings, tmp_path: Path) -> AsyncIterator[None]:
    """With nothing to do but what the demo wants."""
    runner = web.AppRunner(worker.application(settings, tmp_path))
    await runner.setup()
    yield
    await runner.cleanup()


@pytest.mark.usefixtures("running_worker")
async def test_an_empty_system_is_filled_once(api: Api, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.demo.filling.MEMBERS", FEW)
    monkeypatch.setattr("server.avatars.actions.WAIT_SECONDS", 100.0)
    monkeypatch.setattr("server.avatars.routes.SECONDS", 120.0)

    def filling() -> Filling:
        return Filling(api, said.append, tmp_path, [SMALL], width=180, height=320)

    said: list[str] = []
    added = await filling().run()
    assert added.accounts in (0, len(FEW) + 1)  # another test may have signed them up
    assert added.faces == len(FEW) + 1
    assert added.clips == 1
    assert added.comments >= 1
    assert any(SMALL.title in line and "plays" in line for line in said)

    viewer = await api.enter(VIEWER)
    watching = Person(client, access=viewer.token)
    (item,) = (await watching.get("/feed/following")).body["items"]
    assert (item["title"], item["hashtags"]) == (SMALL.title, ["demo"])
    assert item["author"]["display_name"] == "Clara Novak"
    face = await watching.get(item["author"]["avatar_url"])
    assert face.headers["Content-Type"] == "image/jpeg"
    assert item["top_comments"]
    author = await api.enter(next(member for member in FEW if member.username == SMALL.author))
    stats = (await Person(client, access=author.token).get(f"/videos/{item['id']}/stats")).body
    assert stats["watching"]["viewers"] == len(FEW) - 1
    assert (await watching.get(f"/users/{viewer.id}")).body["counts"]["following"] in (len(FEW), len(MEMBERS))

    assert await filling().run() == Added()


async def test_the_command_says_how_to_log_in(
    api: Api, client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("server.avatars.actions.WAIT_SECONDS", 0.0)  # no worker comes
    monkeypatch.setenv("REELWIRE_ENVIRONMENT", "development")
    origin = str(client.make_url(""))
    assert await asyncio.to_thread(demo.main, ["--clips=0", f"--url={origin}"]) == 0
    said = capsys.readouterr().out
    assert f"Open {origin.rstrip('/')} and log in as  {VIEWER.username}  with the password  {PASSWORD}" in said
    assert (await api.enter(VIEWER)).new is False


async def test_a_stranger_with_a_name_of_the_demo_is_left_alone(api: Api, ann: Person) -> None:
    with pytest.raises(Refused, match="not the demo's"):
        await api.enter(Member(ann.username, "Ann", "", "", 0))


async def test_a_refusal_says_what_was_refused(api: Api) -> None:
    with pytest.raises(Refused, match=r"GET /users/nobody_at_all .* 404: .*not_found"):
        await api.call("GET", "/users/nobody_at_all")


def test_production_is_never_filled(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("REELWIRE_ENVIRONMENT", "production")
    assert demo.main(["--url", "http://127.0.0.1:1"]) == 2
    said = capsys.readouterr().out
    assert "refuses" in said
    assert PASSWORD not in said


def test_a_system_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("server.demo.api.ATTEMPTS", 1)
    monkeypatch.setenv("REELWIRE_ENVIRONMENT", "development")
    assert demo.main(["--url=http://127.0.0.1:1/"]) == 1
    assert "no answer from http://127.0.0.1:1" in capsys.readouterr().out


def test_the_cast_fits_the_rules() -> None:
    names = {member.username for member in MEMBERS}
    assert {clip.author for clip in CLIPS} == names
    assert len(CLIPS) >= 12
    assert len({clips.scene(clip.seed).title for clip in CLIPS}) == len(CLIPS)
    assert len({clips.scene(member.seed).title for member in (*MEMBERS, VIEWER)}) == len(MEMBERS) + 1
    assert all(len(clip.title) <= 150 and "#" in clip.title for clip in CLIPS)
    assert all(len(member.bio) <= 160 for member in (*MEMBERS, VIEWER))
    assert all(1 <= len(comment) <= 160 for comment in COMMENTS)
    assert len(COMMENTS) >= len(MEMBERS)
