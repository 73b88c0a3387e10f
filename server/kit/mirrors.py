"""What stands between two accounts is kept twice: in the list of one of them, and in its mirror on the other's shard."""

from uuid import UUID

from storage.postgres import Rows


async def change_both(conn: Rows, change: str, mirror: str, account_id: UUID, other_id: UUID, *more: object) -> bool:
    """Change the list, and with it its mirror; whether there was anything to change.

    Args:
        conn: in a transaction.
        change: returns a row where it changes one.
        mirror: does the same to the mirror.
        account_id: $1 of both statements.
        other_id: $2 of both.
        more: the next ones of the change alone.
    """
    if await conn.fetchval(change, account_id, other_id, *more) is None:
        return False
    await conn.execute(mirror, account_id, other_id)
    return True
