"""Shapes of comments."""

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
