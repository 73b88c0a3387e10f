"""Whom texts at videos reach: those that they mention, if they may see the video and whoever wrote the text."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from server.accounts import queries as accounts
from server.follows import queries as follows
from server.kit.mentions import mentions
from server.sight import queries as sight
from server.videos.wire import Told, Visibility
from storage.postgres import Rows


class Words(NamedTuple):
    """Texts of somebody at a video that plays.

    Attributes:
        texts: what was written.
        by_id: by whom.
        author_id: whose video it is written at.
        visibility: of that video.
    """

    texts: Sequence[str]
    by_id: UUID
    author_id: UUID
    visibility: Visibility


async def reached(conn: Rows, said: Sequence[Words]) -> list[list[UUID]]:
    """Accounts that each of these mentions, in no order, whom no block hides and who may see the video.

    Never whoever wrote it, nor the video's author, who is told of what is said there anyway. A fixed number of
    statements however many there are, and none where nobody is mentioned.
    """
    names = [mentions(*one.texts) if one.visibility != "private" else [] for one in said]
    wanted = {name for some in names for name in some}
    if not wanted:
        return [[] for _ in said]
    ids = await accounts.ids_of_usernames(conn, sorted(wanted))
    found = [
        {ids[name] for name in some if name in ids} - {one.by_id, one.author_id} for one, some in zip(said, names, strict=True)
    ]
    pairs = {
        (person, account_id)
        for one, some in zip(said, found, strict=True)
        for account_id in some
        for person in (one.by_id, one.author_id)
    }
    hidden = await sight.hidden_pairs(conn, pairs) if pairs else set()
    narrow = {(i, one.author_id) for one, some in zip(said, found, strict=True) if one.visibility == "followers" for i in some}
    follow = await follows.followed_pairs(conn, narrow) if narrow else set()

    def reaches(one: Words, account_id: UUID) -> bool:
        if hidden and not hidden.isdisjoint({(one.by_id, account_id), (one.author_id, account_id)}):
            return False
        return one.visibility == "public" or (account_id, one.author_id) in follow

    return [sorted(i for i in some if reaches(one, i)) for one, some in zip(said, found, strict=True)]


async def reached_by(conn: Rows, author_id: UUID, told: Told) -> list[UUID]:
    """The same of what an author says of a video; nobody while nobody else may see it."""
    if not told.shown:
        return []
    (found,) = await reached(conn, [Words((told.title, told.description), author_id, author_id, told.visibility)])
    return found
