"""The rules of sight: a block hides either from the other, and the one who blocks from the blocked as if they were not there.

What is hidden costs the same statements as what is absent, so that no clock tells them apart.
"""

from uuid import UUID

from server.accounts import actions as accounts
from server.kit.request import nothing_there
from server.sight import queries
from server.sight.queries import Standing
from storage.postgres import Rows

NOBODY = UUID(int=0)
"""Who is asked about in the place of whom there is not; no account has this id."""
TO_NOBODY = Standing(hidden=False, follows=False)
"""How whoever comes without credentials stands to everybody."""


async def find(conn: Rows, id_or_username: str, viewer_id: UUID | None) -> UUID:
    """Whom a path means to whoever asks.

    Raises:
        NotFound: nobody, or somebody who has blocked them.
    """
    account_id = await accounts.found(conn, id_or_username)
    blocked = viewer_id is not None and await queries.blocked_by(conn, viewer_id, account_id or NOBODY)
    if account_id is None or blocked:
        raise nothing_there()
    return account_id


async def standing(conn: Rows, viewer_id: UUID | None, account_id: UUID | None) -> Standing:
    """How whoever looks stands to an account; one statement, also where there is no account."""
    return TO_NOBODY if viewer_id is None else await queries.standing(conn, viewer_id, account_id or NOBODY)
