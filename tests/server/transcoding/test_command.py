"""`reelwire jobs` as an operator types it."""

import asyncio
import json
from uuid import uuid4

import pytest

from media.pool import Pool as MediaPool
from server.__main__ import main
from server.kit.request import POOL
from server.transcoding import actions
from server.videos.wire import Failure
from stack.embedded import Stores
from storage import job_steps, job_trace
from storage.job_steps import Step
from storage.job_trace import MAX_EVENTS
from storage.postgres import connection
from tests import videos
from tests.conftest import SECRET
from tests.people import Client, Person
from tests.sockets import listening
from tests.transcoded import job_of, lease, tools_of

CANCELLED = "Processing was cancelled by the operator."


@pytest.fixture(autouse=True)
def environment(real_stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    of_stack = {"REELWIRE_ENVIRONMENT": "development", "REELWIRE_SECRET_KEYS": SECRET}
    for name, value in (real_stores.environment() | of_stack).items():
        monkeypatch.setenv(name, value)


async def _jobs(*words: object) -> int:
    return await asyncio.to_thread(main, ["jobs", *map(str, words)])


async def test_jobs_are_listed_newest_first_with_what_went_wrong(
    client: Client, ann: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    older, newer = await videos.uploaded(client, ann), await videos.uploaded(client, ann)
    tools = tools_of(client, MediaPool(processes=1))
    await actions.fail(tools, await lease(client, older), Failure("unreadable", "Not\x1b[2Jmedia."))
    assert await _jobs("list", "--about", ann.id) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["job", "kind", "state", "phase", "age", "video", "account", "faults", "last", "error"]
    assert first.split()[:3] == [str((await job_of(client, newer)).id), "transcode", "queued"]
    assert [str(older) in second, "failed" in second, second.endswith("unreadable: Not�[2Jmedia.")] == [True] * 3
    assert await _jobs("list", "--about", ann.id, "--state", "failed", "--json") == 0
    assert [job["subject_id"] for job in json.loads(capsys.readouterr().out)] == [str(older)]
    assert await _jobs("list", "--about", ann.id, "--limit", 1) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


async def test_a_job_is_shown_by_its_own_id_and_by_its_videos(
    client: Client, ann: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    video_id = await videos.uploaded(client, ann)
    found = await lease(client, video_id)
    async with connection(client.app[POOL]) as conn:
        await job_steps.record(conn, found, Step("probe", found.number, b"{}", 1.25, 40 << 20))
    assert await _jobs("cancel", video_id) == 0
    assert capsys.readouterr().out == f"job {found.id} of video {video_id} is cancelled\n"
    for of in (found.id, video_id):
        assert await _jobs("show", of) == 0
        said = capsys.readouterr().out
        assert "1.2 s    40 MiB" in said
        assert "cancelled by hand" in said
    assert await _jobs("show", video_id, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["job"]["state"], shown["steps"][0]["peak_bytes"]) == ("cancelled", 40 << 20)
    assert [event["event"] for event in shown["events"]] == ["cancelled by hand"]
    assert await _jobs("retry", video_id) == 0
    assert capsys.readouterr().out == f"job {found.id} of video {video_id} is queued\n"
    assert (await job_of(client, video_id)).state == "queued"


async def test_what_cannot_be_done_is_one_line_and_exit_1(
    client: Client, ann: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    video_id = await videos.uploaded(client, ann)
    for words in (("show", uuid4()), ("retry", uuid4()), ("cancel", uuid4()), ("retry", video_id)):
        assert await _jobs(*words) == 1
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n"), said.err.startswith("reelwire jobs: ")) == ("", 1, True)


@pytest.mark.parametrize(("plays", "event"), [(False, "video.failed"), (True, "video.ready")])
async def test_an_author_who_looks_sees_at_once_that_a_job_was_cancelled(
    client: Client, ann: Person, plays: bool, event: str
) -> None:
    video_id = await (videos.published if plays else videos.uploaded)(client, ann)
    async with listening(str(client.make_url("/")).rstrip("/"), ann.access) as ear:
        await ear.of_type("welcome")
        assert await _jobs("cancel", video_id) == 0
        frame = await ear.frame(lambda frame: frame.get("event") == event)
    video = (await ann.get(f"/videos/{video_id}")).body
    assert frame["data"] == {field: video[field] for field in ("id", "status", "progress", "error")}
    assert (frame["position"], frame["data"]["error"]) == (None, None if plays else {"code": "internal", "detail": CANCELLED})


async def test_without_a_broker_it_is_done_and_said(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    video_id = await videos.uploaded(client, ann)
    monkeypatch.setenv("REELWIRE_VALKEY_URL", "redis://127.0.0.1:1")
    assert await _jobs("cancel", video_id) == 0
    said = capsys.readouterr()
    assert said.out.endswith(" is cancelled\n")
    assert said.err.startswith("reelwire jobs: it is done, and could not be announced: ")
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "failed"


@pytest.mark.parametrize("words", [[], ["dust"], ["show"], ["show", "x"], ["list", "--state", "lost"], ["list", "--limit", "0"]])
def test_wrong_words_are_exit_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["jobs", *words])
    assert ended.value.code == 2


def test_a_database_that_is_away_is_one_line_and_exit_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REELWIRE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert main(["jobs", "list"]) == 3
    assert capsys.readouterr().err.startswith("reelwire jobs: PostgreSQL does not answer: ")


async def test_of_very_many_events_the_newest_are_shown(client: Client, ann: Person) -> None:
    job = await job_of(client, await videos.uploaded(client, ann))
    async with connection(client.app[POOL]) as conn:
        for number in range(MAX_EVENTS + 2):
            await job_trace.note_of(conn, job.id, number, "started")
        events = await job_trace.events(conn, job.id)
    assert [event.lease for event in events] == list(range(2, MAX_EVENTS + 2))
