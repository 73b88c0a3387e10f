"""Somebody else who watches."""

import pytest

from tests.people import Client, Person, sign_up


@pytest.fixture
async def cat(client: Client) -> Person:
    return await sign_up(client, "cat")
