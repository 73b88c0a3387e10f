"""Blocks at the same moment as follows and other blocks, and what is left of an account that is deleted."""

import asyncio
from typing import Any

import pytest

from server.accounts import queries as accounts
from server.blocks import actions
from server.follows import actions as follows
from server.kit.errors import Refusal
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from storage.postgres import connection
from tests.people import Client, Person, sign_up
from tests.waiting import until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
ROWS = """
SELECT (SELECT count(*) FROM following WHERE account_id = ANY($1) OR author_id = ANY($1)) AS following,
    (SELECT count(*) FROM follower WHERE account_id = ANY($1) OR author_id = ANY($1)) AS follower,
    (SELECT count(*) FROM blocking WHERE account_id = ANY($1) OR blocked_id = ANY($1)) AS blocking,
    (SELECT count(*) FROM blocker WHERE account_id = ANY($1) OR blocked_id = ANY($1)) AS blocker
"""


def _work(client: Client, person: Person) -> Any:
    return work(client.app[POOL], client.app[ANNOUNCER], person.id)


async def _block(client: Client, person: Person, other: Person) -> None:
    assert person.id is not None
    assert other.id is not None
    async with _work(client, person) as w:
        await actions.block(w, person.id, other.id)


async def _follow(client: Client, person: Person, other: Person) -> str:
    """What came of it."""
    assert person.id is not None
    assert other.id is not None
    try:
        async with _work(client, person) as w:
            await follows.follow(w, person.id, other.id)
    except Refusal as refusal:
        return refusal.code
    return "follows"


async def _rows(client: Client, *people: Person) -> tuple[int, ...]:
    """Follows and blocks that name one of them, each with its mirror."""
    async with connection(client.app[POOL]) as conn:
        row = await conn.fetchrow(ROWS, [person.id for person in people])
    assert row is not None
    return tuple(row)


async def _somebody_waits(client: Client) -> None:
    """For a row that another transaction holds."""
    waiting = 0

    async def look() -> None:
        nonlocal waiting
        async with connection(client.app[POOL]) as conn:
            while not waiting:
                waiting = await conn.fetchval(WAITING)

    looking = asyncio.create_task(look(), name="looking")
    await until(lambda: waiting, "somebody who waits")
    await looking


@pytest.mark.parametrize("follower", ["blocker", "blocked"])
async def test_a_follow_that_comes_during_a_block_is_refused(client: Client, ann: Person, ben: Person, follower: str) -> None:
    assert ann.id is not None
    assert ben.id is not None
    who, whom = (ann, ben) if follower == "blocker" else (ben, ann)
    async with _work(client, ann) as w:
        await actions.block(w, ann.id, ben.id)
        following = asyncio.create_task(_follow(client, who, whom), name="follow")
        await _somebody_waits(client)
    assert await following == {"blocker": "cannot_follow_blocked", "blocked": "not_found"}[follower]
    assert await _rows(client, ann, ben) == (0, 0, 1, 1)


@pytest.mark.parametrize("follower", ["blocker", "blocked"])
async def test_a_block_that_comes_during_a_follow_ends_it(client: Client, ann: Person, ben: Person, follower: str) -> None:
    who, whom = (ann, ben) if follower == "blocker" else (ben, ann)
    assert who.id is not None
    assert whom.id is not None
    async with _work(client, who) as w:
        await follows.follow(w, who.id, whom.id)
        blocking = asyncio.create_task(_block(client, ann, ben), name="block")
        await _somebody_waits(client)
    await blocking
    assert await _rows(client, ann, ben) == (0, 0, 1, 1)


async def test_two_who_block_and_follow_each_other_at_once_end_blocked(client: Client, ann: Person, ben: Person) -> None:
    for _ in range(10):
        await asyncio.gather(
            _follow(client, ann, ben),
            _block(client, ann, ben),
            _follow(client, ben, ann),
            _block(client, ben, ann),
            _block(client, ann, ben),
        )
        assert await _rows(client, ann, ben) == (0, 0, 2, 2)
        for one, other in ((ann, ben), (ben, ann)):
            assert (await one.delete(f"/me/blocks/{other.id}")).status == 204
        assert await _rows(client, ann, ben) == (0, 0, 0, 0)


async def test_together_they_cannot_pass_the_limit(client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MAX_BLOCKS", 3)
    others = [await sign_up(client, f"other{i}") for i in range(6)]
    answers = await asyncio.gather(*(ann.put(f"/me/blocks/{other.id}") for other in others))
    assert sorted(answer.status for answer in answers) == [204, 204, 204, 409, 409, 409]
    assert await _rows(client, ann) == (0, 0, 3, 3)


async def test_of_a_deleted_account_no_block_is_left(client: Client, ann: Person, ben: Person) -> None:
    cat = await sign_up(client, "cat")
    for one, other in ((ann, ben), (cat, ann), (ben, cat)):
        await _block(client, one, other)
    assert ann.id is not None
    async with _work(client, ann) as w:
        assert await accounts.lock(w.conn, ann.id)
        assert await actions.forget(w, ann.id, 10) == 2
        assert await actions.forget(w, ann.id, 10) == 0
    assert await _rows(client, ann) == (0, 0, 0, 0)
    assert await _rows(client, ben, cat) == (0, 0, 1, 1)
