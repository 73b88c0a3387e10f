"""What is popular comes first, once the job has seen it, and no longer than it is."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

import pytest

from server.accounts import queries as accounts
from server.kit.request import POOL
from server.search import actions, jobs
from storage import walks
from storage.postgres import Rows, connection
from tests.people import Client, Person, sign_up
from tests.server.departures.leaving import leave
from tests.videos import Told, published

WAITS = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM username%'
)
"""


async def _look(client: Client, walk: str, beginning: str) -> None:
    """The job comes by those names."""
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, walk, beginning)
    await jobs.refresh(client.app)


async def _found(person: Person, q: str, limit: int) -> Any:
    found = (await person.get(f"/search?q={q}&limit={limit}")).body
    return [user["username"] for user in found["users"]], [tag["tag"] for tag in found["hashtags"]]


async def _written(client: Client, beginning: str) -> set[tuple[str, int]]:
    async with connection(client.app[POOL]) as conn:
        rows = await conn.fetch("SELECT beginning, weight FROM popular_name WHERE starts_with(name, $1)", beginning)
    return {(row["beginning"], row["weight"]) for row in rows}


async def test_the_followed_come_first_and_an_exact_name_before_them(
    client: Client, ann: Person, ben: Person, nobody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "POPULAR", 1)
    beginning = f"q{secrets.token_hex(5)}"
    a, b, c = [await sign_up(client, f"{beginning}_{rest}") for rest in "abc"]
    for person in (ann, ben):
        await person.follow(c)
    await ann.follow(b)
    await _look(client, jobs.USERS_WALK, beginning)
    assert await _written(client, beginning) == {(c.username[:n], w) for n in range(9) for w in (1, 2)}
    for q in (beginning[:9], beginning):
        assert (await _found(nobody, q, 3))[0] == [c.username, b.username, a.username]
        assert (await _found(nobody, q, 1))[0] == [c.username]
    assert (await _found(nobody, a.username, 3))[0] == [a.username]
    assert (await ben.put(f"/me/blocks/{c.id}")).status == 204
    assert (await _found(ben, beginning, 3))[0] == [b.username, a.username]
    assert (await ann.delete(f"/me/following/{b.id}")).status == 204
    patch = {"username": f"x{beginning}", "current_password": "correct horse battery"}
    assert (await c.patch("/me", json=patch)).status == 200
    assert (await _found(nobody, beginning, 3))[0] == [b.username, a.username]
    await _look(client, jobs.USERS_WALK, beginning)
    assert await _written(client, beginning) == set()


async def test_hashtags_that_many_use_come_first(
    client: Client, ann: Person, nobody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "POPULAR", 2)
    monkeypatch.setattr(jobs, "TAGS_AT_ONCE", 1)
    beginning = f"q{secrets.token_hex(5)}"
    posted = [await published(client, ann, Told(title=words)) for words in (f"#{beginning}a #{beginning}b", f"#{beginning}b")]
    await _look(client, jobs.HASHTAGS_WALK, beginning)
    assert await _written(client, beginning) == {(beginning[:n], 2) for n in range(9)}
    assert (await _found(nobody, beginning, 2))[1] == [f"{beginning}b", f"{beginning}a"]
    assert (await _found(nobody, beginning, 1))[1] == [f"{beginning}b"]
    for video_id in posted:
        assert (await ann.delete(f"/videos/{video_id}")).status == 204
    assert (await _found(nobody, beginning, 2))[1] == []
    await _look(client, jobs.HASHTAGS_WALK, beginning)
    assert await _written(client, beginning) == set()


async def test_nothing_is_left_of_an_account_that_goes(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "POPULAR", 1)
    for one, other in ((ann, ben), (ben, ann)):
        await one.follow(other)
        await _look(client, jobs.USERS_WALK, other.username[:-1])
    assert ann.id is not None
    async with connection(client.app[POOL]) as conn:
        await actions.forget(conn, ann.username)
    assert await _written(client, ann.username) == set()
    assert await _written(client, ben.username) != set()


async def test_who_leaves_while_the_job_comes_by_is_not_found_afterwards(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "POPULAR", 1)
    monkeypatch.setattr(jobs, "SLICES", 1)
    await ben.follow(ann)
    leaving: list[asyncio.Task[None]] = []
    hold = accounts.hold_usernames

    async def held(conn: Rows, names: Sequence[str]) -> set[str]:
        found = await hold(conn, names)
        leaving.append(asyncio.create_task(leave(ann), name="leaving"))
        async with connection(client.app[POOL]) as other:
            while not await other.fetchval(WAITS):
                await asyncio.sleep(0.01)
        return found

    monkeypatch.setattr(accounts, "hold_usernames", held)
    await _look(client, jobs.USERS_WALK, ann.username[:-1].lower())
    await leaving[0]
    assert await _written(client, ann.username) == set()


async def test_a_name_that_is_being_taken_away_is_not_kept(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "POPULAR", 1)
    await ben.follow(ann)
    async with client.app[POOL].acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        assert await conn.fetchval("SELECT true FROM username WHERE name = $1 FOR UPDATE", ann.username.lower())
        await _look(client, jobs.USERS_WALK, ann.username[:-1].lower())
        await transaction.rollback()
    assert await _written(client, ann.username) == set()
