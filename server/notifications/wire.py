"""Shapes of notifications."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from server.cards.wire import Author, Comment, Video
from server.deeds.wire import Kind


class Box(msgspec.Struct, frozen=True):
    """How far an account's notifications have changed, and up to which change it has read them."""

    last_change: int = 0
    read_change: int = 0


class NotificationRow(msgspec.Struct, frozen=True):
    """A notification as it is read: by how many (of the newest so many) and by whom at last, and the newest comment among it."""

    id: UUID
    kind: Kind
    subject_id: UUID
    created_at: datetime
    until: datetime
    change: int
    actors: int
    newest: list[UUID]
    comment_id: UUID | None


class Notification(msgspec.Struct, frozen=True):
    """Something that the account is told of.

    Attributes:
        kind: what was done.
        video: at which video; null for `follower`.
        comment: the newest one that it is about; null for what is no comment.
        actors: who did it, the newest three, newest first; nobody for `video_ready` and `video_failed`.
        actors_count: how many accounts did it: those whom the account sees, 1,000 at the most.
        unread: whether anything of it came since the account read its notifications.
        created_at, updated_at: when the first and the newest of it was done.
    """

    id: UUID
    kind: Kind
    video: Video | None
    comment: Comment | None
    actors: list[Author]
    actors_count: int
    unread: bool
    created_at: str
    updated_at: str


class Notifications(msgspec.Struct, frozen=True):
    """A page, newest first. `unread` is of all pages, 100 at the most; `up_to` says that all of this was read."""

    items: list[Notification]
    next_cursor: str | None
    unread: int
    up_to: int


class Unread(msgspec.Struct, frozen=True):
    """How many notifications are unread, 100 at the most."""

    unread: int


class ReadUpTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PUT /me/notifications/read: `up_to` of the list that was seen; without it all are read."""

    up_to: Annotated[int, Meta(ge=0, le=2**53 - 1)] | UnsetType = UNSET
