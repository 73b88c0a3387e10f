"""The rules of following: both ways are idempotent, nobody follows himself or everybody, and no follow stands beside a block."""

from uuid import UUID

from server.accounts import actions as accounts
from server.accounts import queries as account_queries
from server.counts import queries as counts
from server.counts.wire import Change
from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.follows import queries
from server.follows.wire import Followed
from server.kit.errors import FieldError, Refusal
from server.kit.invalidation import invalidate
from server.kit.request import nothing_there
from server.kit.work import Work
from server.sight import queries as sight

MAX_FOLLOWS = 10_000


class CannotFollowYourself(Refusal):
    """One's own videos are on one's own page."""

    status = 422
    code = "cannot_follow_yourself"


class TooManyFollows(Refusal):
    """The account follows as many as it may."""

    status = 409
    code = "too_many_follows"


class CannotFollowBlocked(Refusal):
    """The account has blocked whom it wants to follow."""

    status = 409
    code = "cannot_follow_blocked"


async def follow(w: Work, account_id: UUID, author_id: UUID, from_video: UUID | None = None) -> None:
    """Follow an author; doing so again changes nothing.

    Args:
        w: the work.
        account_id: who follows.
        author_id: whom.
        from_video: the author's video that brought it about, where that is known.

    Raises:
        NotFound: there is no such author, or it has blocked the account.
        CannotFollowYourself, CannotFollowBlocked, TooManyFollows
    """
    author = await accounts.get(w.conn, author_id)
    if author.id == account_id:
        raise CannotFollowYourself("You cannot follow yourself.", errors=[FieldError("user_id", "is yourself")])
    # One's own row is locked, so that parallel requests cannot pass the limit together, and no block comes in between.
    await account_queries.lock(w.conn, account_id)
    await _require_no_block(w, account_id, author.id)
    if not await queries.insert(w.conn, account_id, author.id, from_video):
        return
    if await queries.count(w.conn, account_id) > MAX_FOLLOWS:
        raise TooManyFollows(f"You follow {MAX_FOLLOWS} accounts, which is the most.")
    await _count(w, account_id, author.id, 1)
    await invalidate(w, account_id, "follow", author.id)
    await deeds.keep(w.conn, Deed(author.id, "follower", author.id, account_id))
    w.emit(Followed(account_id, author.id))


async def _require_no_block(w: Work, account_id: UUID, author_id: UUID) -> None:
    if await sight.blocked_by(w.conn, account_id, author_id):
        raise nothing_there()
    if await sight.blocks(w.conn, account_id, author_id):
        raise CannotFollowBlocked("You have blocked this account. End that first.")


async def unfollow(w: Work, account_id: UUID, author_id: UUID) -> None:
    """Stop following; what was not followed is fine.

    Raises:
        NotFound: there is no such author.
    """
    author = await accounts.get(w.conn, author_id)
    await _end(w, account_id, author.id)


async def part(w: Work, one: UUID, other: UUID) -> None:
    """End what follows there are between two accounts. The caller holds the rows of both, so that no new one comes meanwhile."""
    for account_id, author_id in ((one, other), (other, one)):
        await _end(w, account_id, author_id)


async def forget(w: Work, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so are some of its follows, and of those of others that follow it; how many these were.

    Processes are told of the account, not of each of its followers: there may be a million.
    """
    followed, followers, looked_at = await queries.forget(w.conn, account_id, limit)
    fewer = [Change(author_id, "follower", -1) for author_id in followed]
    fewer += [Change(follower_id, "following", -1) for follower_id in followers]
    own = [Change(account_id, "following", -len(followed)), Change(account_id, "follower", -len(followers))]
    await counts.append(w.conn, fewer + [change for change in own if change.change])
    return looked_at


async def _end(w: Work, account_id: UUID, author_id: UUID) -> None:
    """End a follow where there is one."""
    if await queries.delete(w.conn, account_id, author_id):
        await _count(w, account_id, author_id, -1)
        await invalidate(w, account_id, "follow", author_id)


async def _count(w: Work, account_id: UUID, author_id: UUID, change: int) -> None:
    await counts.append(w.conn, [Change(account_id, "following", change), Change(author_id, "follower", change)])
