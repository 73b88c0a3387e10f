"""Questions that come together are asked together, and each has its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from server.kit.together import Together
from tests.waiting import LIMIT_SECONDS, until


class Oracle:
    """Answers when a test lets it."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may = asyncio.Event()

    async def ask(self, questions: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(questions))
        await self.may.wait()
        if 13 in questions:
            raise ValueError("thirteen")
        return [question * 10 for question in questions]


def asked(together: Together[int, int], *questions: int) -> list["asyncio.Task[int]"]:
    return [asyncio.create_task(together.ask(question), name=str(question)) for question in questions]


async def test_who_comes_while_others_are_answered_is_in_the_next_batch() -> None:
    oracle = Oracle()
    together = Together[int, int]("test", oracle.ask, 3)
    first = asked(together, 1)
    await until(lambda: oracle.batches)
    others = asked(together, 2, 3, 4, 5)
    await asyncio.sleep(0)
    oracle.may.set()
    async with asyncio.timeout(LIMIT_SECONDS):
        assert await asyncio.gather(*first, *others) == [10, 20, 30, 40, 50]
    assert oracle.batches == [[1], [2, 3, 4], [5]]
    assert await together.ask(6) == 60


async def test_a_failure_is_told_to_its_batch_alone() -> None:
    oracle = Oracle()
    oracle.may.set()
    together = Together[int, int]("test", oracle.ask, 2)
    found = await asyncio.gather(*asked(together, 13, 1, 2, 3), return_exceptions=True)
    # Whoever comes in one go is asked together.
    assert [str(one) for one in found] == ["thirteen", "thirteen", "20", "30"]


async def test_who_waits_no_longer_holds_up_nobody() -> None:
    oracle = Oracle()
    together = Together[int, int]("test", oracle.ask, 10)
    (first,) = asked(together, 1)
    await until(lambda: oracle.batches)
    second, third = asked(together, 2, 3)
    await asyncio.sleep(0)
    for gone in (first, second):
        gone.cancel()
    oracle.may.set()
    assert await asyncio.wait_for(third, LIMIT_SECONDS) == 30
    assert oracle.batches == [[1], [3]]


async def test_at_the_end_nobody_is_left_waiting() -> None:
    oracle = Oracle()
    together = Together[int, int]("test", oracle.ask, 1)
    waiting = asked(together, 1, 2)
    await until(lambda: oracle.batches)
    await together.close()
    for one in waiting:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(one, LIMIT_SECONDS)
    assert oracle.batches == [[1]]
