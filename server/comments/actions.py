"""The rules of comments: short, on videos that play, gone by the will of their author or the video's."""

from uuid import UUID

from server.comments import queries
from server.comments.wire import MAX_CHARACTERS, CommentRow, NewComment
from server.kit.errors import Invalid, NotYours
from server.kit.ids import new_id
from server.kit.request import nothing_there
from server.kit.work import Work
from server.sight import actions as sight
from server.videos import actions as videos
from server.videos.wire import VideoHead


def trimmed(new: NewComment) -> str:
    """The text without surrounding white space (Unicode's), otherwise as sent; counted in code points.

    Raises:
        Invalid: it is empty or too long.
    """
    text = new.text.strip()
    if not 1 <= len(text) <= MAX_CHARACTERS:
        raise Invalid.field("text", f"must have 1 to {MAX_CHARACTERS} characters")
    return text


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
    await queries.delete(w.conn, found)
