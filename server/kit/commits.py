"""Group commit: requests that come while others are being committed are the next transaction, and each has its own answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import asyncpg

from server.kit.deadline import SECONDS
from server.kit.errors import Refusal
from server.kit.together import Together
from server.kit.work import Announcer, Work, work
from storage.postgres import AWAY, Pool

Wish = TypeVar("Wish")
Done = TypeVar("Done")

FAILURES: tuple[type[BaseException], ...] = (asyncpg.PostgresError, *AWAY)
CONTENDED = (asyncpg.DeadlockDetectedError,)
"""Of which fewer in one transaction have less. Whoever waits for a table that is locked waits alone as long as in company."""


PATIENT = 2
"""Connections of a room that may wait for videos in the hands of others; more would take them from everybody else."""


class Commits(Generic[Wish, Done]):
    """A fixed number of statements for as many requests as there are. Nobody waits for company: who comes alone is done alone."""

    def __init__(
        self,
        name: str,
        pool: Pool,
        announcer: Announcer,
        do: Callable[[Work, Sequence[Wish]], Awaitable[Sequence[Done | Refusal]]],
        most: int,
    ) -> None:
        """`do` does so many at the most, and says of each, in its place, what came of it; a refused one may leave nothing."""
        self._pool = pool
        self._announcer = announcer
        self._do = do
        self._together: Together[Wish, Done | BaseException] = Together(name, self._commit, most)

    def put(self, wish: Wish) -> "asyncio.Future[Done | BaseException]":
        """What came of it, once that is committed; or what would be raised.

        That is a Refusal, or one of `AWAY`, from PostgreSQL; also where it was committed, and that could not be told any more.
        """
        return self._together.put(wish)

    async def close(self) -> None:
        """End what runs; whoever waits is cancelled."""
        await self._together.close()

    async def _commit(self, wishes: Sequence[Wish]) -> Sequence[Done | BaseException]:
        try:
            async with asyncio.timeout(SECONDS), work(self._pool, self._announcer, None) as w:
                return await self._do(w, wishes)
        except FAILURES as error:
            if len(wishes) > 1 and (isinstance(error, CONTENDED) or not isinstance(error, AWAY)):
                # One of them cannot be done, and fails alone.
                half = len(wishes) // 2
                return [*await self._commit(wishes[:half]), *await self._commit(wishes[half:])]
            return [error] * len(wishes)
