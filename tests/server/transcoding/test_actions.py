"""How jobs end other than well, and how they begin again."""

import asyncio
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import web

from media.pool import Pool as MediaPool
from server import schedule, worker
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.settings import Settings
from server.transcoding import actions
from server.transcoding.actions import NotPossible
from server.transcoding.jobs import Tools
from server.videos import steps
from server.videos.actions import JOB
from server.videos.wire import Failure
from storage import jobs
from storage.job_trace import JobRow
from storage.postgres import connection
from tests import videos
from tests.clips import unique
from tests.people import Client, Person
from tests.transcoded import events_of, job_of, lease, removals_of, tools_of, uploaded
from tests.waiting import until

BROKEN = Failure("unreadable", "It does not decode.")
CANCEL = partial(actions.cancel, url_seconds=60)


@pytest.fixture
def tools(client: Client) -> Tools:
    return tools_of(client, MediaPool(processes=1))


async def _status(author: Person, video_id: UUID) -> tuple[str, float]:
    video = (await author.get(f"/videos/{video_id}")).body
    return video["status"], video["progress"]


async def _with(client: Client, action: "object", job: JobRow) -> None:
    async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
        await action(w, job)  # type: ignore[operator]


async def test_what_plays_and_fails_for_good_is_ready_with_what_there_is(client: Client, ann: Person, tools: Tools) -> None:
    video_id = await videos.published(client, ann)
    found = await lease(client, video_id)
    await actions.fail(tools, found, BROKEN)
    assert await _status(ann, video_id) == ("ready", 1)
    assert (await ann.get(f"/videos/{video_id}")).body["sources"]
    job = await job_of(client, video_id)
    assert (job.state, job.last_error) == ("failed", "unreadable: It does not decode.")
    assert (await events_of(client, job))[-2:] == ["failed", "settled"]
    assert removals_sweep(await removals_of(client, video_id), video_id) == set()


def removals_sweep(prefixes: set[str], video_id: UUID) -> set[int]:
    """The starts whose objects are removed."""
    return {int(prefix.split("/")[2]) for prefix in prefixes if prefix.startswith(f"videos/{video_id}/")}


async def test_what_plays_and_fails_in_passing_stays_playable_and_is_tried_again(
    client: Client, ann: Person, tools: Tools
) -> None:
    video_id = await videos.published(client, ann)
    await actions.fail(tools, await lease(client, video_id), Failure("timed_out", "It took too long."), passing=True)
    assert (await _status(ann, video_id))[0] == "playable"
    async with work(tools.pool, tools.announcer, None) as w:
        assert video_id not in await actions.retry_passing(w)
    async with connection(tools.pool) as conn:
        await conn.execute("UPDATE job SET ended_at = now() - interval '11 minutes' WHERE subject_id = $1", video_id)
    async with work(tools.pool, tools.announcer, None) as w:
        assert video_id in await actions.retry_passing(w)
    assert (await job_of(client, video_id)).state == "queued"


async def test_only_a_worker_that_starts_tries_again_what_failed_under_another_version(
    client: Client, ann: Person, settings: Settings, tools: Tools, tmp_path: Path
) -> None:
    video_id = await videos.uploaded(client, ann)
    await actions.fail(tools, await lease(client, video_id), Failure("timed_out", "It took too long."), passing=True)
    async with connection(tools.pool) as conn:
        await conn.execute("UPDATE job SET version = 'another', failures = 6 WHERE subject_id = $1", video_id)
    async with work(tools.pool, tools.announcer, None) as w:
        assert video_id not in await actions.retry_passing(w)  # as the reconciler does, whatever version it is
    app = worker.application(settings, tmp_path)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        async with asyncio.timeout(60):
            while (await job_of(client, video_id)).state == "failed" and (await job_of(client, video_id)).failures == 6:
                await asyncio.sleep(0.05)
    finally:
        await runner.cleanup()


async def test_a_cancelled_video_has_failed_and_can_be_tried_again(client: Client, ann: Person, tools: Tools) -> None:
    video_id = await videos.uploaded(client, ann)
    first = await lease(client, video_id)
    await _with(client, CANCEL, await job_of(client, video_id))
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], video["error"]["code"]) == ("failed", "internal")
    assert "cancelled by the operator" in video["error"]["detail"]
    assert removals_sweep(await removals_of(client, video_id), video_id) == {first.number}
    await _with(client, actions.retry, await job_of(client, video_id))
    assert (await job_of(client, video_id)).state == "queued"
    second = await lease(client, video_id)
    assert second.number == first.number + 1
    async with work(tools.pool, tools.announcer, None) as w:
        assert await steps.original(w.conn, video_id) is not None
        await steps.begin(w.conn, video_id)
    assert (await _status(ann, video_id))[0] == "processing"
    assert await events_of(client, await job_of(client, video_id)) == ["cancelled by hand", "retried by hand"]


async def test_cancelling_what_plays_leaves_it_ready(client: Client, ann: Person) -> None:
    video_id = await videos.published(client, ann)
    await _with(client, CANCEL, await job_of(client, video_id))
    assert await _status(ann, video_id) == ("ready", 1)


