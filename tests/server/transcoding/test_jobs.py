"""The transcoding job on real stores and real children: from the last byte to `ready`, whatever happens on the way."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from media.errors import MediaError, Unreadable
from media.manifest import Ladder
from media.pool import Pool as MediaPool
from server.kit.work import work
from server.kit.workfolder import job_folder
from server.transcoding import made
from server.transcoding.actions import fail, failure_of
from server.transcoding.jobs import MADE_AGAIN, LeaseLost, Tools, Transcoding
from server.transcoding.originals import OriginalGone
from server.videos import actions, steps
from server.videos.wire import Failure, NewVideo, Part, RawObject, VideoProgressed, Visibility
from storage import job_steps, job_trace
from storage import jobs as queue
from storage.jobs import Lease
from storage.objects import ObjectMissing
from storage.postgres import connection
from tests import videos
from tests.clips import unique
from tests.media.films import Film
from tests.media.hostile import wrecked
from tests.people import Client, Person
from tests.transcoded import tools_of


@pytest.fixture(scope="session")
async def media_pool() -> AsyncIterator[MediaPool]:
    async with MediaPool(processes=2) as pool:
        yield pool


@pytest.fixture
def tools(client: Client, media_pool: MediaPool) -> Tools:
    return tools_of(client, media_pool)


async def _uploaded(tools: Tools, author: Person, data: bytes, visibility: Visibility = "public") -> UUID:
    key = f"uploads/{secrets.token_hex(8)}"
    await tools.store.put(tools.raw_bucket, key, data, content_type="application/octet-stream")
    return await _created(tools, author, RawObject(key, None, [], len(data)), visibility)


async def _created(tools: Tools, author: Person, raw: RawObject, visibility: Visibility = "public") -> UUID:
    assert author.id is not None
    async with work(tools.pool, tools.announcer, author.id) as w:
        new = NewVideo(author.id, "clip", "", visibility, secrets.token_bytes(32), raw)
        return (await actions.create(w, new)).video_id


async def _lease(tools: Tools, video_id: UUID) -> Lease:
    """Lease this video's job; those of other tests go back."""
    async with connection(tools.pool) as conn:
        while True:
            lease = await queue.take(conn, {actions.JOB}, "test")
            assert lease is not None
            if lease.subject_id == video_id:
                return lease
            await queue.end(conn, lease, "of another test")


async def _run(tools: Tools, video_id: UUID, folder: Path) -> Lease:
    lease = await _lease(tools, video_id)
    async with job_folder(folder) as work_folder:
        await Transcoding(tools, lease, work_folder).run()
    return lease


async def _broken_off(tools: Tools, video_id: UUID, folder: Path, *, before: str) -> Lease:
    """A start that is broken off before a step, and handed back; its lease."""

    async def breaks(*_: object) -> None:
        raise asyncio.CancelledError

    lease, kind = await _lease(tools, video_id), type("BrokenOff", (Transcoding,), {before: breaks})
    async with job_folder(folder) as work_folder:
        with pytest.raises(asyncio.CancelledError):
            await kind(tools, lease, work_folder).run()
    async with connection(tools.pool) as conn:
        await queue.hand_back(conn, lease, 0.0)
    return lease


async def test_a_clip_becomes_ready_with_all_its_sources(ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _uploaded(tools, ann, unique())
    await _run(tools, video_id, tmp_path)
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], video["progress"], video["error"]) == ("ready", 1, None)
    assert abs(video["duration_ms"] - 2000) < 100
    assert (video["width"], video["height"]) == (180, 320)
    kinds = [source["type"] for source in video["sources"]]
    assert kinds[:2] == ["video/mp4", "application/vnd.apple.mpegurl"]
    assert video["thumbhash"]
    for source in video["sources"]:
        if source["type"] == "video/mp4":
            key = source["url"].replace("/media/", "videos/").replace("/o/", "/")
            facts = await tools.store.head(tools.media_bucket, key)
            assert facts is not None
            assert facts.size == source["bytes"] < 5_000_000


async def test_a_multipart_original_is_completed_first(ann: Person, tools: Tools, tmp_path: Path) -> None:
    data, key = unique(), f"uploads/{secrets.token_hex(8)}"
    upload = await tools.store.create_multipart(tools.raw_bucket, key, content_type="application/octet-stream")
    part = await tools.store.upload_part(tools.raw_bucket, key, upload, 3, data)
    video_id = await _created(tools, ann, RawObject(key, upload, [Part(3, part.etag)], len(data)))
    await _run(tools, video_id, tmp_path)
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "ready"


