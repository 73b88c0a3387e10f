"""Access tokens: renewed once for everybody who asks, and refusals that say what to do."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from reelwire_live import LogIn, NotSignedInError, UnreachableError
from reelwire_live.tokens import FixedToken
from tests.people import PASSWORD, Client, sign_up
from tests.waiting import until

NOWHERE = "http://127.0.0.1:1"


def origin_of(client: Client) -> str:
    return str(client.make_url("")).rstrip("/")


async def test_it_logs_in_and_renews(client: Client) -> None:
    ann = await sign_up(client)
    with pytest.raises(NotSignedInError):
        await LogIn.with_password(origin_of(client), ann.username, "something else")
    log_in = await LogIn.with_password(origin_of(client), ann.email, PASSWORD)
    first = await log_in(None)
    assert await log_in("another one") == first
    second = await log_in(first)
    assert second != first
    assert await log_in(first) == second


async def test_all_who_ask_at_once_get_the_same_new_token(client: Client) -> None:
    ann = await sign_up(client)
    log_in = LogIn(origin_of(client) + "/", ann.access, ann.refresh)
    tokens = await asyncio.gather(*(log_in(ann.access) for _ in range(10)))
    assert len(set(tokens)) == 1
    assert ann.access not in tokens


async def test_a_log_in_that_was_ended_is_no_log_in(client: Client) -> None:
    ann = await sign_up(client)
    log_in = LogIn(origin_of(client), ann.access, ann.refresh)
    assert (await ann.delete("/sessions/current")).status == 204
    with pytest.raises(NotSignedInError):
        await log_in(ann.access)


class Front:
    """Answers refreshes as a test says, and holds them back."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.sent: list[str] = []
        self.go = asyncio.Event()
        self.go.set()

    async def refresh(self, request: web.Request) -> web.Response:
        self.sent.append((await request.json())["refresh_token"])
        await self.go.wait()
        return self.answers.pop(0)


@pytest.fixture
async def front() -> AsyncIterator[tuple[str, Front]]:
    found, app = Front(), web.Application()
    app.add_routes([web.post("/api/v1/sessions/refresh", found.refresh)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), found


async def test_refusals_that_pass_leave_the_log_in_as_it_is(front: tuple[str, Front]) -> None:
    origin, answering = front
    answering.answers = [
        web.json_response({"code": "refresh_in_progress", "detail": "Another one runs."}, status=409),
        web.json_response({"code": "unavailable", "detail": "Briefly unavailable."}, status=503),
        web.Response(text="<h1>Bad gateway</h1>", content_type="text/html", status=502),
        web.Response(text="[]", content_type="application/json"),
        web.json_response({"access_token": "new", "refresh_token": "next"}),
    ]
    log_in = LogIn(origin, "old", "first")
    for why in ("409 Another one runs.", "503 Briefly unavailable.", "502", "200"):
        with pytest.raises(UnreachableError, match=f"^answered with {why}$"):
            await log_in("old")
    assert await log_in("old") == "new"
    assert answering.sent == ["first"] * 5
    assert log_in.refresh_token == "next"


async def test_a_renewal_whose_caller_left_is_not_lost(front: tuple[str, Front]) -> None:
    origin, answering = front
    answering.answers = [web.json_response({"access_token": "new", "refresh_token": "next"})]
    answering.go.clear()
    log_in = LogIn(origin, "old", "first")
    caller = asyncio.create_task(log_in.renew(), name="caller")
    await until(lambda: answering.sent, "the refresh")
    caller.cancel()
    await asyncio.wait([caller])
    answering.go.set()
    assert await log_in("old") == "new"
    assert answering.sent == ["first"]


async def test_a_system_that_is_away_may_come_back() -> None:
    with pytest.raises(UnreachableError, match="cannot be reached"):
        await LogIn(NOWHERE, "old", "first")("old")
    with pytest.raises(ValueError, match="neither"):
        await LogIn("file:///etc", "old", "first")("old")


async def test_a_fixed_token_is_good_until_it_is_refused() -> None:
    token = FixedToken("a")
    assert await token(None) == "a"
    assert await token("b") == "a"
    with pytest.raises(NotSignedInError):
        await token("a")
