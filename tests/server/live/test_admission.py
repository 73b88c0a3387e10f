"""Sessions begin a few at a time; of many that come together some wait, and the rest are told when to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus

import pytest
from aiohttp import ClientSession
from websockets.exceptions import InvalidStatus

from server.live.admission import Admission, Crowded
from tests.server.live.stage import Node, Somebody, Stage, both_ways, position_now
from tests.server.live.test_routes import ticket
from tests.sockets import Ear, listening
from tests.waiting import until

FOR_EVER = 3600.0
STORM = 200


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """One opening at a time, and one that waits."""
    limited(monkeypatch, at_once=1, waiting=1, seconds=0.0)


def limited(monkeypatch: pytest.MonkeyPatch, at_once: int, waiting: int, seconds: float) -> None:
    for name, value in {"OPENINGS_AT_ONCE": at_once, "OPENINGS_WAITING": waiting, "OPENING_SECONDS": seconds}.items():
        monkeypatch.setattr(f"server.live.admission.{name}", value)


async def begin(admission: Admission, begun: list[int], number: int, end: asyncio.Event) -> None:
    async with admission.opening():
        begun.append(number)
        await end.wait()


@asynccontextmanager
async def full(admission: Admission) -> AsyncIterator[None]:
    """Every slot and every place is taken, until the end of the block."""
    end, begun = asyncio.Event(), list[int]()
    async with asyncio.TaskGroup() as group:
        group.create_task(begin(admission, begun, 1, end), name="opening")
        await until(lambda: begun, "the first")
        group.create_task(begin(admission, begun, 2, end), name="waiting")
        await asyncio.sleep(0)
        try:
            yield
        finally:
            end.set()
    assert begun == [1, 2]


async def refusal(node: Node, who: Somebody) -> InvalidStatus:
    with pytest.raises(InvalidStatus) as caught:
        async with node.listen(who):
            pass
    return caught.value


@pytest.mark.usefixtures("narrow")
async def test_those_who_come_on_top_are_refused_and_those_who_wait_get_in() -> None:
    admission = Admission()
    async with full(admission):
        with pytest.raises(Crowded) as caught:
            async with admission.opening():
                pass
    assert 1 <= int(caught.value.headers["Retry-After"]) <= 5
    async with admission.opening():
        pass


@pytest.mark.usefixtures("narrow")
async def test_one_that_goes_while_it_waits_leaves_its_place_to_others() -> None:
    admission, end, begun = Admission(), asyncio.Event(), list[int]()
    first = asyncio.create_task(begin(admission, begun, 1, end), name="first")
    await until(lambda: begun, "the first")
    for number in (2, 3):
        waiting = asyncio.create_task(begin(admission, begun, number, end), name="waiting")
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    last = asyncio.create_task(begin(admission, begun, 4, end), name="last")
    await asyncio.sleep(0)
    end.set()
    await asyncio.gather(first, last)
    assert begun == [1, 4]


async def test_openings_that_are_over_at_once_leave_no_slot_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, at_once=3, waiting=1, seconds=FOR_EVER)
    admission = Admission()
    for _ in range(3):
        async with admission.opening():
            pass
    waiting = asyncio.create_task(begin(admission, [], 4, asyncio.Event()), name="waiting")
    await asyncio.sleep(0)
    with pytest.raises(Crowded):
        async with admission.opening():
            pass
    waiting.cancel()
    await asyncio.wait([waiting])


@both_ways
@pytest.mark.usefixtures("narrow")
async def test_an_app_is_refused_with_a_time_to_come_again_and_gets_in_then(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    # Nothing is read from PostgreSQL for it.
    async with full(node.gateway.admission), stage.pool.acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE following, session IN ACCESS EXCLUSIVE MODE")
        response = (await refusal(node, ann)).response
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert 1 <= int(response.headers["Retry-After"]) <= 5
    assert b'"code":"unavailable"' in (response.body or b"")
    assert len(node.gateway.hub.presence) == 0
    async with node.listen(ann) as ear:
        await ear.of_type("welcome")


@both_ways
@pytest.mark.usefixtures("narrow")
async def test_a_page_is_told_by_a_close_that_it_can_see_and_its_ticket_stays_good(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    query = f"?ticket={await ticket(node, ann)}"
    async with full(node.gateway.admission), listening(node.url, query=query) as ear:
        code, reason = await ear.closed()
        assert (code, ear.frames) == (1012, [])
        name, _, milliseconds = reason.partition("=")
        assert name == "retry_after_ms"
        assert 0 <= int(milliseconds) < 5000
    async with listening(node.url, query=query) as ear:
        await ear.of_type("welcome")


@both_ways
@pytest.mark.usefixtures("narrow")
async def test_nobody_begins_on_a_process_that_stops(stage: Stage, node: Node) -> None:
    """They waited for their turn when it said goodbye to everybody."""
    ann = await stage.somebody()
    query = f"?ticket={await ticket(node, ann)}"
    end, begun = asyncio.Event(), list[int]()
    async with asyncio.TaskGroup() as group:
        group.create_task(begin(node.gateway.admission, begun, 1, end), name="opening")
        await until(lambda: begun, "the one before")
        refused = group.create_task(refusal(node, ann), name="an app")
        await until(lambda: node.gateway.admission._waiting, "the app")
        node.gateway.stopping = True
        end.set()
    assert refused.result().response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    node.gateway.stopping = False
    end.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(begin(node.gateway.admission, begun, 2, end), name="opening")
        await until(lambda: len(begun) > 1, "the one before")
        closed = group.create_task(_closed(node, query), name="a page")
        await until(lambda: node.gateway.admission._waiting, "the page")
        node.gateway.stopping = True
        end.set()
    code, reason, frames = closed.result()
    assert (code, reason.partition("=")[0], frames) == (1012, "retry_after_ms", [])
    assert len(node.gateway.hub.presence) == 0


async def _closed(node: Node, query: str) -> tuple[int | None, str, list[object]]:
    async with listening(node.url, query=query) as ear:
        code, reason = await ear.closed()
        return code, reason, list(ear.frames)


@pytest.mark.usefixtures("narrow")
async def test_http_goes_on_where_no_session_can_begin(stage: Stage, node: Node) -> None:
    async with full(node.gateway.admission), ClientSession() as http, http.get(f"{node.url}/api/v1/feed/latest") as answer:
        assert answer.status == HTTPStatus.OK


async def test_all_come_back_from_a_dead_node_and_miss_nothing(stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, at_once=5, waiting=20, seconds=0.0)
    other, author = await stage.node(), await stage.somebody()
    people = [await stage.somebody() for _ in range(STORM)]
    for person in people:
        await stage.follow(person, author)
    position = await position_now(node, people[0])
    await node.stop()
    published = [await stage.publish(author) for _ in range(2)]
    refused = list[int]()
    async with AsyncExitStack() as stack:

        async def come_back(person: Somebody) -> Ear:
            while True:
                try:
                    return await stack.enter_async_context(other.listen(person, resume=position))
                except InvalidStatus as error:
                    refused.append(error.response.status_code)
                    await asyncio.sleep(0.01)

        ears = await asyncio.gather(*map(come_back, people))
        published += [await stage.publish(author)]
        for ear in ears:
            await ear.heard(*published)
            caught_up = await ear.of_type("caught_up")
            assert caught_up["recovered"]
            assert ear.videos == [str(video_id) for video_id in published]
    assert set(refused) == {HTTPStatus.SERVICE_UNAVAILABLE}
