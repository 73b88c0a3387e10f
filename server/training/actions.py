"""What other rooms ask of training: that lists of an account go."""

from uuid import UUID

from server.training import queries
from storage.postgres import Rows


async def forget(conn: Rows, account_id: UUID) -> None:
    """Delete an account's lists, whatever they were learned from: it has none until the next night."""
    await queries.forget(conn, account_id)
