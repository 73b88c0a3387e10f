"""What is believed of an Authorization header."""

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.settings import Settings
from tests import rooms
from tests.people import Person, sign_up


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
