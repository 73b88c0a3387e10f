"""The rules of what suggestions may learn from an account: it can forbid it, and have all forgotten.

Reports come meanwhile. They and a choice wait for each other, so once a choice was answered the log has nothing from before it,
and of who forbade it nothing at all; but for what is too much for one request, which nobody may count (`since`), and which the
periodic job `signals` deletes.
"""

from uuid import UUID

from server.kit.times import optional_rfc3339
from server.kit.work import Work
from server.plays import watches
from server.plays.wire import Choice, SuggestionChoice

FORGOTTEN_AT_ONCE = 20_000
"""Rows of the log that a request deletes: three months of somebody who watches much, in a fifth of a second."""


async def choose(w: Work, account_id: UUID, *, learns: bool) -> Choice:
    """Whether suggestions learn from the account. Who changes it, either way, begins anew."""
    await watches.hold(w.conn, account_id)
    before = await watches.choice(w.conn, account_id)
    if before.learns == learns:
        return before
    return await _begin_anew(w, account_id, learns=learns)


async def reset(w: Work, account_id: UUID) -> None:
    """Nothing from before counts; what was seen stays seen."""
    await watches.hold(w.conn, account_id)
    before = await watches.choice(w.conn, account_id)
    await _begin_anew(w, account_id, learns=before.learns)


def shown(choice: Choice) -> SuggestionChoice:
    """As clients see it."""
    return SuggestionChoice(choice.learns, optional_rfc3339(choice.since))


async def _begin_anew(w: Work, account_id: UUID, *, learns: bool) -> Choice:
    choice = await watches.choose(w.conn, account_id, learns)
    await watches.forget(w.conn, account_id, FORGOTTEN_AT_ONCE)
    return choice
