"""The worker as a whole: it finds work by itself, hands back what it cannot end, and gives up what never ends."""

import asyncio
import errno
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from media.facts import Probe
from media.manifest import FirstSource, Ladder
from server import worker
from server.avatars import actions as avatars
from server.avatars import routes as avatar_routes
from server.avatars.actions import AVATAR_JOB
from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import work
from server.posters import actions as posters
from server.posters import routes as poster_routes
from server.settings import Settings
from server.transcoding.jobs import Tools, Transcoding
from server.transcoding.originals import Thawing
from server.videos import actions
from server.videos.wire import NewVideo, RawObject
from server.worker import KINDS
from storage import job_trace, jobs
from storage.jobs import Lease
from storage.postgres import connection
from tests.clips import unique
from tests.media import stills
from tests.people import Client, Person
from tests.waiting import until

SECONDS = 200.0

pytestmark = pytest.mark.timeout(400)


@dataclass
class Endless:
    """A start of a job of this kind that says that it runs, and does so until it is broken off."""

    kind: str
    started: list[str]

    @classmethod
    def of(cls, kind: str, started: list[str]) -> Callable[[Tools, Lease, Path], "Endless"]:
        return lambda *_: cls(kind, started)

    async def run(self) -> None:
        self.started.append(self.kind)
        await asyncio.Event().wait()


@dataclass
class Broken:
    """A start that fails, by and by in each of these ways."""

    ways: list[Callable[[], None]]
    told: list[Lease]
    lease: Lease

    async def run(self) -> None:
        self.told.append(self.lease)
        self.ways[(len(self.told) - 1) % len(self.ways)]()


def _bug() -> None:
    raise ValueError(secrets.token_hex(8))


def _other_bug() -> None:
    raise KeyError


def _full() -> None:
    raise OSError(errno.ENOSPC, "no space left")


def _frozen() -> None:
    raise Thawing


def _breaking(monkeypatch: pytest.MonkeyPatch, *ways: Callable[[], None]) -> list[Lease]:
    """From here on videos' jobs fail in these ways; their starts."""
    told: list[Lease] = []
    kind = replace(KINDS[actions.JOB], start=lambda _, lease, __: Broken(list(ways), told, lease))
    monkeypatch.setattr(worker, "KINDS", {**KINDS, actions.JOB: kind})
    monkeypatch.setattr(worker, "BACKOFF_SECONDS", (0.0, 0.0))
    return told


@asynccontextmanager
async def _working(settings: Settings, folder: Path) -> AsyncIterator[web.Application]:
    app = worker.application(settings, folder)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        yield app
    finally:
        await runner.cleanup()


async def _uploaded(client: Client, author: Person, data: bytes | None) -> UUID:
    assert author.id is not None
    app, key = client.app, f"uploads/{secrets.token_hex(8)}"
    if data is not None:
        await app[STORE].put(app[SETTINGS].s3_raw_bucket, key, data, content_type="application/octet-stream")
    async with work(app[POOL], app[ANNOUNCER], author.id) as w:
        raw = RawObject(key, None, [], len(data or b""))
        new = NewVideo(author.id, "clip", "", "public", secrets.token_bytes(32), raw)
        return (await actions.create(w, new)).video_id


async def _until(author: Person, video_id: UUID, *statuses: str) -> dict[str, object]:
    async with asyncio.timeout(SECONDS):
        while True:
            video: dict[str, object] = (await author.get(f"/videos/{video_id}")).body
            if video["status"] in statuses:
                return video
            await asyncio.sleep(0.05)


async def _state(client: Client, video_id: UUID) -> tuple[str, int]:
    async with connection(client.app[POOL]) as conn:
        row = await conn.fetchrow("SELECT state, faults FROM job WHERE subject_id = $1", video_id)
    assert row is not None
    return row["state"], row["faults"]


@pytest.mark.usefixtures("empty_queue")
async def test_an_upload_becomes_ready_by_itself(client: Client, ann: Person, settings: Settings, tmp_path: Path) -> None:
    async with _working(settings, tmp_path):
        video_id = await _uploaded(client, ann, unique())
        video = await _until(ann, video_id, "ready")
    assert video["progress"] == 1
    assert await _state(client, video_id) == ("done", 0)


@pytest.mark.usefixtures("empty_queue")
async def test_a_worker_that_stops_hands_its_job_back_without_blame(
    client: Client, ann: Person, settings: Settings, tmp_path: Path
) -> None:
    video_id = await _uploaded(client, ann, unique(seconds=4, width=540, height=960))
    async with _working(settings, tmp_path):
        await _until(ann, video_id, "processing", "playable")
    assert await _state(client, video_id) == ("queued", 0)
    async with _working(settings, tmp_path):
        await _until(ann, video_id, "ready")


