"""The lists of an export, each read in pages by its own order."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from server.accounts import queries as accounts
from server.accounts import sessions
from server.blocks import queries as blocks
from server.cards import actions as cards
from server.cards.actions import Cards
from server.comments import queries as comments
from server.exports.wire import Declined, GivenLike, GivenReport, Person, Share, SuggestedPage, SuggestionList, View, Watch
from server.follows import queries as follows
from server.kit.paging import FIRST, After
from server.kit.times import rfc3339
from server.likes import queries as likes
from server.moderation import queries as moderation
from server.notifications import actions as notifications
from server.notifications import queries as notification_queries
from server.plays import queries as plays
from server.plays import watches
from server.shares import queries as shares
from server.suggestions import queries as suggestions
from server.training import lists
from server.videos import queries as videos
from storage.postgres import Rows

ROWS = 1000
"""Of one statement; cards of videos are larger, and read by so many more statements."""
VIDEOS = 50

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom, as whom, and what makes cards."""

    account_id: UUID
    session_id: UUID
    cards: Cards


class Piece(NamedTuple):
    """Some items, and where the next ones begin; None behind the last."""

    items: Sequence[msgspec.Struct]
    after: After | None


Read = Callable[[Rows, Whose, After], Awaitable[Piece]]


async def _sessions(conn: Rows, whose: Whose, after: After) -> Piece:
    rows = await accounts.sessions(conn, whose.account_id, after, ROWS)
    return Piece([sessions.shown(row, whose.session_id) for row in rows], _next([(row.created_at, row.id) for row in rows], ROWS))


async def _videos(conn: Rows, whose: Whose, after: After) -> Piece:
    rows = await videos.of_author(conn, whose.account_id, after, VIDEOS, (), everything=True)
    found = await whose.cards.videos(conn, [row.video_id for row in rows], whose.account_id)
    shown = [found[row.video_id] for row in rows if row.video_id in found]
    return Piece(shown, _next([(row.at, row.video_id) for row in rows], VIDEOS))


async def _comments(conn: Rows, whose: Whose, after: After) -> Piece:
    rows = await comments.of_author(conn, whose.account_id, after.id, ROWS)
    return Piece(await cards.comments(conn, rows), _next([(row.created_at, row.id) for row in rows], ROWS))


async def _following(conn: Rows, whose: Whose, after: After) -> Piece:
    rows = await follows.following(conn, whose.account_id, None, after, ROWS)
    return await _people(conn, [(row.at, row.account_id) for row in rows])


async def _followers(conn: Rows, whose: Whose, after: After) -> Piece:
    rows = await follows.followers(conn, whose.account_id, None, after, ROWS)
    return await _people(conn, [(row.at, row.account_id) for row in rows])


async def _blocks(conn: Rows, whose: Whose, after: After) -> Piece:
    rows = await blocks.newest(conn, whose.account_id, after, ROWS)
    return await _people(conn, [(row.at, row.blocked_id) for row in rows])


async def _people(conn: Rows, edges: Sequence[tuple[datetime, UUID]]) -> Piece:
    rows = await accounts.get(conn, [account_id for _, account_id in edges])
    people = [
        Person(row.id, row.username, row.shown_name, row.avatar_url, rfc3339(at))
        for at, account_id in edges
        if (row := rows.get(account_id))
    ]
    return Piece(people, _next(edges, ROWS))


async def _watches(conn: Rows, whose: Whose, after: After) -> Piece:
    rows = await watches.of_account(conn, whose.account_id, after, ROWS)
    items = [Watch(**{name: _told(getattr(row, name)) for name in Watch.__struct_fields__}) for row in rows]
    more = len(rows) >= ROWS
    return Piece(items, After(datetime.combine(rows[-1].day, time(), UTC), rows[-1].video_id) if more else None)


async def _notifications(conn: Rows, whose: Whose, after: After) -> Piece:
    box = await notification_queries.box(conn, whose.account_id)
    rows = await notification_queries.listed(conn, whose.account_id, after.id, VIDEOS)
    shown = await notifications.shown(conn, whose.cards, whose.account_id, box, rows)
    return Piece(shown, _next([(row.created_at, row.id) for row in rows], VIDEOS))


async def _suggested(conn: Rows, whose: Whose, after: After) -> Piece:
    rows = await suggestions.of_account(conn, whose.account_id, after.at, ROWS)
    pages = [
        SuggestedPage(
            rfc3339(row.at), str(row.model_id) if row.model_id else None, list(map(str, row.video_ids)), list(row.slots)
        )
        for row in rows
    ]
    return Piece(pages, _next([(row.at, FIRST.id) for row in rows], ROWS))


async def _lists(conn: Rows, whose: Whose, _: After) -> Piece:
    found = await lists.list_of(conn, whose.account_id)
    if found is None:
        return Piece([], None)
    video_ids = list(map(str, found.video_ids))
    return Piece([SuggestionList(str(found.model_id), found.day.isoformat(), video_ids, found.whys)], None)


def _next(order: Sequence[tuple[datetime, UUID]], limit: int) -> After | None:
    return After(*order[-1]) if len(order) == limit else None


def _by_video(read: Callable[[Rows, UUID, UUID, int], Awaitable[Sequence[Any]]], shape: type[T]) -> Read:
    """Rows about videos, in the order of these, in another shape of the same fields."""

    async def piece(conn: Rows, whose: Whose, after: After) -> Piece:
        rows = await read(conn, whose.account_id, after.id, ROWS)
        items = [shape(**{name: _told(getattr(row, name)) for name in shape.__struct_fields__}) for row in rows]
        return Piece(items, _next([(FIRST.at, row.video_id) for row in rows], ROWS))

    return piece


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return str(value) if isinstance(value, UUID) else value


SECTIONS: Mapping[str, Read] = {
    "sessions": _sessions,
    "videos": _videos,
    "comments": _comments,
    "likes": _by_video(likes.of_account, GivenLike),
    "following": _following,
    "followers": _followers,
    "blocks": _blocks,
    "views": _by_video(plays.of_account, View),
    "watches": _watches,
    "shares": _by_video(shares.of_account, Share),
    "reports": _by_video(moderation.reports_of, GivenReport),
    "not_interested": _by_video(moderation.declined_by, Declined),
    "suggested": _suggested,
    "suggestion_lists": _lists,
    "notifications": _notifications,
}
"""Behind `account` and `suggestions`, in the order of `Export`. A room that keeps something of accounts has a section here."""