async def test_what_is_no_video_fails_with_a_name(ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _uploaded(tools, ann, b"this is not a video\n" * 500)
    lease = await _lease(tools, video_id)
    with pytest.raises(MediaError) as refused:
        await Transcoding(tools, lease, tmp_path).run()
    await fail(tools, lease, failure_of(refused.value))
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], video["error"]["code"], video["progress"] < 1) == ("failed", "unreadable", True)


async def test_progress_does_not_fall_when_a_video_fails(ann: Person, tools: Tools) -> None:
    video_id = await _uploaded(tools, ann, b"nothing")
    lease = await _lease(tools, video_id)
    heard: list[VideoProgressed] = []

    class Ear:
        def announce(self, event: msgspec.Struct) -> None:
            if isinstance(event, VideoProgressed):
                heard.append(event)

        async def settled(self, events: object) -> None:
            pass

    async with work(tools.pool, tools.announcer, None) as w:
        await steps.begin(w.conn, video_id)
        await steps.progress(w.conn, video_id, 0.25)
    await fail(replace(tools, announcer=Ear()), lease, Failure("timed_out", "It took too long."))
    assert [(event.status, event.progress) for event in heard] == [("failed", 0.25)]
    assert (await ann.get(f"/videos/{video_id}")).body["progress"] == 0.25


async def test_a_failed_videos_original_stays_until_no_worker_can_be_at_it(ann: Person, tools: Tools) -> None:
    video_id = await _uploaded(tools, ann, b"nothing")
    await fail(tools, await _lease(tools, video_id), Failure("unreadable", "Not media."))
    async with connection(tools.pool) as conn:
        due = await conn.fetch("SELECT bucket, due_at - now() > '0' AS later FROM object_removal WHERE video_id = $1", video_id)
    assert {(row["bucket"], row["later"]) for row in due} == {("media", True), ("raw", True)}


async def test_a_start_that_lost_its_lease_writes_nothing(ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _uploaded(tools, ann, unique())
    lost = await _lease(tools, video_id)
    async with connection(tools.pool) as conn:
        await queue.hand_back(conn, lost, 0)
    newer = await _lease(tools, video_id)
    assert newer.number == lost.number + 1
    with pytest.raises(LeaseLost):
        await Transcoding(tools, lost, tmp_path).run()
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "uploaded"


async def test_a_second_start_goes_on_behind_the_last_step(
    ann: Person, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladder, reached = Transcoding._ladder, asyncio.Event()

    async def begun(*arguments: Any) -> Ladder:
        reached.set()
        return await ladder(*arguments)

    video_id = await _uploaded(tools, ann, unique())
    first = await _lease(tools, video_id)
    async with job_folder(tmp_path) as folder:
        with monkeypatch.context() as held:
            held.setattr(Transcoding, "_ladder", begun)
            running = asyncio.create_task(Transcoding(tools, first, folder).run())
            waiting = asyncio.create_task(reached.wait())
            await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            assert not running.done(), running.exception()
            running.cancel()
            await asyncio.wait([running])
    played = (await ann.get(f"/videos/{video_id}")).body
    async with connection(tools.pool) as conn:
        await queue.hand_back(conn, first, 0.0)
    second = await _run(tools, video_id, tmp_path)
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], video["published_at"]) == ("ready", played["published_at"])
    async with connection(tools.pool) as conn:
        steps_done = await conn.fetch("SELECT name, lease FROM job_step WHERE job_id = $1 ORDER BY done_at, name", first.id)
    assert [(row["name"], row["lease"]) for row in steps_done] == [
        ("first", first.number),
        ("probe", first.number),
        ("ladder", second.number),
        ("pictures", second.number),
        ("fingerprint", second.number),
    ]
    assert video["poster_url"] == played["poster_url"]
    for path in (video["poster_url"], video["preview_url"], video["storyboard_url"], *(s["url"] for s in video["sources"])):
        assert (await ann.get(path)).status == 200, path


async def test_ladders_step_back_for_whoever_sees_nothing_yet(ann: Person, ben: Person, tools: Tools, tmp_path: Path) -> None:
    video_id, waiting = await _uploaded(tools, ann, unique()), await _uploaded(tools, ben, unique())
    lease = await _run(tools, video_id, tmp_path)
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "playable"
    assert (await _lease(tools, waiting)).phase == queue.FIRST
    async with connection(tools.pool) as conn:
        assert await conn.fetchval("SELECT (state, phase) = ('queued', 1) FROM job WHERE id = $1", lease.id)
    assert (await _lease(tools, video_id)).phase == queue.LATER


