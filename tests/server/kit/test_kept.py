"""Answers that are kept for repeats: for a day, and no longer than their account is there."""

import pytest

from server.kit import kept
from server.kit.request import POOL
from storage.postgres import Pool, connection
from tests.people import Client, Person
from tests.server.kit.keys import age, app, rows, say
from tests.videos import published


@pytest.fixture
def pool(client: Client) -> Pool:
    return app(client)[POOL]


async def test_after_a_day_a_key_is_new(client: Client, ann: Person, pool: Pool) -> None:
    assert kept.KEPT_SECONDS == 24 * 3600
    video_id = await published(client, ann)
    first = await say(ann, video_id)
    await age(pool, ann)
    other = await say(ann, video_id, "other")
    assert other.status == 201
    assert other.body["id"] != first.body["id"]
    assert (await say(ann, video_id, "other")).body == other.body


async def test_what_is_kept_too_long_is_swept_and_nothing_else(
    client: Client, ann: Person, ben: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "SWEPT_AT_ONCE", 2)
    video_id = await published(client, ann)
    for number in range(5):
        await say(ann, video_id, key=str(number))
    await say(ben, video_id)
    await age(pool, ann)
    async with connection(pool) as conn:
        await kept.sweep(conn)
    assert (await rows(pool, ann), await rows(pool, ben)) == (0, 1)


async def test_what_is_kept_for_an_account_can_be_forgotten(client: Client, ann: Person, ben: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    for number in range(3):
        await say(ann, video_id, key=str(number))
    await say(ben, video_id)
    assert ann.id is not None
    async with connection(pool) as conn:
        assert [await kept.forget(conn, ann.id, 2) for _ in range(3)] == [2, 1, 0]
    assert (await rows(pool, ann), await rows(pool, ben)) == (0, 1)
