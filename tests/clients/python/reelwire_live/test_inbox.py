"""Whoever puts waits for room, and what was put is taken in order."""

import asyncio

from reelwire_live.inbox import Inbox
from server.kit.tasks import running


async def test_what_is_put_is_taken_in_order_and_the_end_comes_last() -> None:
    inbox = Inbox[int](3)
    for number in (1, 2, 3):
        await inbox.put(number)
    inbox.end()
    assert [await inbox.take() for _ in range(5)] == [1, 2, 3, None, None]


async def test_a_full_inbox_is_waited_for() -> None:
    inbox, put = Inbox[int](1), list[int]()

    async def fill() -> None:
        for number in range(3):
            await inbox.put(number)
            put.append(number)

    async with running("filling", fill()) as filling:
        for number in range(3):
            assert len(put) <= number + 1
            async with asyncio.timeout(30):
                assert await inbox.take() == number
        await asyncio.wait([filling], timeout=30)
    assert put == [0, 1, 2]


async def test_whoever_waits_hears_of_the_end() -> None:
    inbox = Inbox[int](1)
    taking = asyncio.create_task(inbox.take(), name="taking")
    await asyncio.sleep(0)
    inbox.end()
    async with asyncio.timeout(30):
        assert await taking is None
