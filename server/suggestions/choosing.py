"""Whether suggestions learn from an account, and what goes when it does not want that, or wants all forgotten."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from server.kit.work import Work
from server.plays import choices
from server.plays.wire import Choice
from server.suggestions import queries
from server.training import actions as training
from storage.postgres import Rows

Forget = Callable[[Rows, UUID], Awaitable[None]]

MOST_PAGES = 10_000
"""Of the log of what was suggested; whoever has more has been given a hundred a day, and the rest goes with its days."""


async def _served(conn: Rows, account_id: UUID) -> None:
    await queries.forget(conn, account_id, MOST_PAGES)


LEARNED: tuple[Forget, ...] = (_served, training.forget)
"""Behind the log of what it watched. A room that keeps what was learned of an account has its door here: all of that goes."""


async def choose(w: Work, account_id: UUID, *, learns: bool) -> Choice:
    """Whoever forbids it is forgotten, and suggested what everybody is; whoever allows it again begins anew."""
    choice = await choices.choose(w, account_id, learns=learns)
    if not choice.learns:
        await _forget(w, account_id)
    return choice


async def reset(w: Work, account_id: UUID) -> None:
    """Begin anew: nothing from before counts. What was seen stays seen."""
    await choices.reset(w, account_id)
    await _forget(w, account_id)


async def _forget(w: Work, account_id: UUID) -> None:
    for forget in LEARNED:
        await forget(w.conn, account_id)
