"""The periodic job that forgets what accounts did not want to see, where the video itself is gone."""

from uuid import UUID

from aiohttp import web

from server.kit.request import POOL
from server.moderation import queries
from storage import walks
from storage.postgres import connection

ROWS_AT_ONCE = 1000
"""Rows that one run looks at, whether their videos still are there."""
WALK = "moderation"
BEGINNING = UUID(int=0)


async def tidy(app: web.Application) -> None:
    """Look at the next rows, and forget those of videos that are deleted."""
    async with connection(app[POOL]) as conn:
        slice_ = await queries.walk(conn, _place(await walks.position(conn, WALK)), ROWS_AT_ONCE)
        await queries.forget_pairs(conn, [(account_id, video_id) for account_id, video_id, gone in slice_ if gone])
        ended = len(slice_) < ROWS_AT_ONCE
        await walks.move(conn, WALK, "" if ended else f"{slice_[-1][0]} {slice_[-1][1]}")


def _place(position: str) -> tuple[UUID, UUID]:
    account_id, _, video_id = position.partition(" ")
    return (UUID(account_id), UUID(video_id)) if video_id else (BEGINNING, BEGINNING)
