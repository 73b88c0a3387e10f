"""Deeds are kept in the transaction that does them, so that nobody who is to be told misses one; `notifications` takes them."""

from datetime import datetime, timedelta
from uuid import UUID

from server.deeds import queries
from server.deeds.wire import Deed
from server.kit.ids import new_id, time_of
from storage.postgres import Rows

SHARDS = 4
"""Deeds wait in so many queues, by the account that is told."""


async def keep(conn: Rows, *deeds: Deed) -> None:
    """Have accounts told of what is done in this transaction. Nobody is told of what they do themselves.

    Whoever does many things in one transaction hands over all of them at once: it is one statement, and those of the same kind
    at the same subject are one row, or two. So a hot video costs as much for each transaction, and nobody waits for anybody.
    """
    # Who did it is asked of the truth when it is told; here it matters of a mention alone, which nothing else keeps: each of its
    # comments may be deleted, and the others go on telling of it.
    first: dict[tuple[object, ...], Deed] = {}
    last: dict[tuple[object, ...], Deed] = {}
    for deed in deeds:
        if deed.by_id != deed.account_id:
            mention = (deed.by_id, deed.comment_id) if deed.kind == "mention" else None
            what = deed.account_id, deed.kind, deed.subject_id, mention
            first.setdefault(what, deed)
            last[what] = deed
    # Of comments, which have moments of their own, the first one and the last.
    began = [deed for what, deed in first.items() if deed.kind == "comment" and deed is not last[what]]
    taken: set[tuple[object, ...]] = set()
    if rows := [(new_id(), deed, _moment(deed, taken)) for deed in (*began, *last.values())]:
        await queries.append(conn, rows, SHARDS)


def _moment(deed: Deed, taken: set[tuple[object, ...]]) -> datetime | None:
    """Comments, and what they mention, are in the order of their ids; everything else is in that of transactions.

    Somebody mentions an account at a video once in a moment, so each of several mentions has a moment of its own.
    """
    if deed.comment_id is None or deed.kind not in ("comment", "mention"):
        return None
    at = time_of(deed.comment_id)
    if deed.kind == "mention":
        while (mention := (deed.account_id, deed.subject_id, deed.by_id, at)) in taken:
            at += timedelta(microseconds=1)
        taken.add(mention)
    return at


async def forget(conn: Rows, account_id: UUID) -> None:
    """The account is being deleted: nothing that it was to be told, and nothing of its doing, is told any more."""
    await queries.forget(conn, account_id, SHARDS)
