"""What becomes of likes when their account goes; how they begin and end is in liking.py."""

from uuid import UUID

from server.counts import queries as counts
from server.counts.wire import Change
from server.kit.work import Work
from server.likes import queries
from server.likes.wire import Unliked


async def forget(w: Work, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so are some of its likes; how many these were."""
    gone = await queries.forget(w.conn, account_id, limit)
    await counts.append(w.conn, [Change(video_id, "like", -1) for video_id in gone])
    for video_id in gone:
        w.emit(Unliked(video_id, account_id))
    return len(gone)
