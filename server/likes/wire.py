"""Shapes of likes: what is stored, and what is announced."""

from datetime import datetime
from uuid import UUID

import msgspec


class Liked(msgspec.Struct, frozen=True, tag="liked"):
    """An account likes a video of this author, and did not before."""

    video_id: UUID
    author_id: UUID
    account_id: UUID


class Unliked(msgspec.Struct, frozen=True, tag="unliked"):
    """An account does not like a video any more."""

    video_id: UUID
    account_id: UUID


class Like(msgspec.Struct, frozen=True):
    """A like as it is stored, without whose it is."""

    video_id: UUID
    created_at: datetime
