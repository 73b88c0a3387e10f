"""Chosen posters that the object store has lost."""

from pathlib import Path
from uuid import UUID

import pytest

from server.posters import lost
from server.posters.lost import GONE, WALK
from server.transcoding.jobs import Tools
from server.videos.actions import POSTER_JOB
from storage import jobs as queue
from storage.postgres import connection
from tests.media import stills
from tests.media.films import Film
from tests.people import Client, Person
from tests.server.posters.making import leased, put
from tests.videos import START, published
from tests.whole_walk import whole_walk
from tests.wishes import run

pytestmark = pytest.mark.usefixtures("hasty")


async def _row(tools: Tools, video_id: UUID) -> tuple[str | None, str, str | None]:
    """The chosen poster that is shown, and how the wish stands."""
    async with connection(tools.pool) as conn:
        row = await conn.fetchrow(
            "SELECT own_poster, state, poster_wish.error_detail FROM video JOIN poster_wish ON video_id = id WHERE id = $1",
            video_id,
        )
    assert row is not None
    return row["own_poster"], row["state"], row["error_detail"]


async def _chosen(client: Client, tools: Tools, author: Person, folder: Path, wanted: int | bytes) -> UUID:
    """A video whose author has chosen a poster that the store has lost."""
    video_id = await published(client, author)
    film = Film(seconds=5, rate=10, width=72, height=128).write(folder / "film.mp4").read_bytes()
    await tools.store.put(tools.media_bucket, f"videos/{video_id}/1/720.mp4", film, content_type="video/mp4")
    await put(author, video_id, wanted)
    await run(tools, await leased(tools, video_id), folder)
    await whole_walk(client, WALK, lost.look)
    path, state, _ = await _row(tools, video_id)
    assert (path is not None, state) == (True, "done"), "nothing is wrong yet"
    await tools.store.delete(tools.media_bucket, [f"videos/{video_id}/{path}"])
    return video_id


async def test_a_lost_poster_of_a_moment_is_made_again(client: Client, ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _chosen(client, tools, ann, tmp_path, 2000)
    await whole_walk(client, WALK, lost.look)
    assert (await _row(tools, video_id))[:2] == (None, "waiting")
    assert START.poster in (await ann.get(f"/videos/{video_id}")).body["poster_url"], "the picked one is shown meanwhile"
    await whole_walk(client, WALK, lost.look)
    async with connection(tools.pool) as conn:
        waiting = "SELECT count(*) FROM job WHERE subject_id = $1 AND kind = $2 AND state = 'queued'"
        assert await conn.fetchval(waiting, video_id, POSTER_JOB) == 1
    await run(tools, await leased(tools, video_id), tmp_path)
    path, state, _ = await _row(tools, video_id)
    assert state == "done"
    assert await tools.store.head(tools.media_bucket, f"videos/{video_id}/{path}")


async def test_in_place_of_a_lost_picture_the_picked_poster_is_shown(
    client: Client, ann: Person, tools: Tools, tmp_path: Path
) -> None:
    video_id = await _chosen(client, tools, ann, tmp_path, stills.saved(tmp_path / "photo.png").read_bytes())
    await whole_walk(client, WALK, lost.look)
    assert await _row(tools, video_id) == (None, "refused", GONE.detail)
    assert START.poster in (await ann.get(f"/videos/{video_id}")).body["poster_url"]


async def test_a_lost_poster_waits_for_what_it_is_made_of(client: Client, ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await _chosen(client, tools, ann, tmp_path, 2000)
    await tools.store.delete(tools.media_bucket, [f"videos/{video_id}/1/720.mp4"])
    await whole_walk(client, WALK, lost.look)
    assert (await _row(tools, video_id))[1] == "done"
    async with connection(tools.pool) as conn:
        assert not await queue.pending(conn, POSTER_JOB, video_id)
