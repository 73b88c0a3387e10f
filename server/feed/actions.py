"""The rules of the feeds: pulled when they are read, never written to followers."""

from uuid import UUID

from server.follows import queries as follows
from server.follows.actions import MAX_FOLLOWS
from server.kit.paging import After
from server.videos import queries as videos
from server.videos.wire import Listed
from storage.postgres import Rows


async def following(conn: Rows, account_id: UUID, after: After, limit: int) -> list[Listed]:
    """The newest publications of those the account follows: none of them is hidden from it, for a block ends follows."""
    authors = await follows.followed_by(conn, account_id, MAX_FOLLOWS)
    return await videos.of_followed(conn, authors, after, limit)


async def latest(conn: Rows, viewer_id: UUID | None, after: After, limit: int) -> list[Listed]:
    """The newest public videos of everybody whom the viewer sees."""
    return await videos.latest(conn, viewer_id, after, limit)
