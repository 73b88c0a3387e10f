"""Views in windows: what was folded is in them, what Valkey lost is known again by day, and what is not known is not zero."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Command, Commands
from pubsub.opening import open_commands
from pubsub.windows import PARTITIONS, Windows
from server.kit.ids import new_id
from server.kit.tasks import running
from server.plays import jobs, windows
from server.plays.windows import ViewWindows
from server.plays.wire import Views
from storage.postgres import Pool
from tests.people import Client, Person
from tests.server.plays.conftest import watched
from tests.valkeys import own_valkey
from tests.videos import published
from tests.viewed import Clock, seen
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_folds", "patient_commands")

DAY = "INSERT INTO play_day (video_id, day, views) VALUES ($1, (now() AT TIME ZONE 'UTC')::date - $2::integer, $3)"
HOUR, A_DAY = 3600, 86_400


async def lose(commands: Commands, of: ViewWindows, video_id: UUID) -> None:
    """What a node of a cluster does that comes back empty."""
    key = of._windows._key(video_id.bytes[15])
    await commands.run([Command(key, ("DEL", key))])


async def test_what_is_folded_is_in_all_windows(
    client: Client, ann: Person, ben: Person, pool: Pool, of_own: ViewWindows
) -> None:
    video_id, other = await published(client, ann), await published(client, ann)
    assert await of_own.of([video_id]) == {video_id: Views()}
    await of_own.mend(client.app)
    await ben.post(f"/videos/{video_id}/views", json=watched())
    await jobs.fold(pool, of_own.counted)
    await of_own.flush()
    # Both videos were made before the first second that was counted.
    assert await of_own.of([video_id, other]) == {video_id: Views(d7=1, d30=1), other: Views(d7=0, d30=0)}


async def test_minutes_are_known_once_they_were_counted_for_long_enough(
    client: Client, ann: Person, of_own: ViewWindows, clock: Clock
) -> None:
    video_id, clock.ago = await published(client, ann), 2 * HOUR
    await of_own.mend(client.app)
    of_own.counted([seen(video_id, 2, timedelta(hours=2))])
    await of_own.flush()
    clock.ago -= 10 * 60
    assert (await of_own.of([video_id]))[video_id].m5 == 0
    clock.ago = 0
    of_own.counted([seen(video_id, 1, timedelta(minutes=20)), seen(video_id, 4)])
    await of_own.flush()
    assert await of_own.of([video_id]) == {video_id: Views(m5=4, m30=5, h1=5, d7=7, d30=7)}


async def test_a_young_video_is_known_wholly_although_windows_are_young_too(
    client: Client, ann: Person, of_own: ViewWindows, clock: Clock
) -> None:
    clock.ago = HOUR
    await of_own.covered_since()
    clock.ago = 0
    video_id = await published(client, ann)
    assert await of_own.of([video_id]) == {video_id: Views(0, 0, 0, 0, 0)}


async def test_what_valkey_lost_comes_back_by_day(
    client: Client, ann: Person, pool: Pool, of_own: ViewWindows, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "DAYS_AT_ONCE", 7)
    ids = [await published(client, ann) for _ in range(3)]
    for video_id in ids:
        for ago, views in ((0, 1), (3, 20), (12, 300), (40, 4000)):
            await pool.execute(DAY, video_id, ago, views)
    assert (datetime.now(UTC) - await of_own.covered_since()).total_seconds() <= 0
    await of_own.mend(client.app)
    assert await of_own.of(ids) == dict.fromkeys(ids, Views(d7=21, d30=321))
    assert (datetime.now(UTC) - await of_own.covered_since()).days >= 30

    lost_at = datetime.now(UTC)
    await lose(commands, of_own, ids[1])
    of_own.counted([seen(ids[1], 1)])
    await of_own.flush()
    assert (await of_own.of(ids))[ids[1]] == Views()
    assert await of_own.covered_since() >= lost_at
    await of_own.mend(client.app)
    assert await of_own.of(ids) == dict.fromkeys(ids, Views(d7=21, d30=321))


async def test_what_a_killed_process_had_not_flushed_is_counted_when_the_day_is_over(
    client: Client, ann: Person, pool: Pool, of_own: ViewWindows, clock: Clock
) -> None:
    video_id, clock.ago = await published(client, ann), A_DAY
    await of_own.mend(client.app)
    of_own.counted([seen(video_id, 2, timedelta(days=1))])
    await of_own.flush()
    await pool.execute(DAY, video_id, 1, 5)
    await pool.execute(DAY, video_id, 0, 7)
    await of_own.mend(client.app)
    assert (await of_own.of([video_id]))[video_id].d7 == 2
    clock.ago = 0
    for _ in range(2):
        await of_own.mend(client.app)
        assert (await of_own.of([video_id]))[video_id].d7 == 5


async def test_windows_of_deleted_videos_go(
    client: Client, ann: Person, ben: Person, pool: Pool, of_own: ViewWindows, commands: Commands
) -> None:
    video_id = await published(client, ann)
    await ben.post(f"/videos/{video_id}/views", json=watched())
    await jobs.fold(pool, of_own.counted)
    await of_own.flush()
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    await pool.execute("DELETE FROM play WHERE video_id <> $1", video_id)
    await pool.execute("DELETE FROM walk WHERE name = $1", jobs.WALK)
    await jobs.tidy(client.app)
    key = of_own._windows._key(video_id.bytes[15])
    assert await commands.run([Command(key, ("HEXISTS", key, video_id.bytes))]) == [0]


async def test_while_valkey_is_away_nothing_is_known_and_views_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(windows, "FLUSH_SECONDS", 0.01)
    video_id = new_id()
    async with own_valkey(tmp_path) as server, open_commands(server.url) as commands:
        found = ViewWindows(Windows(commands, "test:"))
        await found.covered_since()
        await server.kill()
        found.counted([seen(video_id, 3)])
        async with running("flushing", found.keep_flushing()):
            await until(lambda: "views wait" in caplog.text)
            assert await found.of([video_id]) == {video_id: Views()}
            with pytest.raises(BrokerUnavailable):
                await found.covered_since()
            await server.start()
            await until(lambda: not found._windows._sent and not found._windows._waiting)
        assert (await found._windows.of([video_id.bytes]))[video_id.bytes].sums.m5 == 3
    assert caplog.text.count("views wait") == 1


async def test_every_partition_is_mended(client: Client, of_own: ViewWindows) -> None:
    await of_own.mend(client.app)
    found = await of_own._windows.coverage()
    assert len(found) == PARTITIONS
    assert {one.raised for one in found} == {of_own._windows.minute // 1440}
