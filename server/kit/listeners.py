"""The processes that believe what they have in memory: who they are, and which of them have heard of a change."""

import asyncio
from collections.abc import Collection
from uuid import UUID

from storage.postgres import AWAY, Pool, Rows, connection

BELIEVED_SECONDS = 1.0
"""So long after it began to read what is new a process believes its memory; then it asks PostgreSQL instead."""
KEPT_SECONDS = 60.0
"""Rows of processes that were killed stay so long; nobody waits for them."""

# A statement of its own, committed before what is new is read: whoever does not see this row yet has committed before that
# reading begins.
BELIEVE = """
INSERT INTO listener (id, believes_until)
VALUES ($1, clock_timestamp() + make_interval(secs => $2))
ON CONFLICT (id) DO UPDATE SET believes_until = excluded.believes_until
"""
OTHERS = """
SELECT id, extract(epoch FROM believes_until - clock_timestamp())::float8 AS seconds
FROM listener
WHERE id <> $1 AND believes_until > clock_timestamp()
"""
LEAVE = "DELETE FROM listener WHERE id = $1"
FORGET = "DELETE FROM listener WHERE believes_until < now() - make_interval(secs => $1)"


async def believe(conn: Rows, listener_id: UUID) -> None:
    """Have others wait for this process, for BELIEVED_SECONDS from now."""
    await conn.execute(BELIEVE, listener_id, BELIEVED_SECONDS)


async def leave(conn: Rows, listener_id: UUID) -> None:
    """Nobody need wait for this process any more: it has stopped."""
    await conn.execute(LEAVE, listener_id)


async def forget(conn: Rows) -> None:
    """Delete rows of processes that have not said so (a periodic job)."""
    await conn.execute(FORGET, KEPT_SECONDS)


class Echoes:
    """Waits until all other processes have heard of something that was committed, or believe no memory from before it."""

    def __init__(self, pool: Pool, listener_id: UUID) -> None:
        self._pool = pool
        self._id = listener_id
        self._heard: dict[UUID, set[UUID]] = {}
        self._news = asyncio.Event()

    def heard(self, event_id: UUID, listener_id: UUID) -> None:
        """Another process has heard of this event."""
        if (known := self._heard.get(event_id)) is not None:
            known.add(listener_id)
            self._news.set()

    async def wait(self, event_ids: Collection[UUID]) -> None:
        """Wait for all of them; at most BELIEVED_SECONDS, for then nobody believes what is older.

        It is called when the events are committed, before anything else happens here: who hears of them now is counted.
        """
        heard = [self._heard.setdefault(event_id, set()) for event_id in event_ids]
        try:
            async with asyncio.timeout(BELIEVED_SECONDS):
                await self._all(heard)
        except TimeoutError:
            pass
        finally:
            for event_id in event_ids:
                del self._heard[event_id]

    async def _all(self, heard: Collection[set[UUID]]) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with connection(self._pool) as conn:
                rows = await conn.fetch(OTHERS, self._id)
            answered = loop.time()  # no earlier than what is left was measured
            others = {row["id"]: answered + row["seconds"] for row in rows}
        except AWAY:
            await asyncio.sleep(BELIEVED_SECONDS)
            return
        while left := {
            until for other, until in others.items() if until > loop.time() and any(other not in one for one in heard)
        }:
            self._news.clear()
            try:
                async with asyncio.timeout_at(max(left)):
                    await self._news.wait()
            except TimeoutError:
                pass
