"""One call for all who ask for the same thing at the same time; its result is believed for a moment."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """Remembers results by key.

    Args:
        name: of its tasks.
        call: finds the result; what it raises goes to all who wait, and is not remembered.
        seconds: how long a result is believed.
        most: how many are kept.
    """

    def __init__(self, name: str, call: Callable[[K], Awaitable[V]], seconds: float, most: int) -> None:
        self._name = name
        self._call = call
        self._seconds = seconds
        self._most = most
        self._known: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._running: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K) -> V:
        """The result: remembered, from a call under way, or from one that begins now."""
        known = self._known.get(key)
        if known and time.monotonic() - known[0] < self._seconds:
            return known[1]
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._find(key), name=f"{self._name} {key}")
        # Whoever leaves does not take the call from the others.
        return await asyncio.shield(task)

    def forget(self, key: K) -> None:
        """From now on nobody is told what was found out before, or is being found out now."""
        self._known.pop(key, None)
        self._running.pop(key, None)

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _find(self, key: K) -> V:
        began, task = time.monotonic(), asyncio.current_task()
        try:
            value = await self._call(key)
            if self._running.get(key) is task:
                self._remember(key, began, value)
            return value
        finally:
            if self._running.get(key) is task:
                del self._running[key]

    def _remember(self, key: K, began: float, value: V) -> None:
        self._known[key] = (began, value)
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
