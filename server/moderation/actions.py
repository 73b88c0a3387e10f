"""The rules of objecting: one report for each account and video, open until an operator closes it, and none of one's own."""

from uuid import UUID

from server.kit.request import nothing_there
from server.kit.work import Work
from server.moderation import queries
from server.moderation.wire import NewReport
from server.videos import actions as videos
from server.videos.wire import VideoHead


class NothingOpenError(Exception):
    """No report of the video is open."""


async def report(w: Work, account_id: UUID, video: VideoHead, new: NewReport) -> None:
    """Report a video that is visible to the account; of one's own it does nothing.

    A second report of the same account takes the place of the first, and is open even where that was closed.

    Raises:
        NotFound: the video was deleted since.
    """
    if video.author_id != account_id and not await queries.keep_report(w.conn, video.id, account_id, new):
        raise nothing_there()


async def decline(w: Work, account_id: UUID, video_id: UUID) -> None:
    """Want nothing like this video to be suggested; doing so again, or of one's own, changes nothing.

    Raises:
        NotFound: the video is absent, or not visible to the account.
    """
    video = await videos.visible(w.conn, video_id, account_id)
    if video.author_id != account_id:
        await queries.keep_not_interested(w.conn, account_id, video.id)


async def close(w: Work, video_id: UUID) -> int:
    """An operator has dealt with a video: close its reports; how many these were.

    Raises:
        NothingOpenError: there are none.
    """
    closed = await queries.close(w.conn, video_id)
    if not closed:
        raise NothingOpenError(f"there is no open report of a video {video_id}")
    return closed


async def forget(w: Work, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so is some of what it reported and declined, at most `limit` of each; how many."""
    return await queries.forget(w.conn, account_id, limit)
