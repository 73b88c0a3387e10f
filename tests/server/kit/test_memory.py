"""A memory keeps what was read, and nothing that was read before it was dropped."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.memory import Memory

FOR_EVER = 1e9


class Source:
    """What is true: each reading waits until it is let go."""

    def __init__(self) -> None:
        self.truth: dict[str, int] = {}
        self.asked: list[list[str]] = []
        self.gates: list[asyncio.Event] = []
        self.open = True

    async def read(self, keys: Sequence[str]) -> dict[str, int]:
        self.asked.append(list(keys))
        found = {key: self.truth[key] for key in keys if key in self.truth}
        if not self.open:
            self.gates.append(gate := asyncio.Event())
            await gate.wait()
        return found


def remembering(source: Source, most: int = 10, seconds: float = FOR_EVER) -> Memory[str, int]:
    return Memory("test", source.read, most, 100, lambda _: seconds, lambda value: (value % 2,))


async def test_what_was_read_is_not_read_again() -> None:
    source = Source()
    source.truth = {"a": 1, "b": 2}
    memory = remembering(source)
    assert await memory.of(["a", "b", "c", "a"]) == {"a": 1, "b": 2}
    assert await memory.of(["a", "b"]) == {"a": 1, "b": 2}
    assert len(source.asked) == 1
    assert await memory.of(["c"]) == {}  # what is not there is asked for each time
    assert source.asked[1:] == [["c"]]


async def test_those_who_want_the_same_at_once_wait_for_one_reading() -> None:
    source = Source()
    source.truth, source.open = {"a": 1}, False
    memory = remembering(source)
    asking = [asyncio.ensure_future(memory.of(["a"])) for _ in range(5)]
    while not source.gates:
        await asyncio.sleep(0)
    source.gates[0].set()
    assert await asyncio.gather(*asking) == [{"a": 1}] * 5
    assert source.asked == [["a"]]


@pytest.mark.parametrize("drop", [lambda m: m.drop("a"), lambda m: m.drop_tagged(0), lambda m: m.clear()])
async def test_what_was_being_read_when_it_was_dropped_is_not_kept(drop: object) -> None:
    source = Source()
    source.truth, source.open = {"a": 1}, False
    memory = remembering(source)
    before = asyncio.ensure_future(memory.of(["a"]))
    while not source.gates:
        await asyncio.sleep(0)
    source.truth = {"a": 3}
    drop(memory)  # type: ignore[operator]
    source.open = True
    after = asyncio.ensure_future(memory.of(["a"]))
    await asyncio.sleep(0)
    source.gates[0].set()
    assert await after == {"a": 3}
    assert await before == {"a": 1}  # they came before the change
    assert memory.get("a") == 3


async def test_the_one_not_asked_for_longest_goes_first() -> None:
    source = Source()
    source.truth = {name: n for n, name in enumerate("abc")}
    memory = remembering(source, most=2)
    await memory.of(["a"])
    await memory.of(["b"])
    assert memory.get("a") == 0
    await memory.of(["c"])
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == (0, None, 2)


async def test_what_is_not_to_be_kept_is_read_each_time() -> None:
    source = Source()
    source.truth = {"a": 1}
    memory = remembering(source, seconds=0)
    assert [await memory.of(["a"]) for _ in range(2)] == [{"a": 1}] * 2
    assert len(source.asked) == 2


async def test_a_failure_is_told_to_whoever_waits_and_the_next_one_tries_again() -> None:
    failing = [True]

    async def read(keys: Sequence[str]) -> dict[str, int]:
        if failing.pop() if failing else False:
            raise ConnectionError("away")
        return dict.fromkeys(keys, 1)

    memory = Memory("test", read, 10, 10, lambda _: FOR_EVER)
    with pytest.raises(ConnectionError):
        await memory.of(["a"])
    assert await memory.of(["a"]) == {"a": 1}
    await memory.close()


@given(st.lists(st.tuples(st.sampled_from(["ask", "change", "tag", "go"]), st.sampled_from("abc")), max_size=40))
def test_an_answer_is_never_older_than_the_last_change_before_the_question(steps: list[tuple[str, str]]) -> None:
    async def play() -> None:
        source = Source()
        source.truth, source.open = dict.fromkeys("abc", 0), False
        memory = remembering(source, most=2)
        asked: list[tuple[str, int, asyncio.Future[dict[str, int]]]] = []
        for step, key in steps:
            if step == "ask":
                asked.append((key, source.truth[key], asyncio.ensure_future(memory.of([key]))))
            elif step == "go":
                for gate in source.gates:
                    gate.set()
            else:
                source.truth[key] += 2
                memory.drop(key) if step == "change" else memory.drop_tagged(0)
            await asyncio.sleep(0)
        source.open = True
        while not all(future.done() for *_, future in asked):
            for gate in source.gates:
                gate.set()
            await asyncio.sleep(0)
        for key, least, future in asked:
            assert future.result()[key] >= least
        await memory.close()

    asyncio.run(play())
