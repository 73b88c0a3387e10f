"""Assembles `user` and `account` from the rooms below, many at once in a fixed number of statements."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from server.accounts import queries as accounts
from server.accounts.wire import AccountRow
from server.counts import queries as counted
from server.follows import queries as follows
from server.kit.request import nothing_there
from server.kit.times import rfc3339
from server.profiles.wire import Account, User, UserCounts, UserViewer
from storage.postgres import Rows


async def users(conn: Rows, account_ids: Sequence[UUID], viewer_id: UUID | None) -> list[User]:
    """The users in this order, without those that do not exist."""
    rows = await accounts.get(conn, account_ids)
    found = [rows[i] for i in account_ids if i in rows]
    counts = await _counts(conn, list(rows))
    followed = await follows.followed_among(conn, viewer_id, list(rows)) if viewer_id else set()
    return [_user(row, counts[row.id], UserViewer(row.id in followed) if viewer_id else None) for row in found]


async def user(conn: Rows, account_id: UUID, viewer_id: UUID | None) -> User:
    """One user.

    Raises:
        NotFound: there is none.
    """
    found = await users(conn, [account_id], viewer_id)
    if not found:
        raise nothing_there()
    return found[0]


async def account(conn: Rows, account_id: UUID) -> Account:
    """The account, for its owner.

    Raises:
        NotFound: there is none.
    """
    row = (await accounts.get(conn, [account_id])).get(account_id)
    if row is None:
        raise nothing_there()
    counts = (await _counts(conn, [account_id]))[account_id]
    return Account(
        **_public(row, counts, UserViewer(following=False)),
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        birth_date=row.birth_date.isoformat() if row.birth_date else None,
    )


async def _counts(conn: Rows, account_ids: Sequence[UUID]) -> dict[UUID, UserCounts]:
    found = await counted.accounts(conn, account_ids)
    return {i: UserCounts(one.followers, one.following, one.videos) for i, one in found.items()}


def _user(row: AccountRow, counts: UserCounts, viewer: UserViewer | None) -> User:
    return User(**_public(row, counts, viewer))


def _public(row: AccountRow, counts: UserCounts, viewer: UserViewer | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "username": row.username,
        "display_name": row.shown_name,
        "avatar_url": row.avatar_url,
        "bio": row.bio,
        "created_at": rfc3339(row.created_at),
        "counts": counts,
        "viewer": viewer,
    }
