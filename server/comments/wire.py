"""Shapes of comments, and what is announced of them."""

from datetime import datetime
from uuid import UUID

import msgspec

MAX_CHARACTERS = 160


class NewComment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /videos/{id}/comments."""

    text: str


class CommentRow(msgspec.Struct, frozen=True):
    """A comment as it is stored."""

    video_id: UUID
    id: UUID
    author_id: UUID
    text: str
    created_at: datetime


class Commented(msgspec.Struct, frozen=True, tag="commented"):
    """There is a new comment on a video of this author."""

    comment: CommentRow
    video_author_id: UUID


class CommentDeleted(msgspec.Struct, frozen=True, tag="comment_deleted"):
    """A comment is gone; whose it was."""

    video_id: UUID
    id: UUID
    author_id: UUID
