"""One call for all who ask at the same time."""

import asyncio

import pytest

from server.origin.once import Once


class Library:
    """Answers when it is told to, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = asyncio.Event()

    async def find(self, key: str) -> str:
        self.asked.append(key)
        found = f"{key}{len(self.asked)}"
        await self.open.wait()
        if key == "bad":
            raise LookupError(key)
        return found


async def test_a_herd_asks_once_and_is_remembered() -> None:
    library = Library()
    once = Once("book", library.find, seconds=60, most=10)
    herd = [asyncio.create_task(once.get("a")) for _ in range(100)]
    await asyncio.sleep(0)
    library.open.set()
    assert set(await asyncio.gather(*herd)) == {"a1"}
    assert await once.get("a") == "a1"
    assert library.asked == ["a"]


async def test_nothing_is_believed_for_longer_than_it_should_be() -> None:
    library = Library()
    library.open.set()
    once = Once("book", library.find, seconds=0, most=10)
    assert [await once.get("a"), await once.get("a")] == ["a1", "a2"]


async def test_what_was_being_found_out_when_it_was_forgotten_is_told_to_nobody_later() -> None:
    library = Library()
    once = Once("book", library.find, seconds=60, most=10)
    early = asyncio.create_task(once.get("a"))
    await asyncio.sleep(0)
    once.forget("a")
    late = asyncio.create_task(once.get("a"))
    await asyncio.sleep(0)
    library.open.set()
    assert [await early, await late, await once.get("a")] == ["a1", "a2", "a2"]


async def test_failures_are_told_to_all_who_wait_and_not_remembered() -> None:
    library = Library()
    library.open.set()
    once = Once("book", library.find, seconds=60, most=10)
    herd = await asyncio.gather(*(once.get("bad") for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in herd] == [LookupError] * 3
    with pytest.raises(LookupError):
        await once.get("bad")
    assert library.asked == ["bad", "bad"]


async def test_whoever_leaves_does_not_take_the_call_from_the_others() -> None:
    library = Library()
    once = Once("book", library.find, seconds=60, most=10)
    first, second = (asyncio.create_task(once.get("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    library.open.set()
    assert await second == "a1"


async def test_only_the_newest_are_kept_and_the_end_ends_what_runs() -> None:
    library = Library()
    library.open.set()
    once = Once("book", library.find, seconds=60, most=2)
    for key in ("a", "b", "c", "a"):
        await once.get(key)
    assert library.asked == ["a", "b", "c", "a"]
    library.open.clear()
    waiting = asyncio.create_task(once.get("d"))
    await asyncio.sleep(0)
    await once.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
