"""Likes of one video, each acknowledged after its commit, beside the same with a counter in a row that all of them change."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from bench import people
from bench.api.comments import prepare
from bench.api.serving import served
from bench.figures import Result
from server.counts import jobs, queries
from server.kit.ids import new_id
from server.likes.liking import Liking
from storage.postgres import Pool, close_pool, connection, open_pool

ROUNDS, LIKES, AT_ONCE, POOL = 5, 6_000, 256, 10
HOT = "CREATE TABLE hot_count (video_id uuid PRIMARY KEY, likes bigint NOT NULL)"
LIKE = "INSERT INTO video_like (video_id, account_id) VALUES ($1, $2)"
COUNT = """
INSERT INTO hot_count AS c (video_id, likes) VALUES ($1, 1) ON CONFLICT (video_id) DO UPDATE SET likes = c.likes + 1
"""

Like = Callable[[UUID, UUID], Awaitable[None]]


async def measured(folder: Path, given: Mapping[str, str]) -> AsyncIterator[Result | str]:
    """The benchmark."""
    ours, hot = [], []
    async with served(folder, given) as server:
        case = await prepare(server)
        pool = await open_pool(server.settings.database_url, POOL, "bench")
        await pool.execute(HOT)
        liking = Liking(pool, people.Silent())

        async def by_hot_row(account_id: UUID, video_id: UUID) -> None:
            async with connection(pool) as conn, conn.transaction():
                await conn.execute(LIKE, video_id, account_id)
                await conn.execute(COUNT, video_id)

        for number in range(ROUNDS + 1):
            took = await _like(liking.like, case.videos[0], LIKES)
            beside = await _like(by_hot_row, case.videos[1], LIKES // 10) * 10
            if number:
                ours.append(took / LIKES * 1e6)
                hot.append(beside / LIKES * 1e6)
        await _require_exact(pool, case.videos[:1])
        await liking.close()
        await close_pool(pool)
    notes = (
        f"{AT_ONCE} at a time, of as many accounts as likes; {1e6 / max(ours):,.0f} to {1e6 / min(ours):,.0f} a second",
        "without HTTP, both; the count is exact afterwards, folded or not",
    )
    yield Result("µs a like", "likes of one video", "with a counter in one row", ours, hot, notes, "likes of one video")


async def _like(like: Like, video_id: UUID, many: int) -> float:
    """Seconds until so many are committed."""
    began = time.perf_counter()

    async def some() -> None:
        for _ in range(many // AT_ONCE + 1):
            await like(new_id(), video_id)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())
    return (time.perf_counter() - began) * many / ((many // AT_ONCE + 1) * AT_ONCE)


async def _require_exact(pool: Pool, video_ids: Sequence[UUID]) -> None:
    """Fail unless the counts are what there is."""
    for folded in (False, True):
        if folded:
            await jobs.fold(pool)
        async with connection(pool) as conn:
            told = (await queries.videos(conn, video_ids))[video_ids[0]].likes
            there = await conn.fetchval("SELECT count(*) FROM video_like WHERE video_id = $1", video_ids[0])
        if told != there:
            raise ValueError(f"{told} likes are told, and there are {there}")
