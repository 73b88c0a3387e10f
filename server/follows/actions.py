"""The rules of following: both ways are idempotent, and nobody follows himself or everybody."""

from uuid import UUID

from server.accounts import actions as accounts
from server.accounts import queries as account_queries
from server.follows import queries
from server.kit.errors import FieldError, Refusal
from server.kit.invalidation import invalidate
from server.kit.work import Work

MAX_FOLLOWS = 10_000


class CannotFollowYourself(Refusal):
    """One's own videos are on one's own page."""

    status = 422
    code = "cannot_follow_yourself"


class TooManyFollows(Refusal):
    """The account follows as many as it may."""

    status = 409
    code = "too_many_follows"


async def follow(w: Work, account_id: UUID, author_id: UUID) -> None:
    """Follow an author; doing so again changes nothing.

    Raises:
        NotFound: there is no such author.
        CannotFollowYourself, TooManyFollows
    """
    author = await accounts.get(w.conn, author_id)
    if author.id == account_id:
        raise CannotFollowYourself("You cannot follow yourself.", errors=[FieldError("user_id", "is yourself")])
    # One's own row is locked, so that parallel requests cannot pass the limit together.
    await account_queries.lock(w.conn, account_id)
    if not await queries.insert(w.conn, account_id, author.id):
        return
    if await queries.count(w.conn, account_id) > MAX_FOLLOWS:
        raise TooManyFollows(f"You follow {MAX_FOLLOWS} accounts, which is the most.")
    await invalidate(w, account_id, "follow", author.id)


async def unfollow(w: Work, account_id: UUID, author_id: UUID) -> None:
    """Stop following; what was not followed is fine.

    Raises:
        NotFound: there is no such author.
    """
    author = await accounts.get(w.conn, author_id)
    if await queries.delete(w.conn, account_id, author.id):
        await invalidate(w, account_id, "follow", author.id)
