"""Whoever guesses passwords is slowed down, and the owner of the name still gets in."""

import asyncio
import secrets
from dataclasses import replace
from typing import Any, cast

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from pytest_aiohttp.plugin import AiohttpClient

from server.keys import derive
from server.kit.address import EDGE_HEADER
from server.settings import Settings
from server.web import application
from tests.people import PASSWORD, Answer, Client, Person, new_name, sign_up

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"


@pytest.fixture(autouse=True)
def patient_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no Valkey that is away."""
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", 4.0)


@pytest.fixture
async def guarded(aiohttp_client: AiohttpClient, settings: Settings) -> Client:
    own = replace(
        settings,
        rate_limits=True,
        secret_keys=(secrets.token_hex(32),),
        limits=("wrong_log_in=3/86400", "wrong_password=3/86400"),
    )
    server = TestServer(application(own))
    await server.start_server(auto_decompress=False)
    edge = {EDGE_HEADER: derive(own.secret_keys[0]).edge, "X-Forwarded-For": HOME}
    client: Any = await aiohttp_client(server, cookie_jar=aiohttp.DummyCookieJar(), headers=edge)
    return cast("Client", client)


async def log_in(client: Client, login: str, password: str = PASSWORD, address: str = HOME) -> Answer:
    given = {"login": login, "password": password}
    return await Person(client).post("/sessions", json=given, headers={"X-Forwarded-For": address})


async def test_many_guesses_at_once_are_no_more_than_so_many(guarded: Client) -> None:
    ann = await sign_up(guarded)
    guesses = [log_in(guarded, ann.username, f"wrong {n} wrong", ELSEWHERE) for n in range(12)]
    codes = sorted(str(answer.code) for answer in await asyncio.gather(*guesses))
    assert codes == ["bad_credentials"] * 3 + ["rate_limited"] * 9
    assert (await log_in(guarded, ann.username.upper(), address="203.0.113.9")).code == "rate_limited"


async def test_strangers_do_not_lock_the_owner_out(guarded: Client) -> None:
    ann = await sign_up(guarded)
    for n in range(4):
        await log_in(guarded, ann.username, "a wrong password", f"198.51.100.{n}")
    refused = await log_in(guarded, ann.username, address=ELSEWHERE)
    assert (refused.status, refused.headers["RateLimit-Policy"]) == (429, '"wrong_log_in";q=3;w=86400')
    assert (await log_in(guarded, ann.username)).status == 201
    assert (await log_in(guarded, ann.email)).status == 201


async def test_at_home_too_there_are_no_more_than_so_many(guarded: Client) -> None:
    ann = await sign_up(guarded)
    answers = [await log_in(guarded, ann.username, "a wrong password") for _ in range(4)]
    assert [answer.code for answer in answers] == ["bad_credentials"] * 3 + ["rate_limited"]
    assert (await log_in(guarded, ann.username, address=ELSEWHERE)).status == 201


async def test_where_somebody_has_logged_in_they_are_at_home(guarded: Client) -> None:
    ann = await sign_up(guarded)
    assert (await log_in(guarded, ann.username, address=ELSEWHERE)).status == 201
    for _ in range(4):
        await log_in(guarded, ann.username, "a wrong password", "203.0.113.9")
    assert (await log_in(guarded, ann.username, address=ELSEWHERE)).status == 201


async def test_what_is_right_does_not_count(guarded: Client) -> None:
    ann = await sign_up(guarded)
    for n in range(5):
        assert (await log_in(guarded, ann.username, address=f"203.0.113.{n}")).status == 201


async def test_a_name_that_nobody_has_is_limited_alike(guarded: Client) -> None:
    nobody = new_name("nobody")
    answers = [await log_in(guarded, nobody, "a wrong password", ELSEWHERE) for _ in range(4)]
    assert [answer.code for answer in answers] == ["bad_credentials"] * 3 + ["rate_limited"]


async def test_the_current_password_is_not_to_be_guessed_with_a_stolen_token(guarded: Client) -> None:
    ann = await sign_up(guarded)
    wrong = {"password": "another " + PASSWORD, "current_password": "a wrong password"}
    answers = [await ann.patch("/me", json=wrong) for _ in range(4)]
    assert [answer.code for answer in answers] == ["bad_password"] * 3 + ["rate_limited"]
    assert (await ann.patch("/me", json={"bio": "I am here"})).status == 200