@pytest.mark.usefixtures("empty_queue")
async def test_a_file_that_is_no_video_fails_at_the_first_try(
    client: Client, ann: Person, settings: Settings, tmp_path: Path
) -> None:
    async with _working(settings, tmp_path):
        video_id = await _uploaded(client, ann, b"plain text\n" * 1000)
        video = await _until(ann, video_id, "failed")
    assert video["error"] == {"code": "unreadable", "detail": video["error"]["detail"]}  # type: ignore[index]
    assert await _state(client, video_id) == ("failed", 0)


@pytest.mark.usefixtures("empty_queue")
async def test_a_job_that_broke_off_too_often_fails_with_a_name(
    client: Client, ann: Person, settings: Settings, tmp_path: Path
) -> None:
    video_id = await _uploaded(client, ann, unique())
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE job SET faults = $2 WHERE subject_id = $1", video_id, settings.job_attempts)
    async with _working(settings, tmp_path):
        video = await _until(ann, video_id, "failed")
    assert video["error"]["code"] == "internal"  # type: ignore[index]


@pytest.mark.usefixtures("empty_queue")
async def test_what_fails_twice_in_the_same_way_ends_and_the_next_version_tries_again(
    client: Client, ann: Person, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        told = _breaking(patched, _bug)
        async with _working(settings, tmp_path):
            video_id = await _uploaded(client, ann, unique())
            video = await _until(ann, video_id, "failed")
    assert video["error"] == {"code": "internal", "detail": worker.BROKE_OFF.detail}
    assert [lease.mark != "" for lease in told] == [False, True]
    async with connection(client.app[POOL]) as conn:
        job = await job_trace.find(conn, video_id, actions.JOB)
        assert job is not None
        [detail] = [event.detail for event in await job_trace.events(conn, job.id) if event.event == "broke off"]
    assert "ValueError at tests.server.test_worker:" in detail
    async with _working(settings, tmp_path) as app:
        await until(lambda: app[worker.WORKER].running == {}, "nothing to do")
        assert (await _state(client, video_id))[0] == "failed"
    monkeypatch.setattr(worker, "VERSION", "the next one")
    async with _working(settings, tmp_path):
        await _until(ann, video_id, "ready")


@pytest.mark.usefixtures("empty_queue")
async def test_what_an_archive_never_hands_out_is_waited_for_no_longer(
    client: Client, ann: Person, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await _uploaded(client, ann, unique())
    async with connection(client.app[POOL]) as conn:
        job = await job_trace.find(conn, video_id, actions.JOB)
        assert job is not None
        _breaking(monkeypatch, _frozen)
        async with _working(settings, tmp_path):
            while await job_trace.first(conn, job.id, worker.HANDED_BACK, worker.THAWS, 60.0) is None:
                await asyncio.sleep(0.02)
        await conn.execute("UPDATE job_event SET at = at - interval '73 hours' WHERE job_id = $1", job.id)
        await conn.execute("UPDATE job SET run_at = now() WHERE id = $1", job.id)
    _breaking(monkeypatch, _frozen)
    async with _working(settings, tmp_path):
        video = await _until(ann, video_id, "failed")
    assert video["error"] == {"code": "internal", "detail": worker.NEVER_THAWED.detail}


@pytest.mark.usefixtures("empty_queue")
@pytest.mark.parametrize("ways", [(_full,), (_bug, _other_bug), (_bug, _full)])
async def test_what_may_pass_or_fails_in_other_ways_is_tried_to_the_end(
    client: Client,
    ann: Person,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ways: tuple[Callable[[], None], ...],
) -> None:
    told = _breaking(monkeypatch, *ways)
    async with _working(settings, tmp_path):
        await _until(ann, await _uploaded(client, ann, unique()), "failed")
    assert len(told) == settings.job_attempts


@pytest.mark.usefixtures("empty_queue")
async def test_a_lost_worker_is_followed_by_another(client: Client, ann: Person, settings: Settings, tmp_path: Path) -> None:
    video_id = await _uploaded(client, ann, unique())
    async with connection(client.app[POOL]) as conn:
        await conn.execute(
            "UPDATE job SET state = 'leased', lease = 1, leased_by = 'killed', leased_until = now() WHERE subject_id = $1",
            video_id,
        )
    async with _working(settings, tmp_path):
        await _until(ann, video_id, "ready")
    assert await _state(client, video_id) == ("done", 1)


async def test_a_worker_says_how_it_is(settings: Settings, tmp_path: Path) -> None:
    async with _working(settings, tmp_path) as app:
        routes = {route.resource.canonical for route in app.router.routes() if route.resource}
    assert {"/healthz", "/readyz", "/metrics"} <= routes


@pytest.mark.usefixtures("empty_queue")
async def test_a_failure_that_nobody_thought_of_does_not_end_the_search_for_work(
    client: Client, ann: Person, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with _working(settings, tmp_path), connection(client.app[POOL]) as conn:
        await conn.execute("ALTER TABLE job RENAME COLUMN kind TO sort")
        try:
            await until(lambda: "no job can be leased" in caplog.text, "the failure")
        finally:
            await conn.execute("ALTER TABLE job RENAME COLUMN sort TO kind")
        await _until(ann, await _uploaded(client, ann, unique()), "ready")


@pytest.mark.usefixtures("empty_queue")
async def test_a_poster_is_made_while_its_author_waits(
    client: Client, ann: Person, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posters, "WAIT_SECONDS", 100.0)
    monkeypatch.setattr(poster_routes, "SECONDS", 120.0)
    async with _working(settings, tmp_path):
        video_id = await _uploaded(client, ann, unique())
        await _until(ann, video_id, "ready")
        chosen = await ann.put(f"/videos/{video_id}/poster", json={"at_ms": 1000})
        refused = await ann.put(f"/videos/{video_id}/poster", data=b"no picture", headers={"Content-Type": "image/png"})
    assert chosen.status == 200
    assert (await ann.get(chosen.body["poster_url"])).status == 200
    assert (refused.status, refused.fields) == (422, {"file"})
    assert (await ann.get(f"/videos/{video_id}")).body == chosen.body


@pytest.mark.usefixtures("empty_queue")
async def test_a_picture_of_oneself_is_shown_while_one_waits(
    client: Client, ann: Person, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(avatars, "WAIT_SECONDS", 100.0)
    monkeypatch.setattr(avatar_routes, "SECONDS", 120.0)
    photo = stills.saved(tmp_path / "photo.webp").read_bytes()
    async with _working(settings, tmp_path):
        shown = await ann.put("/me/avatar", data=photo, headers={"Content-Type": "image/webp"})
        refused = await ann.put("/me/avatar", data=b"no picture", headers={"Content-Type": "image/webp"})
    assert shown.status == 200
    assert (await ann.get(shown.body["avatar_url"])).status == 200
    assert (refused.status, refused.fields) == (422, {"file"})


@pytest.mark.usefixtures("empty_queue")
async def test_stills_run_one_of_a_kind_at_a_time_and_beside_uploads(
    client: Client, ann: Person, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(worker, "KINDS", {name: replace(kind, start=Endless.of(name, started)) for name, kind in KINDS.items()})
    async with connection(client.app[POOL]) as conn:
        for _ in range(5):
            await jobs.enqueue(conn, actions.POSTER_JOB, uuid4(), uuid4())
            await jobs.enqueue(conn, AVATAR_JOB, uuid4(), uuid4())
        for _ in range(5):
            await jobs.enqueue(conn, actions.JOB, uuid4(), uuid4())
    async with _working(replace(settings, worker_processes=2), tmp_path) as app:
        await until(lambda: started.count(actions.JOB) == 3, "two uploads, and one more that is first")
        await until(lambda: len(app[worker.WORKER].running) == 5, "the stills")
        assert (started.count(actions.POSTER_JOB), started.count(AVATAR_JOB)) == (1, 1)
        assert app[worker.WORKER].threads() == 1


@pytest.mark.usefixtures("empty_queue")
@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (4, 4), (64, worker.MOST_THREADS)])
async def test_a_clip_that_is_alone_has_the_cores_that_there_are_but_not_dozens(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int, threads: int
) -> None:
    monkeypatch.setattr(worker, "cores", lambda: cores)
    monkeypatch.setattr(worker, "KINDS", {name: replace(kind, start=Endless.of(name, [])) for name, kind in KINDS.items()})
    async with _working(replace(settings, worker_processes=0), tmp_path) as app, connection(client.app[POOL]) as conn:
        found = app[worker.WORKER]
        assert (found.slots, found.threads()) == (cores, threads)
        await jobs.enqueue(conn, actions.JOB, uuid4(), uuid4())
        await jobs.enqueue(conn, actions.POSTER_JOB, uuid4(), uuid4())
        await until(lambda: len(found.running) == 2, "an upload and a poster")
        assert found.threads() == threads, "a poster beside it takes nothing away"


@pytest.mark.usefixtures("empty_queue")
async def test_an_upload_plays_at_once_while_there_are_as_many_ladders_as_slots(
    client: Client, ann: Person, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[UUID] = []
    go = asyncio.Event()

    class LongLadder(Transcoding):
        async def _ladder(self, facts: Probe, first: FirstSource) -> Ladder:
            begun.append(self.video_id)
            await go.wait()
            return await super()._ladder(facts, first)

    monkeypatch.setattr(worker, "KINDS", {**KINDS, actions.JOB: replace(KINDS[actions.JOB], start=LongLadder)})
    async with _working(replace(settings, worker_processes=1), tmp_path) as app:
        videos = []
        for _ in range(4):
            videos.append(await _uploaded(client, ann, unique(seconds=1)))
            await _until(ann, videos[-1], "playable")
        await until(lambda: len(app[worker.WORKER].running) == 1, "the others have stepped back")
        assert begun == videos[:1]
        go.set()
        for video_id in videos:
            await _until(ann, video_id, "ready")
    assert sorted(begun) == sorted(videos)
