"""The rules of sharing: each time counts, but for one's own videos."""

from uuid import UUID

from server.kit.request import nothing_there
from server.kit.work import Work
from server.shares import queries
from server.videos.wire import VideoHead


async def share(w: Work, account_id: UUID, video: VideoHead) -> None:
    """Count that the account has passed on a video that is visible to it; of one's own it does nothing.

    Raises:
        NotFound: the video was deleted since.
    """
    if video.author_id != account_id and not await queries.keep(w.conn, video.id, account_id):
        raise nothing_there()


async def counts(w: Work, video_id: UUID) -> int:
    """How often a video was passed on."""
    return (await queries.counts(w.conn, [video_id])).get(video_id, 0)


async def forget(w: Work, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so is some of what it shared, at most `limit` rows; how many these were."""
    return await queries.forget(w.conn, account_id, limit)
