"""Videos are read once for everybody who asks at the same time, and never believed after they changed."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
import pytest

from server.cards.actions import Cards
from server.keys import MediaSigner, derive
from server.kit.ids import new_id
from server.kit.tasks import running
from server.live import bodies
from server.live.bodies import Bodies
from storage.postgres import AWAY
from tests.server.live.stage import Stage

HIDE = "UPDATE video SET visibility = 'private' WHERE id = $1"


@pytest.fixture
async def reader(stage: Stage) -> AsyncIterator[Bodies]:
    keys = tuple(derive(secret) for secret in stage.settings.secret_keys)
    found = Bodies(stage.pool, Cards(MediaSigner(keys, 60)))
    async with running("bodies", found.run()):
        yield found


async def videos(stage: Stage, count: int) -> list[UUID]:
    author = await stage.somebody()
    return [await stage.publish(author, f"{n}") for n in range(count)]


async def test_many_who_ask_at_once_all_get_what_there_is(stage: Stage, reader: Bodies) -> None:
    ids = await videos(stage, 150)
    answers = await asyncio.gather(*(reader.of([*ids[n:], new_id()]) for n in range(100)))
    for n, found in enumerate(answers):
        assert [msgspec.json.decode(found[video_id])["title"] for video_id in ids[n:]] == [f"{m}" for m in range(n, 150)]
        assert len(found) == 150 - n


async def test_what_changed_while_it_was_read_is_read_again(stage: Stage, reader: Bodies) -> None:
    (video_id,) = await videos(stage, 1)
    async with stage.pool.acquire() as conn:
        # The reader waits for this lock in the midst of its batch, after it has read the video itself.
        transaction = conn.transaction()
        await transaction.start()
        await conn.execute("LOCK TABLE rendition IN ACCESS EXCLUSIVE MODE")
        asked = asyncio.create_task(reader.of([video_id]))
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not await stage.pool.fetchval(waiting):
            pass
        await stage.pool.execute(HIDE, video_id)
        reader.drop(video_id)
        await transaction.rollback()
    assert await asked == {}


async def test_an_answer_is_believed_for_a_moment_only(stage: Stage, reader: Bodies, monkeypatch: pytest.MonkeyPatch) -> None:
    (video_id,) = await videos(stage, 1)
    assert video_id in await reader.of([video_id])
    await stage.pool.execute(HIDE, video_id)
    monkeypatch.setattr(bodies, "FRESH_SECONDS", 0.0)
    assert await reader.of([video_id]) == {}


async def test_a_database_that_is_away_is_told_to_all_who_wait(stage: Stage, reader: Bodies) -> None:
    ids = await videos(stage, 2)
    stage.pool.terminate()
    for asked in [asyncio.create_task(reader.of([video_id])) for video_id in ids]:
        with pytest.raises(AWAY):
            await asked
