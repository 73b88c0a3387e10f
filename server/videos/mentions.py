"""Whom a text at a video reaches: those that it mentions, if they may see the video and whoever wrote the text."""

from collections.abc import Sequence
from uuid import UUID

from server.accounts import queries as accounts
from server.follows import queries as follows
from server.kit.mentions import mentions
from server.sight import queries as sight
from server.videos.wire import Told, Visibility
from storage.postgres import Rows


async def reached(conn: Rows, texts: Sequence[str], by_id: UUID, author_id: UUID, visibility: Visibility) -> list[UUID]:
    """Accounts that are mentioned, in no order: never whoever wrote the text, nobody whom a block hides, nobody in vain.

    Args:
        conn: of the transaction that keeps the text.
        texts: what was written.
        by_id: by whom.
        author_id: whose video it is written at.
        visibility: of that video, which plays.
    """
    names = mentions(*texts)
    if not names or visibility == "private":
        return []
    found = set((await accounts.ids_of_usernames(conn, names)).values()) - {by_id}
    for person in {by_id, author_id}:
        found -= await sight.hidden_among(conn, person, list(found)) if found else set()
    if found and visibility == "followers":
        found &= {author_id} | await follows.followers_among(conn, author_id, list(found))
    return sorted(found)


async def reached_by(conn: Rows, author_id: UUID, told: Told) -> list[UUID]:
    """The same of what an author says of a video; nobody while nobody else may see it."""
    return await reached(conn, (told.title, told.description), author_id, author_id, told.visibility) if told.shown else []
