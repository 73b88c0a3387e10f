"""What is done with comments later: those of deleted videos go in slices."""

from aiohttp import web

from server.comments import queries
from server.kit.request import POOL
from server.videos import queries as videos
from storage.postgres import connection

VIDEOS_AT_ONCE = 100
ROWS_AT_ONCE = 1_000
"""Comments that one statement deletes."""


async def sweep(app: web.Application) -> None:
    """The periodic job: delete what was said of videos that are gone. Each statement is a transaction of its own."""
    async with connection(app[POOL]) as conn:
        while gone := await videos.gone(conn, VIDEOS_AT_ONCE):
            for video_id in gone:
                while await queries.forget_of_video(conn, video_id, ROWS_AT_ONCE) == ROWS_AT_ONCE:
                    pass
            # Nothing came meanwhile: nobody comments on what is gone.
            await videos.forget_gone(conn, gone)
