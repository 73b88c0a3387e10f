"""Who sees which video, for many at once: what `visible` in actions.py says of one, in a fixed number of statements."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from server.sight import queries as sight
from server.videos import queries
from server.videos.wire import VideoHead
from storage.postgres import Rows


class Seen(NamedTuple):
    """What one account sees of one video.

    Attributes:
        video: it, if the account may see it; it stays until the end of the transaction.
        busy: it is being changed or deleted at this moment; ask again, and wait.
    """

    video: VideoHead | None
    busy: bool = False


UNSEEN, BUSY = Seen(None), Seen(None, busy=True)


async def seen(conn: Rows, wishes: Sequence[tuple[UUID, UUID]], *, wait: bool, keeps: bool = False) -> list[Seen]:
    """What is to be known of each (video, account), in its place.

    Args:
        conn: a transaction's.
        wishes: they may repeat.
        wait: for videos that are being changed; else those are `busy`, and hold up no other.
        keeps: refusals are kept for repeats, so that the transaction ends like any other also where nobody sees anything.
    """
    video_ids = {video_id for video_id, _ in wishes}
    heads = await queries.held(conn, video_ids, wait=wait)
    missing = video_ids - heads.keys()
    # Asked also where it changes nothing: what is hidden takes no other time than what is absent.
    busy = set() if wait else await queries.there(conn, missing)
    authors = {video_id: head.author_id for video_id, head in heads.items()}
    pairs = [(account, author) for video, account in wishes if (author := authors.get(video)) != account]
    hidden, follow = await sight.standing_pairs(conn, pairs) if pairs else (set(), set())

    def found(video_id: UUID, account_id: UUID) -> Seen:
        head = heads.get(video_id)
        if head is None:
            return BUSY if video_id in busy else UNSEEN
        if account_id == head.author_id:
            return Seen(head)
        pair = account_id, head.author_id
        if not head.plays or head.visibility == "private" or pair in hidden:
            return UNSEEN
        return Seen(head) if head.visibility == "public" or pair in follow else UNSEEN

    told = [found(*wish) for wish in wishes]
    if not keeps and all(one == UNSEEN for one in told):
        await queries.end_unhurried(conn)
    return told