async def test_only_what_is_over_is_retried_and_only_what_is_not_is_cancelled(client: Client, ann: Person, tools: Tools) -> None:
    video_id = await videos.uploaded(client, ann)
    with pytest.raises(NotPossible, match="is queued; only failed and cancelled"):
        await _with(client, actions.retry, await job_of(client, video_id))
    await actions.fail(tools, await lease(client, video_id), BROKEN)
    with pytest.raises(NotPossible, match="is failed; only queued and leased"):
        await _with(client, CANCEL, await job_of(client, video_id))


async def test_nothing_is_retried_that_has_nothing_to_start_from(client: Client, ann: Person, tools: Tools) -> None:
    refused, deleted = await videos.uploaded(client, ann), await videos.uploaded(client, ann)
    await actions.fail(tools, await lease(client, refused), BROKEN)
    with pytest.raises(NotPossible, match="the original of video"):
        await _with(client, actions.retry, await job_of(client, refused))
    await ann.delete(f"/videos/{deleted}")
    with pytest.raises(NotPossible, match="is gone"):
        await _with(client, actions.retry, await job_of(client, deleted))


@pytest.mark.usefixtures("empty_queue")
async def test_cancelling_ends_the_child_that_runs(
    client: Client, ann: Person, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.05)
    # Made before a worker lives in this process, which would stand still for so long, its timers running.
    data = unique(seconds=20, width=360, height=640)
    app = worker.application(settings, tmp_path)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        video_id = await uploaded(tools_of(client, app[worker.WORKER].media), ann, data)
        await until(lambda: app[worker.WORKER].media.running, "a child")
        await _with(client, CANCEL, await job_of(client, video_id))
        await until(lambda: not app[worker.WORKER].running, "the end of the start")
        assert not app[worker.WORKER].media.running
    finally:
        await runner.cleanup()
    await asyncio.sleep(0)
    job = await job_of(client, video_id)
    assert job.state == "cancelled"
    assert (await _status(ann, video_id))[0] in ("failed", "ready")


async def test_what_failed_twice_in_the_same_way_waits_for_another_version(client: Client, ann: Person, tools: Tools) -> None:
    video_id, plays = await videos.uploaded(client, ann), await videos.published(client, ann)
    for one in (video_id, plays):
        await actions.fail(tools, await lease(client, one), Failure("internal", "A bug."), passing=True, mark="a bug")
    assert [(await _status(ann, one))[0] for one in (video_id, plays)] == ["failed", "ready"]
    async with work(tools.pool, tools.announcer, None) as w:
        assert await steps.original(w.conn, video_id) is not None
        await w.conn.execute("UPDATE job SET ended_at = now() - interval '1 year' WHERE subject_id = $1", video_id)
        assert video_id not in await actions.retry_passing(w)
        assert video_id not in await actions.retry_passing(w, actions.VERSION)
        assert {video_id, plays} <= set(await actions.retry_passing(w, "another"))
    job = await job_of(client, video_id)
    assert (job.state, job.faults, job.mark) == ("queued", 0, "")
    await _with(client, CANCEL, job)
    await _with(client, CANCEL, await job_of(client, plays))


async def test_bytes_that_failed_in_passing_are_tried_again_when_they_are_sent_again(
    client: Client, ann: Person, tools: Tools
) -> None:
    told = videos.Told()
    video_id = await videos.uploaded(client, ann, told)
    await actions.fail(tools, await lease(client, video_id), Failure("timed_out", "It took too long."), passing=True)
    assert await videos.uploaded(client, ann, told) == video_id
    job = await job_of(client, video_id)
    assert job.state == "queued"
    assert await events_of(client, job) == ["failed", "sent again"]
    await _with(client, CANCEL, job)
    assert await videos.uploaded(client, ann, told) == video_id
    assert (await job_of(client, video_id)).state == "cancelled"  # that was the operator's will


async def test_a_job_that_may_be_tried_again_is_not_forgotten_with_the_others(client: Client, ann: Person) -> None:
    passing, cancelled, over, long_ago, deleted = [await videos.uploaded(client, ann) for _ in range(5)]
    of = {
        passing: "state = 'failed', passing = true, ended_at = now() - interval '31 days'",
        cancelled: "state = 'cancelled', ended_at = now() - interval '31 days'",
        over: "state = 'failed', ended_at = now() - interval '31 days'",
        long_ago: "state = 'failed', passing = true, ended_at = now() - interval '366 days'",
        deleted: "state = 'failed', passing = true, ended_at = now() - interval '31 days'",
    }
    await ann.delete(f"/videos/{deleted}")
    async with connection(client.app[POOL]) as conn:
        for video_id, what in of.items():
            await conn.execute(f"UPDATE job SET {what} WHERE subject_id = $1", video_id)
        await jobs.forget(conn, schedule.JOBS_KEPT_DAYS, JOB, schedule.STRANDED_KEPT_DAYS)
        rows = await conn.fetch("SELECT subject_id FROM job WHERE subject_id = ANY($1)", list(of))
    assert {row["subject_id"] for row in rows} == {passing, cancelled}
