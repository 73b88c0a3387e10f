"""Who asks for an object that is on its way into the cache."""

import asyncio
from contextlib import suppress

import pytest

from server.origin import carried
from server.origin.carried import Carried


async def test_what_nobody_carries_has_not_arrived() -> None:
    assert not await Carried().arrived("/media/a")


async def test_who_waits_is_told_when_it_has_arrived() -> None:
    found = Carried()
    with found.carrying("/media/a"):
        waiting = [asyncio.create_task(found.arrived(path)) for path in ("/media/a", "/media/a", "/media/b")]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [True, True, False]
    assert not await found.arrived("/media/a")


async def test_what_broke_off_has_not_arrived() -> None:
    found, waiting = Carried(), []
    with suppress(ConnectionError), found.carrying("/media/a"):
        waiting.append(asyncio.create_task(found.arrived("/media/a")))
        await asyncio.sleep(0)
        raise ConnectionError
    assert await asyncio.gather(*waiting) == [False]


async def test_a_second_one_that_carries_does_not_end_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Carried()
    monkeypatch.setattr(carried, "WAIT_SECONDS", 0.01)
    with found.carrying("/media/a"):
        with found.carrying("/media/a"):
            pass
        assert not await found.arrived("/media/a")  # it takes too long
