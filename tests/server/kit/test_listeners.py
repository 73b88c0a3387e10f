"""Whoever takes something away waits until nobody believes otherwise: until all have heard, or believe their memory no more."""

import asyncio

import pytest

from server.kit import listeners
from server.kit.ids import new_id
from server.kit.invalidation import Invalidated, Invalidations
from server.kit.listeners import Echoes
from server.kit.tasks import running
from server.settings import Settings
from storage.postgres import close_pool, connection, open_pool
from tests.waiting import until

OWN = "CREATE TEMPORARY TABLE listener (LIKE listener INCLUDING ALL)"
"""Of this one connection, where no other process of the session is listed."""


@pytest.fixture(autouse=True)
def believing_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests do is done before anybody's belief ends, however slow this machine is."""
    monkeypatch.setattr(listeners, "BELIEVED_SECONDS", 60.0)


async def test_alone_nobody_waits(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 1, "test")
    me = new_id()
    async with connection(pool) as conn:
        await conn.execute(OWN)
        await listeners.believe(conn, me)
    async with asyncio.timeout(listeners.BELIEVED_SECONDS / 2):
        await Echoes(pool, me).wait([new_id()])
    await close_pool(pool)


async def test_the_wait_ends_when_all_others_have_heard(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 1, "test")
    me, others, event = new_id(), {new_id(), new_id()}, new_id()
    async with connection(pool) as conn:
        await conn.execute(OWN)
        for other in others:
            await listeners.believe(conn, other)
    echoes, heard = Echoes(pool, me), list[bool]()

    async def wait() -> None:
        await echoes.wait([event])
        heard.append(True)

    async with running("waiting", wait()):
        one, other = others
        echoes.heard(event, one)
        echoes.heard(new_id(), other)  # of something else
        await asyncio.sleep(0)
        assert not heard
        await until(lambda: event in echoes._heard)
        echoes.heard(event, one)
        echoes.heard(event, other)
        await until(lambda: heard)
    assert not echoes._heard
    await close_pool(pool)


async def test_whoever_says_nothing_is_waited_for_no_longer_than_it_believes(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 1, "test")
    async with connection(pool) as conn:
        await conn.execute(OWN)
        await conn.execute(listeners.BELIEVE, new_id(), 0.05)
    await Echoes(pool, new_id()).wait([new_id()])
    async with connection(pool) as conn:
        assert not await conn.fetch(listeners.OTHERS, new_id())
    await close_pool(pool)


async def test_a_process_that_polls_is_a_listener_until_it_leaves(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 2, "test")
    polling = Invalidations(pool, 900)

    async def listed() -> bool:
        async with connection(pool) as conn:
            return polling.id in {row["id"] for row in await conn.fetch(listeners.OTHERS, new_id())}

    async with running("invalidations", polling.run()):
        await until(lambda: polling.fresh)
        assert await listed()
    await polling.leave()
    assert not await listed()
    await close_pool(pool)


async def test_what_came_by_the_broker_is_echoed_to_whoever_waits(settings: Settings) -> None:
    pool = await open_pool(settings.database_url, 1, "test")
    hearing, echoed = Invalidations(pool, 900), list[object]()
    hearing.answer = echoed.append
    writer = new_id()
    event = Invalidated(new_id(), new_id(), "video", new_id(), by=writer)
    hearing.received(event)
    hearing.received(event)  # said twice, as the broker may: it is taken once and echoed each time
    hearing.received(Invalidated(new_id(), new_id(), "video", new_id()))
    hearing.received(Invalidated(new_id(), new_id(), "video", new_id(), by=hearing.id))
    assert [(one.by, one.event_id) for one in echoed] == [(writer, event.id)] * 2  # type: ignore[attr-defined]
    await close_pool(pool)
