"""Notifications that are told when a test wants it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from server.kit.request import POOL
from server.notifications import jobs
from tests.people import Client, Person, sign_up

WAITING = "SELECT count(*) FROM deed WHERE account_id = $1"

List = Callable[[Person], Awaitable[Any]]


@pytest.fixture
def told(client: Client) -> List:
    """What somebody is told, everything that was done by now included."""

    async def read(person: Person) -> Any:
        async with asyncio.timeout(60):
            await jobs.tell(client.app[POOL])
            while await client.app[POOL].fetchval(WAITING, person.id):  # the process under test is just telling it
                await asyncio.sleep(0.01)
        found = await person.get("/me/notifications", params={"limit": "50"})
        assert found.status == 200, found.body
        return found.body

    return read


@pytest.fixture
async def cat(client: Client) -> Person:
    return await sign_up(client, "cat")