async def test_a_video_that_is_deleted_meanwhile_stays_deleted(ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _uploaded(tools, ann, unique())
    lease = await _lease(tools, video_id)
    await ann.delete(f"/videos/{video_id}")
    with pytest.raises(LeaseLost):
        await Transcoding(tools, lease, tmp_path).run()
    assert (await ann.get(f"/videos/{video_id}")).status == 404


async def test_a_video_that_is_deleted_while_its_ladder_is_made_stays_deleted(ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _uploaded(tools, ann, unique(seconds=6, width=540, height=960))
    lease = await _lease(tools, video_id)
    async with job_folder(tmp_path) as folder:
        running = asyncio.create_task(Transcoding(tools, lease, folder).run())
        while (await ann.get(f"/videos/{video_id}")).body["status"] != "playable":
            assert not running.done()
            await asyncio.sleep(0.01)
        assert (await ann.delete(f"/videos/{video_id}")).status == 204
        with pytest.raises(LeaseLost):
            await running
    assert (await ann.get(f"/videos/{video_id}")).status == 404
    async with connection(tools.pool) as conn:
        assert await conn.fetchval("SELECT count(*) FROM rendition WHERE video_id = $1", video_id) == 0


@pytest.mark.parametrize(("plays", "status"), [(False, "failed"), (True, "ready")])
async def test_a_video_whose_original_is_gone_ends_as_it_is(
    client: Client, ann: Person, tools: Tools, tmp_path: Path, plays: bool, status: str
) -> None:
    video_id = await (videos.published if plays else videos.uploaded)(client, ann)
    async with connection(tools.pool) as conn:
        await conn.execute("DELETE FROM raw_object WHERE video_id = $1", video_id)
    lease = await _lease(tools, video_id)
    with pytest.raises(MediaError) as gone:
        await Transcoding(tools, lease, tmp_path).run()
    await fail(tools, lease, failure_of(gone.value), passing=gone.value.retry)
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], video["error"]) == (
        status,
        None if plays else {"code": "internal", "detail": "The original is gone."},
    )
    async with connection(tools.pool) as conn:
        assert await conn.fetchval("SELECT state = 'failed' AND NOT passing FROM job WHERE id = $1", lease.id)


async def test_a_copy_most_of_which_is_damaged_is_withdrawn(ann: Person, ben: Person, tools: Tools, tmp_path: Path) -> None:
    await ben.put(f"/users/{ann.id}/follow")
    video_id = await _uploaded(tools, ann, wrecked(tmp_path / "film.mp4").read_bytes())
    lease = await _broken_off(tools, video_id, tmp_path, before="_ladder")
    assert (await ben.get(f"/videos/{video_id}")).body["status"] == "playable"
    lease = await _lease(tools, video_id)
    async with job_folder(tmp_path) as folder:
        with pytest.raises(Unreadable, match="damaged") as wreck:
            await Transcoding(tools, lease, folder).run()
    await fail(tools, lease, failure_of(wreck.value))

    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], video["error"]["code"], video["sources"]) == ("failed", "unreadable", [])
    assert (await ben.get(f"/videos/{video_id}")).status == 404
    assert (await ben.get("/feed/following")).body["items"] == []
    async with connection(tools.pool) as conn:
        assert await conn.fetchval("SELECT state = 'failed' AND NOT passing FROM job WHERE id = $1", lease.id)
        assert not await conn.fetchval("SELECT EXISTS (SELECT 1 FROM author_file WHERE video_id = $1)", video_id)
        assert {event.event for event in await job_trace.events(conn, lease.id)} >= {"first done", "withdrawn", "failed"}


@pytest.mark.parametrize("plays", [False, True])
async def test_a_video_whose_original_is_not_in_the_store_ends_with_a_name(
    ann: Person, tools: Tools, tmp_path: Path, plays: bool
) -> None:
    video_id = await _uploaded(tools, ann, unique())
    if plays:
        await _broken_off(tools, video_id, tmp_path, before="_ladder")
    async with connection(tools.pool) as conn:
        key = await conn.fetchval("SELECT key FROM raw_object WHERE video_id = $1", video_id)
    lease = await _lease(tools, video_id)
    async with job_folder(tmp_path) as folder:
        with pytest.raises(ObjectMissing):  # whoever has named a wrong bucket loses nothing by it
            await Transcoding(replace(tools, raw_bucket="nowhere"), lease, folder).run()
    await tools.store.delete(tools.raw_bucket, [key])
    async with job_folder(tmp_path) as folder:
        with pytest.raises(OriginalGone) as gone:
            await Transcoding(tools, lease, folder).run()
    await fail(tools, lease, failure_of(gone.value), passing=gone.value.retry)
    video = (await ann.get(f"/videos/{video_id}")).body
    assert video["status"] == ("ready" if plays else "failed")
    assert video["error"] == (None if plays else {"code": "internal", "detail": "The original is gone."})


