"""The rules of comments: short, on videos that play, gone by the will of their author or the video's."""

from collections import Counter
from uuid import UUID

from server.comments import queries
from server.comments.wire import MAX_CHARACTERS, CommentDeleted, NewComment
from server.counts import queries as counts
from server.counts.wire import Change
from server.kit.errors import Invalid, NotYours
from server.kit.invalidation import invalidate
from server.kit.request import nothing_there
from server.kit.text import trimmed
from server.kit.work import Work
from server.sight import actions as sight
from server.videos import actions as videos

COMMENTS = "/api/v1/videos/{id}/comments"
"""The pattern of the route."""


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


async def delete(w: Work, account_id: UUID, comment_id: UUID) -> None:
    """Delete one's own comment, or any on one's own video.

    Raises:
        NotFound: it is absent, or not visible to the account, as the video is not or whoever wrote it.
        NotYours: it is somebody else's, on somebody else's video.
    """
    found, hidden = await queries.find(w.conn, comment_id, account_id) or (None, False)
    # One that is not there is on a video that is not there: as many statements as for one that is hidden.
    video = await videos.visible(w.conn, found.video_id if found else sight.NOBODY, account_id)
    if found is None:
        raise nothing_there()
    if account_id not in (found.author_id, video.author_id):
        if hidden:
            raise nothing_there()
        raise NotYours("Only its author or the video's can delete a comment.")
    if await queries.delete(w.conn, found):
        await invalidate(w, found.author_id, "comment", found.video_id)
        await counts.append(w.conn, [Change(found.video_id, "comment", -1)])
        w.emit(CommentDeleted(found.video_id, found.id, found.author_id))


async def forget(w: Work, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so is some of what it wrote; how many comments these were."""
    gone = await queries.forget(w.conn, account_id, limit)
    fewer = Counter(row.video_id for row in gone)
    await counts.append(w.conn, [Change(video_id, "comment", -n) for video_id, n in fewer.items()])
    for row in gone:
        w.emit(CommentDeleted(row.video_id, row.id, row.author_id))
    return len(gone)
