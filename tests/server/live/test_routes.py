"""Opening a session: who may, by what credentials, and from which page."""

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import ClientSession
from websockets.exceptions import InvalidStatus

from server.live import log
from tests.server.live.stage import Node, Somebody, Stage, both_ways
from tests.sockets import listening

pytestmark = both_ways


async def refused(node: Node, token: str | None = None, query: str = "", headers: Mapping[str, str] | None = None) -> int:
    """The status of a refused upgrade."""
    with pytest.raises(InvalidStatus) as caught:
        async with listening(node.url, token, query, origin=(headers or {}).get("Origin")):
            pass
    assert b"application/problem+json" in caught.value.response.headers["Content-Type"].encode()
    return caught.value.response.status_code


async def ticket(node: Node, who: Somebody) -> str:
    headers = {"Authorization": f"Bearer {who.token}"}
    async with ClientSession() as http, http.post(f"{node.url}/api/v1/live/tickets", headers=headers) as answer:
        assert answer.status == 201
        body = await answer.json()
        assert body["expires_in"] == 30
        found: str = body["ticket"]
        return found


async def test_without_credentials_there_is_no_session(node: Node) -> None:
    assert await refused(node) == 401


async def test_a_bad_token_is_refused_before_the_upgrade(node: Node) -> None:
    assert await refused(node, "not.a.token") == 401


async def test_a_ticket_opens_a_session_once_on_any_node(stage: Stage, node: Node) -> None:
    other, ann = await stage.node(), await stage.somebody()
    found = await ticket(node, ann)
    async with listening(other.url, query=f"?ticket={found}") as ear:
        await ear.of_type("welcome")
    async with listening(node.url, query=f"?ticket={found}") as ear:
        assert (await ear.closed())[0] == 4001
        assert ear.frames == []


@pytest.mark.parametrize("bad", ["", "never-was-one", "x" * 5000, "ü"])
async def test_a_bad_ticket_is_accepted_and_closed_so_that_a_browser_can_see_why(node: Node, bad: str) -> None:
    async with listening(node.url, query=f"?ticket={bad}") as ear:
        assert (await ear.closed())[0] == 4001


async def test_a_ticket_of_an_ended_session_is_worth_nothing(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    found = await ticket(node, ann)
    await stage.log_out(ann)
    async with listening(node.url, query=f"?ticket={found}") as ear:
        assert (await ear.closed())[0] == 4001


async def test_a_ticket_needs_credentials(node: Node) -> None:
    async with ClientSession() as http, http.post(f"{node.url}/api/v1/live/tickets") as answer:
        assert (answer.status, (await answer.json())["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("origin", ["https://evil.example", "http://reelwire.test.evil.example", "null", ""])
async def test_a_page_of_another_origin_gets_no_session(stage: Stage, node: Node, origin: str) -> None:
    ann = await stage.somebody()
    assert await refused(node, ann.token, headers={"Origin": origin}) == 403
    assert await refused(node, None, f"?ticket={await ticket(node, ann)}", {"Origin": origin}) == 403


async def test_our_own_page_and_an_app_without_origin_get_one(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    async with node.listen(ann, origin=stage.settings.public_url) as ear:
        await ear.of_type("welcome")
    async with node.listen(ann) as ear:
        await ear.of_type("welcome")


async def test_the_subprotocol_need_not_be_offered(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    async with node.listen(ann) as ear:
        assert ear.wire.subprotocol == "reelwire.v1"
    async with node.listen(ann, subprotocols=None) as ear:
        assert ear.wire.subprotocol is None
        await ear.of_type("welcome")


async def test_a_request_that_is_no_upgrade_is_told_so(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    headers = {"Authorization": f"Bearer {ann.token}"}
    async with ClientSession() as http, http.get(f"{node.url}/api/v1/live", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "malformed")


async def test_what_is_published_after_the_welcome_is_heard_even_while_the_session_begins(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    for _ in range(30):
        publishing = asyncio.create_task(stage.publish(ben))
        async with node.listen(ann) as ear:
            welcome = await ear.of_type("welcome")
            await ear.answered()
            video_id = await publishing
            seq = await stage.pool.fetchval("SELECT seq FROM publication WHERE video_id = $1", video_id)
            position = log.Position.read(welcome["position"])
            assert position is not None
            if seq is None or seq > position.seq:
                await ear.heard(video_id)


async def test_a_session_that_cannot_be_loaded_in_time_is_refused(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await stage.somebody()
    monkeypatch.setattr("server.live.opening.SECONDS", 0.1)
    async with stage.pool.acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE following IN ACCESS EXCLUSIVE MODE")
        assert await refused(node, ann.token) == 503
    assert "TimeoutError" in caplog.text
