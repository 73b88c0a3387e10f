"""Videos and jobs that do not agree are made to, and those that do are left alone."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from media.pool import Pool as MediaPool
from server.kit.request import POOL, SETTINGS, STORE
from server.transcoding import actions, queries, reconcile, strays
from server.videos import steps
from server.videos.actions import JOB
from server.videos.wire import Failure
from storage import jobs, walks
from storage.jobs import MOST_FAILURES
from storage.objects import PART_BYTES, StoreUnavailable
from storage.postgres import connection
from tests import videos
from tests.people import Client, Person, sign_up
from tests.sharers import complete, upload
from tests.transcoded import counted, events_of, job_of, lease, removals_of, tools_of


async def _look_at(client: Client, video_id: UUID) -> None:
    """A slice of the walk that begins with this video."""
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, "unfinished videos", str(UUID(int=video_id.int - 1)))
    await reconcile.look_at_videos(client.app, young_seconds=0)


async def _status(author: Person, video_id: UUID) -> str:
    return str((await author.get(f"/videos/{video_id}")).body["status"])


async def _set(client: Client, video_id: UUID, what: str) -> None:
    async with connection(client.app[POOL]) as conn:
        await conn.execute(f"UPDATE job SET {what} WHERE subject_id = $1", video_id)


async def test_a_video_without_a_job_gets_one_whose_starts_are_numbered_on(client: Client, ann: Person) -> None:
    video_id, app = await videos.uploaded(client, ann), client.app
    key, before = f"videos/{video_id}/7/v.mp4", counted("job_missing")
    await app[STORE].put(app[SETTINGS].s3_bucket, key, b"x", content_type="video/mp4")
    async with connection(app[POOL]) as conn:
        await conn.execute("DELETE FROM job WHERE subject_id = $1", video_id)
    await _look_at(client, video_id)
    job = await job_of(client, video_id)
    assert (job.state, job.lease) == ("queued", 7)
    assert counted("job_missing") >= before + 1
    await _look_at(client, video_id)
    assert (await job_of(client, video_id)).id == job.id


@pytest.mark.parametrize(
    ("named", "number"),
    [
        ("UPDATE video SET generation = 7 WHERE id = $1", 7),
        ("UPDATE video SET audio_generation = 7 WHERE id = $1", 7),
        ("UPDATE video SET storyboard = '7/storyboard.vtt' WHERE id = $1", 7),
        ("UPDATE rendition SET generation = 7 WHERE video_id = $1", 7),
        ("INSERT INTO shared_generation VALUES ($1, 7, gen_random_uuid(), 1, NULL)", 7),
        ("INSERT INTO media_user VALUES ($1, 7, gen_random_uuid())", 7),
        ("SELECT $1::uuid", 1),
    ],
)
async def test_no_number_is_given_again_that_a_row_names(client: Client, ann: Person, named: str, number: int) -> None:
    """Where nothing of it is in the store: what names it would show what is stored there next."""
    video_id = await videos.published(client, ann)
    async with connection(client.app[POOL]) as conn:
        await conn.execute(named, video_id)
        await conn.execute("DELETE FROM job WHERE subject_id = $1", video_id)
    await _look_at(client, video_id)
    assert (await job_of(client, video_id)).lease == number


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
async def test_a_video_that_was_not_finished_by_its_job_is_queued_again(client: Client, ann: Person, state: str) -> None:
    video_id = await videos.uploaded(client, ann)
    await _set(client, video_id, f"state = '{state}', ended_at = now()")
    await _look_at(client, video_id)
    job = await job_of(client, video_id)
    assert job.state == "queued"
    assert await events_of(client, job) == ["queued by the reconciler"]
    assert await _status(ann, video_id) == "uploaded"


async def test_what_waits_runs_or_is_tried_again_is_left_alone(client: Client, ann: Person) -> None:
    waiting, running, passing = [await videos.published(client, ann) for _ in range(3)]
    await lease(client, running)
    await _set(client, waiting, "state = 'queued'")
    await _set(client, passing, "state = 'failed', passing = true, failures = 1, ended_at = now()")
    await _look_at(client, waiting)
    assert [(await job_of(client, one)).state for one in (waiting, running, passing)] == ["queued", "leased", "failed"]
    assert [await _status(ann, one) for one in (waiting, running, passing)] == ["playable"] * 3


@pytest.mark.parametrize(
    "how", ["passing = false", "passing = true, mark = 'same'", f"passing = true, failures = {MOST_FAILURES}"]
)
async def test_what_plays_and_is_not_tried_again_is_ready(client: Client, ann: Person, how: str) -> None:
    video_id = await videos.published(client, ann)
    await _set(client, video_id, f"state = 'failed', ended_at = now(), {how}")
    await _look_at(client, video_id)
    assert await _status(ann, video_id) == "ready"
    assert (await job_of(client, video_id)).state == "failed"


async def test_what_has_no_original_any_more_ends_as_it_is(client: Client, ann: Person) -> None:
    plays, does_not = await videos.published(client, ann), await videos.uploaded(client, ann)
    async with connection(client.app[POOL]) as conn:
        await conn.execute("DELETE FROM raw_object WHERE video_id = ANY($1)", [plays, does_not])
        await conn.execute("UPDATE job SET state = 'done', ended_at = now() WHERE subject_id = ANY($1)", [plays, does_not])
    await _look_at(client, plays)
    assert await _status(ann, plays) == "ready"
    video = (await ann.get(f"/videos/{does_not}")).body
    assert (video["status"], video["error"]["code"]) == ("failed", "internal")


async def test_a_job_whose_video_is_gone_is_cancelled(client: Client, ann: Person) -> None:
    gone, there = uuid4(), await videos.uploaded(client, ann)
    async with connection(client.app[POOL]) as conn:
        await jobs.enqueue(conn, JOB, gone, uuid4())
        await walks.move(conn, "open jobs", "")
    while True:
        await reconcile.look_at_jobs(client.app)
        async with connection(client.app[POOL]) as conn:
            if not await walks.position(conn, "open jobs"):
                break
    assert (await job_of(client, gone)).state == "cancelled"
    assert (await job_of(client, there)).state == "queued"


async def test_a_whole_run_holds_on_an_empty_store_and_a_full_database(client: Client, ann: Person) -> None:
    tools = tools_of(client, MediaPool(processes=1))
    video_id = await videos.uploaded(client, ann)
    await actions.fail(tools, await lease(client, video_id), Failure("timed_out", "Slow."), passing=True)
    await _set(client, video_id, "ended_at = now() - interval '1 hour'")
    await reconcile.reconcile(client.app)
    assert (await job_of(client, video_id)).state == "queued"


async def test_what_cannot_be_mended_holds_up_no_other_and_does_not_hold_the_walk(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = await videos.uploaded(client, ann), await videos.uploaded(client, ann)
    for video_id in (bad, good):
        await _set(client, video_id, "state = 'done', ended_at = now()")
    mend = reconcile._mend

    async def break_off(app: object, video: queries.Unfinished, last_start: int | None) -> None:
        if video.id == bad:
            raise ValueError("a video that nobody thought of")
        await mend(client.app, video, last_start)

    monkeypatch.setattr(reconcile, "_mend", break_off)
    await _look_at(client, bad)
    assert [(await job_of(client, one)).state for one in (bad, good)] == ["done", "queued"]
    assert "a video that nobody thought of" in caplog.text
    async with connection(client.app[POOL]) as conn:
        assert await walks.position(conn, "unfinished videos") == ""


async def test_a_step_that_makes_no_sense_does_not_hold_the_walks(client: Client, ann: Person) -> None:
    """Its objects are looked at again in the next round; what nothing names beside it goes."""
    app, video_id, stray = client.app, await videos.published(client, ann), uuid4()
    for of in (video_id, stray):
        await app[STORE].put(app[SETTINGS].s3_bucket, f"videos/{of}/1/x", b"x", content_type="video/mp4")
    job = await job_of(client, video_id)
    async with connection(app[POOL]) as conn:
        await conn.execute(
            """
            INSERT INTO job_step (shard, job_id, name, lease, result, cpu_seconds, peak_bytes)
            VALUES (0, $1, 'first', 1, '7', 0, 0)
            """,
            job.id,
        )
        await conn.execute("UPDATE job SET state = 'done', ended_at = now() WHERE id = $1", job.id)
        await walks.move(conn, "test", f"{(datetime.now(UTC) - timedelta(minutes=1)).isoformat()} {UUID(int=0)}")
        before = await walks.position(conn, "test")
    await reconcile.look_at_objects(app, "test", 1000, datetime.now(UTC), again=False)
    async with connection(app[POOL]) as conn:
        assert await walks.position(conn, "test") != before
        await walks.move(conn, "objects below videos/", f"videos/{min(video_id, stray)}/")
    for _ in range(100):
        await strays.walk_on(app, strays.PLACES[0], 0)
        async with connection(app[POOL]) as conn:
            if await walks.position(conn, "objects below videos/") == "":
                break
    assert f"videos/{stray}/" in await removals_of(client, stray)
    assert await removals_of(client, video_id) == set()
    async with connection(app[POOL]) as conn:
        await conn.execute("DELETE FROM job_step WHERE job_id = $1", job.id)


async def test_originals_in_parts_are_made_whole_where_no_job_comes_by(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, data, cat = client.app, secrets.token_bytes(PART_BYTES + 1), await sign_up(client, "cat")
    store, bucket = app[STORE], app[SETTINGS].s3_raw_bucket
    await complete(client, ann, data)

    async def not_now(*_: object) -> None:
        raise StoreUnavailable("down")

    with monkeypatch.context() as down:
        down.setattr(store, "complete_multipart", not_now)
        made = [UUID((await upload(person, data))["id"]) for person in (ben, cat)]
        waiting = await videos.uploaded(client, ann)
    async with connection(app[POOL]) as conn:
        await conn.execute("UPDATE raw_object SET multipart_id = 'x' WHERE video_id = $1", waiting)
        raws = [await steps.original(conn, video_id) for video_id in made]
    his, third = [raw for raw in raws if raw is not None and raw.multipart_id is not None]
    await store.abort_multipart(bucket, third.key, third.multipart_id or "")  # by whoever has tidied up

    async def look(young_seconds: float) -> set[UUID]:
        for video_id in (*made, waiting):
            async with connection(app[POOL]) as conn:
                await walks.move(conn, "originals in parts", str(UUID(int=video_id.int - 1)))
            await reconcile.look_at_originals(app, young_seconds)
        async with connection(app[POOL]) as conn:
            rows = await conn.fetch("SELECT video_id FROM raw_object WHERE multipart_id IS NOT NULL")
        return {row["video_id"] for row in rows} & {*made, waiting}

    assert await look(600) == {*made, waiting}
    assert await look(-60) == {waiting}  # whose job completes it
    assert await store.read(bucket, his.key) == data
    assert await store.read(bucket, third.key) == data  # as the other one is
    assert (await store.unfinished(bucket, his.key)).uploads == []


async def test_an_original_whose_parts_are_gone_is_named_once(client: Client, ann: Person) -> None:
    video_id, before = await videos.failed(client, ann), counted("original_gone")
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE raw_object SET multipart_id = $2 WHERE video_id = $1", video_id, "0" * 40 + "_1")
        for _ in range(2):
            await walks.move(conn, "originals in parts", str(UUID(int=video_id.int - 1)))
            await reconcile.look_at_originals(client.app, young_seconds=-60)
    assert counted("original_gone") == before + 1
