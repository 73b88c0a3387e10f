"""What is popular, as the job found it: the newest version for whoever begins, and older ones for whoever is in them."""

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.kit.memory import Memory
from server.suggestions import queries
from server.suggestions.listed import NOTHING, Listed
from storage.postgres import Pool, connection

MOST_VERSIONS = 300
"""One each five minutes, for a day. Some 150 KB each."""
VERSIONS_AT_ONCE = 20
KEPT_SECONDS = 3_600.0
LOOK_SECONDS = 10.0
"""So long the newest version is taken for that."""


class Version(NamedTuple):
    """A version of it."""

    number: int
    listed: Listed


NONE = Version(0, NOTHING)


class Popular:
    """What one process knows of it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._newest: tuple[float, int] | None = None
        self._versions = Memory("popular videos", self._read, MOST_VERSIONS, VERSIONS_AT_ONCE, lambda _: KEPT_SECONDS)

    async def of(self, number: int) -> Version:
        """That version, or the newest for 0; `NONE` where it is gone, or there is none yet."""
        number = number or await self._last()
        return (await self._versions.of([number])).get(number, NONE) if number else NONE

    def forget(self) -> None:
        """Look for the newest when it is asked for next."""
        self._newest = None

    async def close(self) -> None:
        """End what is being read."""
        await self._versions.close()

    async def _last(self) -> int:
        now = time.monotonic()
        if self._newest is None or self._newest[0] < now:
            async with connection(self._pool) as conn:
                self._newest = now + LOOK_SECONDS, await queries.last_version(conn) or 0
        return self._newest[1]

    async def _read(self, numbers: Sequence[int]) -> Mapping[int, Version]:
        async with connection(self._pool) as conn:
            found = await queries.popular(conn, numbers)
        return {number: Version(number, Listed(zip(*one, strict=True))) for number, one in found.items()}
