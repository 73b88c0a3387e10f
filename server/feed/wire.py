"""The answers of the feeds."""

import msgspec

from server.cards.wire import FeedItem


class Preload(msgspec.Struct, frozen=True):
    """How far ahead a client should fetch: so many videos, and so many bytes in all."""

    items: int
    bytes: int


class FollowingFeed(msgspec.Struct, frozen=True):
    """A page of the following feed; a live session that resumes from `position` misses nothing after it."""

    items: list[FeedItem]
    next_cursor: str | None
    position: str
    preload: Preload


class LatestFeed(msgspec.Struct, frozen=True):
    """A page of the newest public videos."""

    items: list[FeedItem]
    next_cursor: str | None
    preload: Preload


PRELOAD = Preload(items=3, bytes=3_000_000)
