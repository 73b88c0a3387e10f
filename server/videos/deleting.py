"""Deleting a video that its author does not want any more, also one that is being liked by thousands at this moment."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import asyncpg

from server.kit.work import Work
from server.videos import queries, remains
from server.videos.actions import delete, finish, own

SOON = "1s"
"""So long a delete waits for those who hold the video, before it keeps others from holding it."""

Begin = Callable[[], AbstractAsyncContextManager[Work]]
"""Begins a transaction."""


async def delete_own(begin: Begin, video_id: UUID) -> None:
    """Delete the account's own video.

    Whoever likes, comments or counts holds the video's key for a moment, and those who come one after the other would never let
    a delete through. So one that had to wait says that the video goes: from then on it is gone for whoever would hold it, and
    where even that did not help, the periodic job `remains` goes on with it.

    Raises:
        NotFound, NotYours: see `own`.
        asyncpg.LockNotAvailableError: it is still held; it goes soon.
    """
    try:
        async with begin() as w:
            await queries.wait_for_locks(w.conn, SOON)
            await delete(w, await own(w, video_id))
    except asyncpg.LockNotAvailableError:
        async with begin() as w:
            await own(w, video_id)
            await remains.leave(w.conn, [video_id])
        async with begin() as w:  # the job may have been quicker
            await finish(w, video_id)
