"""What starts have left behind goes, and what is shown stays, whether or not a step shows for it."""

from uuid import UUID

import msgspec
import pytest

from media.pool import Pool as MediaPool
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.transcoding import actions, reconcile
from server.transcoding.leftovers import sweep
from server.videos import queries, removals, shared, sharing, steps
from server.videos.actions import STRAGGLER_SECONDS
from server.videos.wire import Failure, Shared
from storage import job_steps, job_trace, walks
from storage.job_steps import Step
from storage.jobs import Lease
from storage.postgres import connection
from tests import videos
from tests.people import Client, Person
from tests.transcoded import job_of, lease, removals_of, tools_of

FILE = {"name": "v.mp4", "kind": "progressive", "content_type": "video/mp4", "bytes": 1, "sha256": "0" * 64}


async def _last_start(client: Client, video_id: UUID, number: int) -> Lease:
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE job SET lease = $2 WHERE subject_id = $1", video_id, number - 1)
    return await lease(client, video_id)


async def _due(client: Client, of: UUID) -> dict[str, float]:
    """In how many seconds what is removed."""
    async with connection(client.app[POOL]) as conn:
        rows = await conn.fetch("SELECT prefix, due_at - now() AS left FROM object_removal WHERE video_id = $1", of)
    return {row["prefix"]: row["left"].total_seconds() for row in rows}


@pytest.mark.parametrize("end", ["failed", "cancelled", "reconciled"])
async def test_what_plays_stays_though_no_step_shows_for_it(client: Client, ann: Person, end: str) -> None:
    """As it was made before there were steps, or as a job that is lost has made it."""
    video_id = await videos.published(client, ann)  # below 1
    async with connection(client.app[POOL]) as conn:
        # What is made again had pictures below 2, and its sound below 4.
        await steps.pictured(conn, video_id, "2/preview.webp", "2/storyboard.vtt")
        await steps.add(conn, video_id, [], b"{}", 4)
    found = await _last_start(client, video_id, 5)
    if end == "failed":
        await actions.fail(tools_of(client, MediaPool(processes=1)), found, Failure("unreadable", "It does not decode."))
    elif end == "cancelled":
        async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
            await actions.cancel(w, await job_of(client, video_id), 60)
    else:
        async with connection(client.app[POOL]) as conn:
            await conn.execute("UPDATE job SET state = 'failed', ended_at = now(), passing = false WHERE id = $1", found.id)
            await walks.move(conn, "unfinished videos", str(UUID(int=video_id.int - 1)))
        await reconcile.look_at_videos(client.app, young_seconds=0)
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "ready"
    assert await removals_of(client, video_id) == {f"videos/{video_id}/{start}/" for start in (3, 5)}


async def test_what_was_shown_once_stays_while_its_urls_last(client: Client, ann: Person) -> None:
    video_id = await videos.uploaded(client, ann)
    found = await _last_start(client, video_id, 5)
    async with connection(client.app[POOL]) as conn:
        for number, events in {2: ["started"], 3: ["started", "first done"], 4: ["started"], 5: ["started"]}.items():
            for event in events:
                await job_trace.note_of(conn, found.id, number, event)
        await job_steps.record(conn, found, Step("probe", 3, b"{}"))  # stores nothing
        await job_steps.record(conn, found, Step("first", 4, msgspec.json.encode({"files": [FILE]})))
        await sweep(conn, video_id, found.id, 5, 3600)
    due = {int(prefix.split("/")[2]): seconds for prefix, seconds in (await _due(client, video_id)).items()}
    assert set(due) == {1, 2, 3, 5}  # of the first start nothing is known
    assert max(due[2], due[5]) <= STRAGGLER_SECONDS < 3500 < min(due[1], due[3])


async def test_what_was_shared_once_is_looked_up_while_its_urls_last(client: Client, ann: Person) -> None:
    hers, his = await videos.published(client, ann), await videos.published(client, ann)
    async with connection(client.app[POOL]) as conn:
        parts = [Shared(1, hers, 1, None), Shared(1, hers, 2, frozenset({"v.mp4"})), Shared(3, hers, 3, None)]
        await shared.use(conn, his, parts)
        await sharing.retire(conn, his, {3}, 3600)
    await removals.remove_due(client.app)

    async def looked_up() -> set[int]:
        async with connection(client.app[POOL]) as conn:
            assert (await shared.used(conn, [hers])).get(hers) == {one.media_generation for one in await shared.of(conn, his)}
            state = await queries.media_state(conn, his)
        assert state is not None
        return {one.media_generation for one in state.shared}

    assert await looked_up() == {1, 2, 3}
    async with connection(client.app[POOL]) as conn:
        left = "SELECT min(until - now()) FROM shared_generation WHERE video_id = $1"
        assert (await conn.fetchval(left, his)).total_seconds() > 3500
        await conn.execute("UPDATE shared_generation SET until = now() WHERE video_id = $1 AND media_generation = 1", his)
        await sharing.retire(conn, his, {3}, 7200)  # what is retired is not retired once more
    await removals.remove_due(client.app)
    assert await looked_up() == {2, 3}
    assert set(await _due(client, hers)) == {f"videos/{hers}/1/"}
    await ann.delete(f"/videos/{his}")
    assert set(await _due(client, hers)) == {f"videos/{hers}/{number}/" for number in (1, 2, 3)}
