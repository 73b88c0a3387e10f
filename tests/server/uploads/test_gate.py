"""Uploads wait for each other before they drown the process or the store."""

import asyncio

import pytest

from server.uploads import gate as module
from server.uploads.gate import Gate
from storage.objects import StoreFull


async def test_only_so_many_write_at_once_and_in_the_order_of_asking() -> None:
    gate, order, at_once = Gate(writes=2), [], 0

    async def write(number: int) -> None:
        nonlocal at_once
        async with gate.writing():
            at_once += 1
            assert at_once <= 2
            order.append(number)
            await asyncio.sleep(0)
            at_once -= 1

    await asyncio.gather(*(write(number) for number in range(20)))
    assert order == list(range(20))


async def test_those_who_wait_are_told_when_the_store_fails() -> None:
    gate = Gate(writes=1)
    inside, fail = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with gate.writing():
            inside.set()
            await fail.wait()
            raise StoreFull("full")

    first = asyncio.create_task(write())
    await inside.wait()
    others = [asyncio.create_task(write()) for _ in range(3)]
    await asyncio.sleep(0)
    fail.set()
    results = await asyncio.gather(first, *others, return_exceptions=True)
    assert [type(error) for error in results] == [StoreFull] * 4
    async with gate.writing():  # the place is free again
        pass


async def test_other_failures_concern_nobody_else() -> None:
    gate = Gate(writes=1)

    async def write(*, well: bool) -> None:
        async with gate.writing():
            await asyncio.sleep(0)
            if not well:
                raise LookupError

    results = await asyncio.gather(write(well=False), write(well=True), return_exceptions=True)
    assert [type(result) for result in results] == [LookupError, type(None)]


async def test_whoever_leaves_the_queue_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(writes=1)
    async with gate.writing():
        patient, leaving = asyncio.create_task(_enter(gate)), asyncio.create_task(_enter(gate))
        await asyncio.sleep(0)
        leaving.cancel()
        monkeypatch.setattr(module, "QUEUE_SECONDS", 0.01)
        with pytest.raises(TimeoutError):
            await _enter(gate)
    await patient
    async with gate.writing():
        pass


async def _enter(gate: Gate) -> None:
    async with gate.writing():
        pass


async def test_one_that_leaves_in_the_moment_of_its_turn_passes_it_on() -> None:
    gate = Gate(writes=1)
    async with gate.writing():
        waiting = asyncio.create_task(_enter(gate))
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(60), gate.writing():
        pass


def test_it_is_crowded_when_too_much_is_held() -> None:
    gate, told = Gate(held_bytes=100), []
    for count in (100, 1, -1):
        gate.hold(count)
        told.append(gate.crowded)
    assert told == [False, True, False]
