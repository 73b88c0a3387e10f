"""What a process has read lately, by key: bounded, read in batches, and dropped exactly."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from server.kit.together import Together

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """A cache in front of PostgreSQL that never keeps what was read before it was dropped.

    Who wants what is being read waits for the same reading; who wants it after it was dropped has it read anew. What a reading
    in hand brings then is for those alone who wanted it before.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        most: int,
        at_once: int,
        seconds: Callable[[V], float],
        tags: Callable[[V], Iterable[Hashable]] = lambda _: (),
    ) -> None:
        """Nothing is read yet.

        Args:
            name: of the tasks that read.
            read: reads so many keys; what does not exist is left out, and is not kept.
            most: so many are kept; whichever was not asked for longest goes first.
            at_once: so many are read at once.
            seconds: so long after it was read one is believed; 0 for what is not to be kept.
            tags: what else one may be dropped by (`drop_tagged`).
        """
        self._read = read
        self._most = most
        self._seconds = seconds
        self._tags = tags
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._tagged: dict[Hashable, dict[K, None]] = {}
        self._reading: dict[K, asyncio.Future[V | None]] = {}
        self._together: Together[K, V | None] = Together(name, self._ask, at_once)

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """What is kept, and still believed."""
        kept = self._kept.get(key)
        if kept is None or kept[0] < time.monotonic():
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def values(self) -> list[V]:
        """All that is kept, whether it is still believed or not."""
        return [value for _, value in self._kept.values()]

    async def of(self, keys: Iterable[K]) -> dict[K, V]:
        """Those of them that exist, kept or read now.

        Raises:
            whatever reading raises.
        """
        found: dict[K, V] = {}
        waiting: dict[K, asyncio.Future[V | None]] = {}
        for key in keys:
            kept = self.get(key)
            if kept is not None:
                found[key] = kept
            elif key not in waiting:
                waiting[key] = self._want(key)
        if waiting:
            await asyncio.wait(waiting.values())
        for key, reading in waiting.items():
            value = reading.result()
            if value is not None:
                found[key] = value
        return found

    async def again(self, keys: Iterable[K]) -> None:
        """Read them now, whatever is kept meanwhile."""
        if wanted := [self._want(key) for key in keys]:
            await asyncio.wait(wanted)

    def drop(self, key: K) -> None:
        """What is kept, or being read, may no longer be so."""
        self._reading.pop(key, None)
        self._forget(key)

    def drop_tagged(self, tag: Hashable) -> None:
        """The same of all that have this tag. What is being read may have it."""
        self._reading.clear()
        for key in list(self._tagged.get(tag, ())):
            self._forget(key)

    def clear(self) -> None:
        """The same of all."""
        self._reading.clear()
        self._kept.clear()
        self._tagged.clear()

    async def close(self) -> None:
        """End what is being read."""
        await self._together.close()

    def _want(self, key: K) -> "asyncio.Future[V | None]":
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = self._together.put(key)
            reading.add_done_callback(lambda done: self._took(key, done))
        return reading

    async def _ask(self, keys: Sequence[K]) -> Sequence[V | None]:
        found = await self._read(keys)
        return [found.get(key) for key in keys]

    def _took(self, key: K, done: "asyncio.Future[V | None]") -> None:
        failed = done.cancelled() or done.exception() is not None
        if self._reading.get(key) is not done:
            return  # it was dropped meanwhile
        del self._reading[key]
        if failed:
            return
        self._forget(key)
        value = done.result()
        if value is not None and (seconds := self._seconds(value)) > 0:
            self._keep(key, value, time.monotonic() + seconds)

    def _keep(self, key: K, value: V, until: float) -> None:
        self._kept[key] = until, value
        for tag in self._tags(value):
            self._tagged.setdefault(tag, {})[key] = None
        if len(self._kept) > self._most:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: K) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        for tag in self._tags(kept[1]):
            if (tagged := self._tagged.get(tag)) is not None:
                tagged.pop(key, None)
                if not tagged:
                    del self._tagged[tag]
