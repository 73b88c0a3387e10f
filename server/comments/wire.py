"""Shapes of comments, and what is announced of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

MAX_CHARACTERS = 160
_SPACE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""`WHITE_SPACE` of kit/text.py in a regular expression."""
_TEXT = rf"^[{_SPACE}]*[^{_SPACE}\u0000](?:[^\u0000]{{0,{MAX_CHARACTERS - 2}}}[^{_SPACE}\u0000])?[{_SPACE}]*$"
"""For the documents: so many characters within white space, which the action takes away before it counts them."""


class NewComment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /videos/{id}/comments."""

    text: Annotated[str, Meta(extra_json_schema={"pattern": _TEXT})]


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
