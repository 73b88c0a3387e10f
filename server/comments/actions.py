"""The rules of comments: short, on videos that play, gone by the will of their author or the video's."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.comments import queries
from server.comments.wire import MAX_CHARACTERS, CommentDeleted, Commented, CommentRow, NewComment
from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.body import validated
from server.kit.errors import Invalid, NotYours
from server.kit.idempotency import Turn
from server.kit.ids import new_id
from server.kit.invalidation import invalidate
from server.kit.kept import Answer
from server.kit.request import nothing_there
from server.kit.text import trimmed
from server.kit.work import Work
from server.sight import actions as sight
from server.videos import actions as videos
from server.videos import mentions
from server.videos.wire import VideoHead
from storage.postgres import Rows

Show = Callable[[Rows, Sequence[CommentRow]], Awaitable[Sequence[msgspec.Struct]]]
"""Comments as clients see them; that is put together above this room (`comments` in server/cards/actions.py)."""


def path(video_id: UUID) -> str:
    """Of the call that comments on this video: where keys of comments are at home, also those that come by the socket."""
    return f"/api/v1/videos/{video_id}/comments"


def text_of(new: NewComment) -> str:
    """The text, trimmed; counted in code points.

    Raises:
        Invalid: it is empty or too long.
    """
    text = trimmed(new.text)
    if not 1 <= len(text) <= MAX_CHARACTERS:
        raise Invalid.field("text", f"must have 1 to {MAX_CHARACTERS} characters")
    return text


async def say(turn: Turn, video_id: UUID, fields: Mapping[str, Any], show: Show) -> Answer:
    """Comment, unless that was done with this key before: 201 and the comment as `show` shows it.

    Args:
        turn: begun with `path(video_id)` and these fields.
        video_id: which video.
        fields: `text`, parsed and not yet validated.
        show: see `Show`.

    Raises:
        NotFound: the video is absent, or not visible to the account.
        Invalid: the fields, or the key, are.
        KeyReused, InProgress: see `Turn.begin`.
        NotPlayable: the video does not play.
    """
    if turn.answer is not None:
        return turn.answer
    conn = turn.work.conn
    video = await videos.visible(conn, video_id, turn.account_id)
    text = text_of(validated(dict(fields), NewComment))
    turn.begin()
    row = await comment(turn.work, turn.account_id, video, text)
    (shown,) = await show(conn, [row])
    return await turn.keep(Answer(201, msgspec.json.encode(shown)))


async def comment(w: Work, author_id: UUID, video: VideoHead, text: str) -> CommentRow:
    """Store a comment on a video that is visible to its author.

    Raises:
        NotPlayable: the video does not play.
        NotFound: it was deleted since.
    """
    videos.require_playable(video)
    row = await queries.insert(w.conn, video.id, new_id(), author_id, text)
    if row is None:
        raise nothing_there()
    reached = await mentions.reached(w.conn, [text], author_id, video.author_id, video.visibility)
    mentioned = (Deed(account_id, "mention", video.id, author_id, row.id) for account_id in reached)
    await deeds.keep(w.conn, Deed(video.author_id, "comment", video.id, author_id, row.id), *mentioned)
    w.emit(Commented(row, video.author_id))
    return row


async def delete(w: Work, account_id: UUID, comment_id: UUID) -> None:
    """Delete one's own comment, or any on one's own video.

    Raises:
        NotFound: it is absent, or not visible to the account, as the video is not or whoever wrote it.
        NotYours: it is somebody else's, on somebody else's video.
    """
    found = await queries.find(w.conn, comment_id)
    if found is None:
        raise nothing_there()
    video = await videos.visible(w.conn, found.video_id, account_id)
    if account_id not in (found.author_id, video.author_id):
        if await sight.hidden(w.conn, account_id, found.author_id):
            raise nothing_there()
        raise NotYours("Only its author or the video's can delete a comment.")
    if await queries.delete(w.conn, found):
        await invalidate(w, found.author_id, "comment", found.video_id)
        w.emit(CommentDeleted(found.video_id, found.id, found.author_id))


async def forget(w: Work, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so is some of what it wrote; how many comments these were."""
    forgotten = await queries.forget(w.conn, account_id, limit)
    for row in forgotten:
        w.emit(CommentDeleted(row.video_id, row.id, row.author_id))
    return len(forgotten)
