"""Objects that are gone are made again."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from media.manifest import FirstSource, Ladder
from media.pool import Pool as MediaPool
from server.kit.request import POOL, SETTINGS, STORE
from server.transcoding import lost, reconcile
from server.transcoding.jobs import Tools
from server.videos.actions import JOB
from storage import job_steps, walks
from storage.job_steps import Step
from storage.postgres import connection
from tests.clips import unique
from tests.media.films import Film
from tests.people import Client, Person
from tests.transcoded import counted, events_of, job_of, run, tools_of, uploaded


@pytest.fixture
async def tools(client: Client) -> AsyncIterator[Tools]:
    async with MediaPool(processes=1) as media:
        yield tools_of(client, media)


async def _steps(client: Client, video_id: UUID) -> dict[str, Step]:
    async with connection(client.app[POOL]) as conn:
        made = (await job_steps.of_subjects(conn, JOB, [video_id])).get(video_id, [])
    return {step.name: step for step in made}


async def _lose(client: Client, video_id: UUID, step: Step, name: str) -> None:
    """Delete what a step has stored, and look."""
    app = client.app
    await app[STORE].delete(app[SETTINGS].s3_bucket, [f"videos/{video_id}/{step.generation}/{name}"])
    await lost.look(app, [await job_of(client, video_id)])


async def _whole(client: Client, author: Person, video_id: UUID) -> None:
    """It is ready, has pictures and a stream, and every object that its steps have listed is there."""
    app, video = client.app, (await author.get(f"/videos/{video_id}")).body
    assert video["status"] == "ready"
    assert video["sources"][1]["type"] == "application/vnd.apple.mpegurl"
    for path in (video["poster_url"], video["preview_url"], video["storyboard_url"], *(s["url"] for s in video["sources"])):
        assert (await author.get(path)).status == 200, path
    there = {key async for key in app[STORE].list_prefix(app[SETTINGS].s3_bucket, f"videos/{video_id}/")}
    made = lost.keys(video_id, list((await _steps(client, video_id)).values()))
    assert set().union(*made.values()) <= there


@pytest.mark.timeout(400)
async def test_what_is_lost_is_made_again_as_far_as_it_must_be(client: Client, ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await uploaded(tools, ann, unique())
    await run(client, tools, video_id, tmp_path)
    await lost.look(client.app, [await job_of(client, video_id)])
    assert (await job_of(client, video_id)).state == "done"
    published = (await ann.get(f"/videos/{video_id}")).body["published_at"]

    made = await _steps(client, video_id)
    await _lose(client, video_id, made["pictures"], "preview.webp")
    assert set(await _steps(client, video_id)) == set(made) - {"pictures"}
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "ready"
    await run(client, tools, video_id, tmp_path)
    await _whole(client, ann, video_id)

    made = await _steps(client, video_id)
    ladder = msgspec.json.decode(made["ladder"].result, type=Ladder)
    await _lose(client, video_id, made["ladder"], ladder.files[0].name)
    assert set(await _steps(client, video_id)) == {"probe"}  # what played first has given way to the ladder
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "playable"
    await run(client, tools, video_id, tmp_path)
    await _whole(client, ann, video_id)

    made = await _steps(client, video_id)
    first = msgspec.json.decode(made["first"].result, type=FirstSource)
    await _lose(client, video_id, made["first"], first.poster.name)
    assert set(await _steps(client, video_id)) == {"probe"}
    assert (await ann.get(f"/videos/{video_id}")).body["status"] == "playable"
    await run(client, tools, video_id, tmp_path)
    await _whole(client, ann, video_id)
    assert (await ann.get(f"/videos/{video_id}")).body["published_at"] == published
    assert (await events_of(client, await job_of(client, video_id))).count("made again") == 3

    async with connection(tools.pool) as conn:
        key = await conn.fetchval("SELECT key FROM raw_object WHERE video_id = $1", video_id)
    await tools.store.delete(tools.raw_bucket, [key])
    before = counted("object_lost")
    await _lose(client, video_id, (await _steps(client, video_id))["pictures"], "preview.webp")
    assert counted("object_lost") == before + 1
    assert (await job_of(client, video_id)).state == "done"


async def test_a_copy_that_stays_plays_while_its_ladder_is_made_again(
    client: Client, ann: Person, tools: Tools, tmp_path: Path
) -> None:
    path = Film(seconds=1.0, sound="", options={"preset": "ultrafast", "g": "30", "bf": "0"}).write(tmp_path / "film.mp4")
    video_id = await uploaded(tools, ann, path.read_bytes() + secrets.token_bytes(8))
    await run(client, tools, video_id, tmp_path)
    made = await _steps(client, video_id)
    ladder = msgspec.json.decode(made["ladder"].result, type=Ladder)
    await _lose(client, video_id, made["ladder"], ladder.files[0].name)
    assert set(await _steps(client, video_id)) == set(made) - {"ladder"}
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], [source["type"] for source in video["sources"]]) == ("playable", ["video/mp4"])
    await run(client, tools, video_id, tmp_path)
    await _whole(client, ann, video_id)


async def test_what_was_replaced_is_not_missed(client: Client) -> None:
    file = {"kind": "progressive", "content_type": "video/mp4", "bytes": 1, "sha256": "0" * 64}
    names = {"first": ["720-first.mp4", "poster.jpg"], "ladder": ["720.mp4"]}
    made = [
        Step(
            step,
            generation,
            msgspec.json.encode(
                {"files": [file | {"name": name} for name in names[step]], "replaces": ["720-first.mp4"] * (step == "ladder")}
            ),
        )
        for generation, step in enumerate(names, start=1)
    ]
    video_id = UUID(int=5)
    assert lost.keys(video_id, [*made, Step("probe", 1, b"{}")]) == {
        "first": {f"videos/{video_id}/1/poster.jpg"},
        "ladder": {f"videos/{video_id}/2/720.mp4"},
        "probe": set(),
    }


async def test_the_walk_comes_by_what_has_just_ended_once(client: Client, ann: Person, tools: Tools, tmp_path: Path) -> None:
    video_id = await uploaded(tools, ann, unique(seconds=1))
    await run(client, tools, video_id, tmp_path)
    ended = (await job_of(client, video_id)).ended_at
    assert ended is not None
    made = await _steps(client, video_id)
    await tools.store.delete(tools.media_bucket, [f"videos/{video_id}/{made['pictures'].generation}/preview.webp"])
    async with connection(tools.pool) as conn:
        await walks.move(conn, "test", "")
    await reconcile.look_at_objects(client.app, "test", 10, ended.replace(microsecond=0), again=False)
    assert (await job_of(client, video_id)).state == "queued"
    async with connection(tools.pool) as conn:
        await conn.execute("UPDATE job SET state = 'done', ended_at = $2 WHERE subject_id = $1", video_id, ended)
        assert (await walks.position(conn, "test")).startswith(ended.isoformat())
    await reconcile.look_at_objects(client.app, "test", 10, ended, again=True)
    async with connection(tools.pool) as conn:
        assert await walks.position(conn, "test") == ""
