"""Requests are held to their limits by all processes together; without Valkey readers pass, and nobody logs in."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from pytest_aiohttp.plugin import AiohttpClient

from server.keys import derive
from server.kit import limiter
from server.kit.address import EDGE_HEADER
from server.settings import Settings, SettingsError
from server.web import application
from tests.people import PASSWORD, Client, Person, new_name, sign_up
from tests.valkeys import OwnValkey, own_valkey

PATIENT_SECONDS, IMPATIENT_SECONDS = 4.0, 1.0


@pytest.fixture(autouse=True)
def patient_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no Valkey that is away."""
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", PATIENT_SECONDS)


@pytest.fixture
def limited(settings: Settings) -> Settings:
    """Limits are on, and their buckets are this test's own: they are named by the secret."""
    return replace(settings, rate_limits=True, secret_keys=(secrets.token_hex(32),))


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[OwnValkey]:
    async with own_valkey(tmp_path) as server:
        yield server


async def served(aiohttp_client: AiohttpClient, settings: Settings) -> Client:
    server = TestServer(application(settings))
    await server.start_server(auto_decompress=False)
    return cast("Client", await aiohttp_client(server, cookie_jar=aiohttp.DummyCookieJar()))


def body(name: str) -> dict[str, str]:
    username = new_name(name)
    return {"username": username, "email": f"{username}@example.org", "password": PASSWORD}


async def test_an_answer_that_is_streamed_tells_its_limit_too(aiohttp_client: AiohttpClient, limited: Settings) -> None:
    ann = await sign_up(await served(aiohttp_client, replace(limited, limits=("exports=2/86400",))))
    answer = await ann.get("/me/export")
    assert (answer.status, answer.headers["RateLimit-Policy"]) == (200, '"exports";q=2;w=86400')
    assert answer.headers["RateLimit"].startswith('"exports";r=1;')


async def test_two_processes_together_let_no_more_pass(aiohttp_client: AiohttpClient, limited: Settings) -> None:
    own = replace(limited, limits=("follows=7/86400",))
    one, two = await served(aiohttp_client, own), await served(aiohttp_client, own)
    ann, ben = await sign_up(one), await sign_up(one, "ben")
    there = replace(ann, client=two)
    calls = [person.put(f"/me/following/{ben.id}") for person in (ann, there) for _ in range(10)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status for answer in answers) == [204] * 7 + [429] * 13
    passed = [answer.headers["RateLimit"] for answer in answers if answer.status == 204]
    assert sorted(told.split(";")[1] for told in passed) == [f"r={left}" for left in range(7)]
    for refused in (answer for answer in answers if answer.status == 429):
        wait = refused.headers["Retry-After"]
        assert (refused.code, 0 < int(wait) <= 86400 / 7 + 1) == ("rate_limited", True)
        assert refused.headers["RateLimit-Policy"] == '"follows";q=7;w=86400'
        assert refused.headers["RateLimit"] == f'"follows";r=0;t={wait}'
        assert refused.headers["Content-Type"] == "application/problem+json"
    assert (await ben.put(f"/me/following/{ann.id}")).status == 204


async def test_nobody_without_an_account_is_counted_where_one_is_needed(aiohttp_client: AiohttpClient, limited: Settings) -> None:
    client = await served(aiohttp_client, replace(limited, limits=("writes=1/86400",)))
    for _ in range(3):
        assert (await Person(client).patch("/me", json={})).code == "not_authenticated"
    assert (await Person(client).patch("/there/is/nothing", json={})).code == "not_found"


async def test_what_is_refused_as_it_stands_does_not_count_against_those_who_sign_up(
    aiohttp_client: AiohttpClient, limited: Settings
) -> None:
    nobody = Person(await served(aiohttp_client, replace(limited, limits=("sign_up=2/86400",))))
    for wrong in ({}, body("ann") | {"password": "short"}):
        assert (await nobody.post("/accounts", json=wrong)).status == 422
    taken = body("ann")
    assert (await nobody.post("/accounts", json=taken)).status == 201
    assert (await nobody.post("/accounts", json=taken)).code == "username_taken"
    assert (await nobody.post("/accounts", json=body("ben"))).code == "rate_limited"


