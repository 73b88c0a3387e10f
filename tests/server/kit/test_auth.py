"""What is believed of an Authorization header."""

import asyncio

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.keys import derive
from server.kit.auth import ASKING_AT_ONCE, Authenticator
from server.kit.errors import InvalidToken
from server.kit.ids import new_id
from server.kit.invalidation import Invalidations
from server.kit.tokens import Tokens
from server.settings import Settings
from storage.postgres import close_pool, open_pool
from tests import rooms
from tests.people import Person, sign_up
from tests.waiting import until


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Bearer " + "x" * 9000, 400, "malformed"),
        ("Bearer " + "x" * 8000, 401, "invalid_token"),
        ("Bearer", 401, "invalid_token"),
        ("Basic YTpi", 401, "invalid_token"),
    ],
)
async def test_what_is_no_token_is_refused(
    aiohttp_client: AiohttpClient, settings: Settings, header: str, status: int, code: str
) -> None:
    nobody = Person(await rooms.serve(aiohttp_client, settings))
    refused = await nobody.get("/me", headers={"Authorization": header})
    assert (refused.status, refused.code) == (status, code)


async def test_the_scheme_is_read_without_regard_to_case(aiohttp_client: AiohttpClient, settings: Settings) -> None:
    ann = await sign_up(await rooms.serve(aiohttp_client, settings))
    assert (await ann.get("/me", headers={"Authorization": f"bearer {ann.access}"})).status == 200


async def test_tokens_that_must_be_looked_up_leave_connections_to_others(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, ASKING_AT_ONCE + 1, "test")
    locking = await open_pool(settings.database_url, 1, "test")
    tokens = Tokens(tuple(derive(secret) for secret in settings.secret_keys), 900, 900)
    authenticator = Authenticator(tokens, Invalidations(pool, 900), pool)  # it has read nothing, and so believes nothing
    try:
        async with locking.acquire() as conn, conn.transaction():
            await conn.execute("LOCK TABLE session IN ACCESS EXCLUSIVE MODE")
            asking = [asyncio.create_task(authenticator.claims(tokens.access(new_id(), new_id()))) for _ in range(20)]
            await until(lambda: pool.get_size() - pool.get_idle_size() == ASKING_AT_ONCE, "those who ask")
            assert await pool.fetchval("SELECT 1") == 1
        found = await asyncio.gather(*asking, return_exceptions=True)
        assert {type(each) for each in found} == {InvalidToken}
    finally:
        await close_pool(pool)
        await close_pool(locking)
