"""The rules of blocking: both ways are idempotent, nobody blocks himself or everybody, and a block ends follows."""

from uuid import UUID

from server.accounts import queries as accounts
from server.blocks import queries
from server.follows import actions as follows
from server.kit.errors import FieldError, Refusal
from server.kit.invalidation import invalidate
from server.kit.request import nothing_there
from server.kit.work import Work

MAX_BLOCKS = 10_000


class CannotBlockYourself(Refusal):
    """Nobody can be hidden from himself."""

    status = 422
    code = "cannot_block_yourself"


class TooManyBlocks(Refusal):
    """The account blocks as many as it may."""

    status = 409
    code = "too_many_blocks"


async def block(w: Work, account_id: UUID, blocked_id: UUID) -> None:
    """Block somebody, and end what follows there are between the two; doing so again changes nothing.

    Whoever is blocked may block as well: then either has to end it before they see each other.

    Raises:
        NotFound: there is no such account.
        CannotBlockYourself, TooManyBlocks
    """
    if blocked_id == account_id:
        raise CannotBlockYourself("You cannot block yourself.", errors=[FieldError("user_id", "is yourself")])
    # Whoever follows holds their own row: with both of them neither can follow the other at this moment. One's own also keeps
    # parallel requests from passing the limit together.
    if await accounts.lock_all(w.conn, [account_id, blocked_id]) != {account_id, blocked_id}:
        raise nothing_there()
    if not await queries.insert(w.conn, account_id, blocked_id):
        return
    if await queries.count(w.conn, account_id) > MAX_BLOCKS:
        raise TooManyBlocks(f"You block {MAX_BLOCKS} accounts, which is the most.")
    await follows.part(w, account_id, blocked_id)
    await _tell(w, account_id, blocked_id)


async def unblock(w: Work, account_id: UUID, blocked_id: UUID) -> None:
    """End a block; what was not blocked is fine. The follows that it ended do not come back."""
    if await queries.delete(w.conn, account_id, blocked_id):
        await _tell(w, account_id, blocked_id)


async def _tell(w: Work, account_id: UUID, other_id: UUID) -> None:
    """Either of them may see the other no more, or again."""
    await invalidate(w, account_id, "block", other_id)
    await invalidate(w, other_id, "block", account_id)


async def forget(w: Work, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so are some of its blocks, and of those of others against it; how many these were."""
    return await queries.forget(w.conn, account_id, limit)
