"""What is watched comes back by one job, whole, and stays for a week; what the archive has lost is made again."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from server.archive import clearing, jobs, verify
from server.kit.request import COLD, POOL, SETTINGS, STORE
from server.transcoding import lost
from server.transcoding.originals import Thawing
from server.videos import tiers
from server.videos.shared import OfFile
from server.videos.wire import Failure
from storage import walks
from storage.cold import cold_key
from storage.objects import ObjectMissing
from storage.postgres import connection
from tests.archived import COLD_FILES, archive, bring_back, group_of, leased, old, original_of, restoring, tier_of, urls_end
from tests.glacier import glacier
from tests.people import Client, Person
from tests.server.plays.conftest import watched
from tests.sharers import count, plays, remove, stored
from tests.sockets import listening

LOST = "SELECT lost FROM made_file WHERE video_id = $1"

pytestmark = pytest.mark.usefixtures("empty_queue")


async def lost_marked(client: Client, video_id: UUID) -> bool:
    async with connection(client.app[POOL]) as conn:
        marked: bool = await conn.fetchval(LOST, video_id)
    return marked


async def test_an_archived_video_that_is_watched_comes_back_by_one_job(
    client: Client, ann: Person, ben: Person, cat: Person, tmp_path: Path
) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    await urls_end(client, video_id)
    await clearing.clear_due(client.app)
    views = [person.post(f"/videos/{video_id}/views", json=watched()) for person in (ben, cat)]
    assert [answer.status for answer in await asyncio.gather(*views)] == [202, 202]
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    assert await count(client, "job", "subject_id", video_id) == 1
    assert (await ben.get(f"/videos/{video_id}")).body["archived"] is True
    await bring_back(client, video_id, tmp_path)
    video = (await ben.get(f"/videos/{video_id}")).body
    assert (video["archived"], len(video["sources"])) == (False, 3)
    await plays(video, ben)
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.warm_until is not None
    assert row.warm_until - datetime.now(UTC) > timedelta(days=6.9)
    assert await group_of(client, video_id) is None
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE video_tier SET warm_until = now() WHERE video_id = $1", video_id)
        for table in ("play", "play_counted", "play_day"):  # what is being folded may count twice
            await conn.execute(f"DELETE FROM {table} WHERE video_id = $1", video_id)
    assert await archive(client, video_id) == 4000


async def test_a_glance_brings_nothing_back(client: Client, ann: Person, ben: Person) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    for person, told in ((ben, watched(watched_ms=10)), (ann, watched())):
        assert (await person.post(f"/videos/{video_id}/views", json=told)).status == 202
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.tier == "archived"


async def test_while_files_are_being_removed_the_job_waits(client: Client, ann: Person, tmp_path: Path) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE video_tier SET clearing_at = now() WHERE video_id = $1", video_id)
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    await bring_back(client, video_id, tmp_path)
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.tier == "restoring"
    async with connection(client.app[POOL]) as conn:  # who removed them was killed long ago
        await conn.execute("UPDATE video_tier SET clearing_at = now() - interval '1 day' WHERE video_id = $1", video_id)
        await conn.execute("UPDATE job SET run_at = now() WHERE subject_id = $1", video_id)
    await bring_back(client, video_id, tmp_path)
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.tier == "warm"


async def test_what_the_archive_has_lost_is_made_again(client: Client, ann: Person, tmp_path: Path) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    await urls_end(client, video_id)
    await clearing.clear_due(client.app)
    cold = client.app[COLD]
    await cold.store.delete(cold.bucket, [cold_key("media", f"videos/{video_id}/1/720.mp4")])
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    lease = await leased(client, video_id)
    tools = restoring(client)
    with pytest.raises(jobs.ColdLost):
        await jobs.Restoring(tools, lease, tmp_path).run()
    await jobs.fail(tools, lease, Failure("internal", "lost"))
    assert await lost_marked(client, video_id)
    assert ann.id is not None
    of_file = OfFile(video_id, ann.id)
    await lost.look_at(client.app, of_file, None)  # there is no original either: what is left plays on
    await plays((await ann.get(f"/videos/{video_id}")).body, ann)
    await urls_end(client, video_id)
    await clearing.clear_due(client.app)
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.tier == "archived"
    raw = await original_of(client, video_id)
    await client.app[STORE].put(client.app[SETTINGS].s3_raw_bucket, raw.key, b"as it came", content_type="x/y")
    await lost.look_at(client.app, of_file, None)
    assert await tier_of(client, video_id) is None
    assert await count(client, "job", "subject_id", video_id) == 2  # the other one is the restore


async def test_what_a_database_of_an_earlier_day_does_not_know_comes_back_from_the_archive(
    client: Client, ann: Person, ben: Person, tmp_path: Path
) -> None:
    video_id = await old(client, ann)
    before = (await ben.get(f"/videos/{video_id}")).body
    await archive(client, video_id)
    await urls_end(client, video_id)
    await clearing.clear_due(client.app)
    async with connection(client.app[POOL]) as conn:
        await conn.execute("DELETE FROM video_tier WHERE video_id = $1", video_id)
    told = await verify.verify(client.app, about=video_id)
    assert {one.key.rpartition("/")[2] for one in told.findings if one.key.startswith("videos/")} == COLD_FILES
    assert ann.id is not None
    await lost.look_at(client.app, OfFile(video_id, ann.id), None)
    video = (await ben.get(f"/videos/{video_id}")).body
    assert video["archived"] is True
    await plays(video, ben)
    await bring_back(client, video_id, tmp_path)
    await plays(before, ben)
    assert await lost_marked(client, video_id)
    await lost.look_at(client.app, OfFile(video_id, ann.id), None)
    assert not await lost_marked(client, video_id)


async def test_a_job_that_was_cancelled_leaves_nobody_waiting(client: Client, ann: Person) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    async with connection(client.app[POOL]) as conn:
        assert video_id not in await tiers.give_up_stranded(conn, -60.0, 500)  # its job waits
        await conn.execute("DELETE FROM job WHERE subject_id = $1", video_id)
        assert video_id in await tiers.give_up_stranded(conn, -60.0, 500)
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    assert await count(client, "job", "subject_id", video_id) == 1


async def test_what_broke_off_is_tried_by_the_next_who_watches(client: Client, ann: Person) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
    await jobs.fail(restoring(client), await leased(client, video_id), Failure("internal", "away"), passing=True)
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.tier == "archived"


async def test_what_has_to_thaw_is_asked_for_and_comes_back_later(
    client: Client, ann: Person, ben: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with glacier() as frozen:
        monkeypatch.setitem(client.app._state, COLD, frozen)
        video_id = await old(client, ann)
        await archive(client, video_id)
        await urls_end(client, video_id)
        await clearing.clear_due(client.app)
        await plays((await ben.get(f"/videos/{video_id}")).body, ben)
        assert (await ben.post(f"/videos/{video_id}/views", json=watched())).status == 202
        lease, tools, times = await leased(client, video_id), restoring(client), 0
        while True:
            try:
                await jobs.Restoring(tools, lease, tmp_path).run()
                break
            except Thawing:
                times += 1
        assert times >= 1
        video = (await ben.get(f"/videos/{video_id}")).body
        assert video["archived"] is False
        await plays(video, ben)


async def test_the_sweep_runs_once_a_night_and_goes_on_where_it_stands(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def archived(video_id: UUID) -> bool:
        row = await tier_of(client, video_id)
        return row is not None and row.tier == "archived"

    first, second = await old(client, ann), await old(client, ann)
    settings = client.app[SETTINGS]
    monkeypatch.setitem(client.app._state, SETTINGS, replace(settings, archive_hour=24))
    await jobs.tend(client.app)
    assert not await archived(second)  # it is not night
    monkeypatch.setitem(client.app._state, SETTINGS, replace(settings, archive_hour=0))
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, jobs.NIGHT, "")
        await walks.move(conn, jobs.WALK, str(first))  # who went so far was cut
    await jobs.tend(client.app)
    assert (await archived(first), await archived(second)) == (False, True)
    await jobs.tend(client.app)
    assert not await archived(first)  # not before tomorrow
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, jobs.NIGHT, "yesterday")
    await jobs.tend(client.app)
    assert await archived(first)


async def test_without_a_bucket_nothing_happens(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    video_id = await old(client, ann)
    monkeypatch.setitem(client.app._state, COLD, replace(client.app[COLD], bucket="there-is-none"))
    monkeypatch.setitem(client.app._state, SETTINGS, replace(client.app[SETTINGS], archive_hour=0))
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, jobs.NIGHT, "")
    await jobs.tend(client.app)
    assert "there is no bucket there-is-none" in caplog.text
    assert await tier_of(client, video_id) is None
    with pytest.raises(ObjectMissing):
        await jobs.run_now(client.app)
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    await remove(client)  # where nothing was archived nothing has to go
    assert await stored(client, video_id) == set()


async def test_who_watches_and_who_follows_is_told_both_times(
    client: Client, ann: Person, ben: Person, cat: Person, tmp_path: Path
) -> None:
    video_id = await old(client, ann)
    await cat.follow(ann)
    url = str(client.make_url("/")).rstrip("/")
    async with listening(url, ben.access) as watcher, listening(url, cat.access) as follower:
        await watcher.of_type("welcome")
        await follower.of_type("welcome")
        await watcher.watch(video_id)
        await archive(client, video_id)
        for ear in (watcher, follower):
            told = await ear.told("video.updated")
            assert (told["id"], told["archived"], len(told["sources"])) == (str(video_id), True, 1)
        assert (await ann.post(f"/videos/{video_id}/restore")).status == 202
        await bring_back(client, video_id, tmp_path)
        for ear in (watcher, follower):
            told = await ear.told("video.updated", 2)
            assert (told["id"], told["archived"], len(told["sources"])) == (str(video_id), False, 3)