async def test_an_address_is_what_the_edge_says_and_never_what_clients_say(
    aiohttp_client: AiohttpClient, limited: Settings
) -> None:
    nobody = Person(await served(aiohttp_client, replace(limited, limits=("sign_up=1/86400",))))

    async def status(**headers: str) -> int:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await nobody.post("/accounts", json=body("ann"), headers=told)).status

    assert await status() == 201
    assert [await status(X_Forwarded_For=f"192.0.2.{n}") for n in range(3)] == [429] * 3
    edge = {EDGE_HEADER.replace("-", "_"): derive(limited.secret_keys[0]).edge}
    assert [await status(**edge, X_Forwarded_For=f"192.0.2.{n}") for n in (1, 2, 1)] == [201, 201, 429]
    assert [await status(**edge, X_Forwarded_For=f"2001:db8::{n}") for n in (1, 2)] == [201, 429]


@pytest.mark.parametrize("away", ["killed", "frozen"])
async def test_without_valkey_what_can_be_guessed_is_closed_and_the_rest_is_open(
    aiohttp_client: AiohttpClient, limited: Settings, valkey: OwnValkey, away: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await served(aiohttp_client, replace(limited, valkey_url=valkey.url, limits=("follows=1/86400",)))
    ann, ben = await sign_up(client), await sign_up(client, "ben")
    given = {"login": ann.username, "password": PASSWORD}
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", IMPATIENT_SECONDS)
    await (valkey.kill() if away == "killed" else asyncio.to_thread(valkey.freeze))
    async with asyncio.timeout(60):
        assert (await ann.get("/me")).status == 200
        for _ in range(3):
            assert (await ann.put(f"/me/following/{ben.id}")).status == 204
        refreshed = await Person(client).post("/sessions/refresh", json={"refresh_token": ann.refresh})
        assert refreshed.status == 200
        secret = {"password": "another " + PASSWORD, "current_password": PASSWORD}
        closed = [
            await Person(client).post("/sessions", json=given),
            await Person(client).post("/accounts", json=body("cat")),
            await ann.patch("/me", json=secret),
        ]
        assert (await ann.patch("/me", json={"bio": "I am here"})).status == 200
    for refused in closed:
        assert (refused.status, refused.code) == (503, "unavailable")
        assert int(refused.headers["Retry-After"]) > 0
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", PATIENT_SECONDS)
    if away == "killed":
        await valkey.start()
    else:
        valkey.thaw()
    async with asyncio.timeout(30):
        while (await Person(client).post("/sessions", json=given)).status != 201:
            await asyncio.sleep(0.05)
    answers = [(await ann.put(f"/me/following/{ben.id}")).status for _ in range(2)]
    assert answers[-1] == 429


async def test_a_frozen_valkey_holds_up_the_first_and_none_behind_it(
    aiohttp_client: AiohttpClient, limited: Settings, valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await served(aiohttp_client, replace(limited, valkey_url=valkey.url))
    ann, ben = await sign_up(client), await sign_up(client, "ben")
    monkeypatch.setattr(limiter, "AVOID_SECONDS", 600.0)
    asked = 0
    buckets = client.app[limiter.LIMITER]._buckets  # type: ignore[union-attr]
    take = buckets.take

    async def counting(wishes: object) -> object:
        nonlocal asked
        asked += 1
        return await take(wishes)  # type: ignore[arg-type]

    monkeypatch.setattr(buckets, "take", counting)
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", IMPATIENT_SECONDS)
    valkey.freeze()
    for _ in range(5):
        assert (await ann.put(f"/me/following/{ben.id}")).status == 204
    assert asked == 1
    valkey.thaw()


async def test_off_is_off(aiohttp_client: AiohttpClient, limited: Settings) -> None:
    client = await served(aiohttp_client, replace(limited, rate_limits=False, limits=("sign_up=1/86400", "follows=1/86400")))
    ann, ben = await sign_up(client), await sign_up(client, "ben")
    answers = [await ann.put(f"/me/following/{ben.id}") for _ in range(3)]
    assert [answer.status for answer in answers] == [204] * 3
    assert "RateLimit" not in answers[0].headers


async def test_a_setting_that_names_no_limit_is_said_at_the_start(limited: Settings) -> None:
    server = TestServer(application(replace(limited, limits=("nothing=1/1",))))
    with pytest.raises(SettingsError, match="nothing"):
        await server.start_server()
