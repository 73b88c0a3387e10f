"""The rules of notifications: what an account is told of together, what it sees of that, and what it has read."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from server.accounts import queries as accounts
from server.cards import actions as cards
from server.cards.actions import Cards
from server.comments import queries as comments
from server.deeds import actions as deeds
from server.deeds.wire import Taken
from server.kit.ids import new_id
from server.kit.times import rfc3339
from server.notifications import queries
from server.notifications.wire import Box, Notification, NotificationRow, ReadUpTo
from storage.postgres import Rows

GROWS_SECONDS = 86_400.0
"""So long after it began a notification takes in what is like it, unless it is read before."""
MOST_UNREAD = 100
"""Unread ones are counted up to this."""
MOST_KEPT = 1000
TRIMMED_EVERY = 64
"""Each so many changes of an account it is looked whether it has more notifications than it keeps."""
OF_VIDEO = ("like", "comment", "mention", "video_ready", "video_failed")


async def shown(conn: Rows, maker: Cards, account_id: UUID, box: Box, rows: Sequence[NotificationRow]) -> list[Notification]:
    """The notifications in this order, without those whose video or people are gone by now. A fixed number of statements."""
    videos = await maker.videos(conn, list({row.subject_id for row in rows if row.kind in OF_VIDEO}), account_id)
    people = await accounts.get(conn, list({actor for row in rows for actor in row.newest}))
    asked = [(row.subject_id, row.comment_id) for row in rows if row.comment_id is not None]
    said = {c.id: c for c in await cards.comments(conn, await comments.at(conn, asked))}
    found = []
    for row in rows:
        actors = [] if row.newest == [account_id] else row.newest
        there = [cards.author(people[actor]) for actor in actors if actor in people]
        if (row.kind in OF_VIDEO and row.subject_id not in videos) or (actors and not there):
            continue
        count = row.actors - (len(row.newest) - len(there))
        at = rfc3339(row.created_at), rfc3339(row.until)
        video, comment = videos.get(row.subject_id), said.get(row.comment_id) if row.comment_id else None
        found.append(Notification(row.id, row.kind, video, comment, there, count, row.change > box.read_change, *at))
    return found


async def read(conn: Rows, account_id: UUID, asked: ReadUpTo) -> None:
    """The account has read what it was shown; whatever came since stays unread. Doing so again changes nothing."""
    await queries.read(conn, account_id, asked.up_to if isinstance(asked.up_to, int) else None)


async def tell(conn: Rows, taken: Sequence[Taken]) -> None:
    """Tell accounts what was done; those that are gone are told nothing."""
    there = await queries.there(conn, list({one.account_id for one in taken}))
    told = [one for one in taken if one.account_id in there]
    if not told:
        return
    boxes = await queries.change(conn, sorted(there))
    if mentions := [one for one in told if one.kind == "mention"]:
        new = await queries.keep_mentions(conn, mentions)
        told = [one for one in told if one.kind != "mention" or (one.account_id, one.subject_id) in new]
    if told:
        # Ids are made while the boxes are held: they are in the order of changes.
        await queries.tell(conn, [(new_id(), one, boxes[one.account_id]) for one in _together(told)], GROWS_SECONDS)
    if full := [account_id for account_id, box in boxes.items() if box.last_change % TRIMMED_EVERY == 0]:
        await queries.trim(conn, full, MOST_KEPT)


def _together(taken: Sequence[Taken]) -> list[Taken]:
    """One for each account, kind and subject, whoever did it."""
    groups: defaultdict[tuple[object, ...], list[Taken]] = defaultdict(list)
    for one in taken:
        groups[one.account_id, one.kind, one.subject_id].append(one)
    return [
        replace(group[0], first_at=min(one.first_at for one in group), last_at=max(one.last_at for one in group))
        for group in groups.values()
    ]


async def forget(conn: Rows, account_id: UUID, limit: int) -> int:
    """The account was deleted: forget what it was told, and its mentions of others; of these so many at the most, and how many.

    Fewer than `limit` when nothing is left. What else it did to others is gone from their notifications with its likes, follows
    and comments.
    """
    # First, and it waits for whoever has taken some: what these told of is there afterwards.
    await deeds.forget(conn, account_id)
    forgotten = await queries.forget_mentions(conn, account_id, limit)
    if forgotten < limit:
        await queries.forget(conn, [account_id])
    return forgotten
