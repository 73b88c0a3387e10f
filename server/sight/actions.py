"""The rules of sight: a block hides either from the other, and the one who blocks from the blocked as if they were not there."""

from uuid import UUID

from server.accounts import actions as accounts
from server.kit.request import nothing_there
from server.sight import queries
from storage.postgres import Rows


async def find(conn: Rows, id_or_username: str, viewer_id: UUID | None) -> UUID:
    """Whom a path means to whoever asks.

    Raises:
        NotFound: nobody, or somebody who has blocked them.
    """
    account_id = await accounts.find(conn, id_or_username)
    if viewer_id is not None and await queries.blocked_by(conn, viewer_id, account_id):
        raise nothing_there()
    return account_id


async def hidden(conn: Rows, viewer_id: UUID | None, account_id: UUID) -> bool:
    """Whether the viewer sees nothing of what the account makes."""
    return viewer_id is not None and account_id in await queries.hidden_among(conn, viewer_id, [account_id])