async def test_a_multipart_original_that_was_aborted_is_gone(ann: Person, tools: Tools, tmp_path: Path) -> None:
    key = f"uploads/{secrets.token_hex(8)}"
    upload = await tools.store.create_multipart(tools.raw_bucket, key, content_type="application/octet-stream")
    part = await tools.store.upload_part(tools.raw_bucket, key, upload, 1, b"bytes")
    await tools.store.abort_multipart(tools.raw_bucket, key, upload)
    video_id = await _created(tools, ann, RawObject(key, upload, [Part(1, part.etag)], 5))
    with pytest.raises(OriginalGone):
        await _run(tools, video_id, tmp_path)


@pytest.mark.parametrize("replaced", [True, False])
async def test_a_ladder_that_is_lost_before_its_video_is_ready_is_made_again(
    client: Client, ann: Person, tools: Tools, tmp_path: Path, replaced: bool
) -> None:
    film = Film(seconds=1.0, sound="", options={"preset": "ultrafast", "g": "30", "bf": "0"})
    data = unique() if replaced else film.write(tmp_path / "film.mp4").read_bytes() + secrets.token_bytes(8)
    video_id = await _uploaded(tools, ann, data)
    first = await _broken_off(tools, video_id, tmp_path, before="_pictures")
    async with connection(tools.pool) as conn:
        ladder = (await job_steps.done(conn, first))["ladder"]
    track = made.smallest(msgspec.json.decode(ladder.result, type=Ladder)).track
    await tools.store.delete(tools.media_bucket, [f"videos/{video_id}/{first.number}/{track}"])
    second = await _run(tools, video_id, tmp_path)

    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], video["sources"][1]["type"]) == ("ready", "application/vnd.apple.mpegurl")
    for path in (video["poster_url"], video["preview_url"], video["storyboard_url"], *(s["url"] for s in video["sources"])):
        assert (await ann.get(path)).status == 200, path
    async with connection(tools.pool) as conn:
        numbers = {name: step.generation for name, step in (await job_steps.done(conn, second)).items()}
        assert await job_trace.happened(conn, second.id, MADE_AGAIN)
    assert numbers.pop("probe") == first.number
    assert numbers.pop("first") == (second if replaced else first).number
    assert set(numbers.values()) == {second.number}


async def test_a_lost_ladder_stays_as_it_is_where_nothing_can_be_made_again(ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _uploaded(tools, ann, unique())
    first = await _broken_off(tools, video_id, tmp_path, before="_pictures")
    async with connection(tools.pool) as conn:
        ladder = (await job_steps.done(conn, first))["ladder"]
        key = await conn.fetchval("SELECT key FROM raw_object WHERE video_id = $1", video_id)
    track = made.smallest(msgspec.json.decode(ladder.result, type=Ladder)).track
    await tools.store.delete(tools.media_bucket, [f"videos/{video_id}/{first.number}/{track}"])
    await tools.store.delete(tools.raw_bucket, [key])
    with pytest.raises(OriginalGone):
        await _run(tools, video_id, tmp_path)
    async with connection(tools.pool) as conn:
        assert "ladder" in await job_steps.done(conn, first)


async def test_deleting_and_failing_at_once_do_not_block_each_other(ann: Person, tools: Tools) -> None:
    for _ in range(10):
        video_id = await _uploaded(tools, ann, b"nothing")
        lease = await _lease(tools, video_id)
        failing = fail(tools, lease, Failure("unreadable", "Not media."))
        _, deleted = await asyncio.gather(failing, ann.delete(f"/videos/{video_id}"))
        assert deleted.status == 204


async def test_a_clip_without_sound_plays(ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _uploaded(tools, ann, unique(sound=False))
    await _run(tools, video_id, tmp_path)
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "ready"


@pytest.mark.parametrize(("seconds", "kept"), [(2, True), (1, False)])
async def test_a_clip_is_fingerprinted_unless_it_is_too_short(
    ann: Person, tools: Tools, tmp_path: Path, seconds: int, kept: bool
) -> None:
    video_id = await _uploaded(tools, ann, unique(seconds=seconds))
    lease = await _run(tools, video_id, tmp_path)
    async with connection(tools.pool) as conn:
        keys = await conn.fetchval("SELECT keys FROM fingerprint WHERE video_id = $1", video_id)
        done = await conn.fetchval("SELECT result FROM job_step WHERE job_id = $1 AND name = 'fingerprint'", lease.id)
        assert (keys is not None) == kept
        assert msgspec.json.decode(done) == {"moments": 8 * seconds}
        assert (await ann.delete(f"/videos/{video_id}")).status == 204
        assert await conn.fetchval("SELECT count(*) FROM fingerprint WHERE video_id = $1", video_id) == 0
