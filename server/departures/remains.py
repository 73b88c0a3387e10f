"""The periodic jobs that delete, in slices, what others did to videos that are deleted.

Each slice is a transaction of its own, and a video waits until nothing is left of it: whoever is killed is followed by another.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
from aiohttp import web

from server.comments import queries as comments
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.likes import queries as likes
from server.moderation import queries as moderation
from server.plays import queries as plays
from server.shares import queries as shares
from server.videos import actions as videos
from server.videos import remains
from storage import walks
from storage.postgres import CONNECT_SECONDS, Pool, Rows, connection

ROWS_AT_ONCE = 2000
"""Rows that one transaction deletes."""
VIDEOS_AT_ONCE = 100
WALKED_AT_ONCE = 1000
"""Videos that one run looks at, in each table, whether they still are there."""
BEGINNING = UUID(int=0)

Some = Callable[[Rows, UUID, int], Awaitable[int]]
"""Deletes some rows of a video, and says how many these were."""
Walk = Callable[[Rows, UUID, int], Awaitable[list[tuple[UUID, bool]]]]
"""The next videos of a table, in the order of ids, and whether each is gone."""

KEPT: tuple[Some, ...] = (
    comments.forget_of_video, likes.forget_of_video, plays.forget_plays, shares.forget_of_video, moderation.forget_of_video,
)  # fmt: skip
"""What does not go with the video's row. A room that keeps rows of others by video, without end, has its door here."""
WALKS: tuple[tuple[str, Walk], ...] = (
    ("comments", comments.walk), ("likes", likes.walk), ("shares", shares.walk), ("reports", moderation.walk_reports),
)  # fmt: skip
"""The same tables, but for those that are walked along elsewhere."""


async def clear(pool: Pool, video_id: UUID) -> None:
    """Delete what is left of a video that is deleted. Any number of processes may do this at once."""
    for forget in KEPT:
        while await _slice(pool, forget, video_id):
            pass
    async with connection(pool) as conn:
        await remains.over(conn, video_id)


async def _slice(pool: Pool, forget: Some, video_id: UUID) -> bool:
    """Whether there was something."""
    async with pool.acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
        # One after the other: two who choose the same rows would both find fewer than there are.
        return await remains.hold(conn, video_id) and await forget(conn, video_id, ROWS_AT_ONCE) > 0


async def tidy(app: web.Application) -> None:
    """The periodic job `remains`: whatever waits; a video that is to go and is held by others waits for the next run."""
    pool, held = app[POOL], set[UUID]()
    while video_ids := [video_id for video_id in await _waiting(pool) if video_id not in held]:
        for video_id in video_ids:
            try:
                async with work(pool, app[ANNOUNCER], None) as w:
                    await videos.finish(w, video_id)
            except asyncpg.LockNotAvailableError:
                held.add(video_id)
            else:
                await clear(pool, video_id)


async def _waiting(pool: Pool) -> list[UUID]:
    async with connection(pool) as conn:
        return await remains.waiting(conn, VIDEOS_AT_ONCE)


async def stray(app: web.Application) -> None:
    """The periodic job `strays`: find what is left of videos that nobody said were deleted, by walking along the tables."""
    async with connection(app[POOL]) as conn:
        for name, walk in WALKS:
            place = f"strays {name}"
            found = await walk(conn, UUID(await walks.position(conn, place) or str(BEGINNING)), WALKED_AT_ONCE)
            await remains.leave(conn, [video_id for video_id, gone in found if gone])
            await walks.move(conn, place, str(found[-1][0]) if len(found) == WALKED_AT_ONCE else "")
