"""The rules of liking: once per account and video, and both ways are idempotent."""

from uuid import UUID

from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.work import Work
from server.likes import queries
from server.likes.wire import Liked, Unliked
from server.videos import actions as videos


async def like(w: Work, account_id: UUID, video_id: UUID) -> None:
    """Like a video; liking it again changes nothing.

    Raises:
        NotFound, NotPlayable: see `videos.playable`.
    """
    video = await videos.playable(w, video_id)
    if await queries.insert(w.conn, video.id, account_id):
        await deeds.keep(w.conn, Deed(video.author_id, "like", video.id, account_id))
        w.emit(Liked(video.id, video.author_id, account_id))


async def unlike(w: Work, account_id: UUID, video_id: UUID) -> None:
    """Take a like back; taking back what is not there is fine.

    Raises:
        NotFound, NotPlayable: see `videos.playable`.
    """
    video = await videos.playable(w, video_id)
    if await queries.delete(w.conn, video.id, account_id):
        w.emit(Unliked(video.id, account_id))


async def forget(w: Work, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so are some of its likes; how many these were."""
    forgotten = await queries.forget(w.conn, account_id, limit)
    for video_id in forgotten:
        w.emit(Unliked(video_id, account_id))
    return len(forgotten)
