"""The answer of the suggested feed."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from server.cards.wire import FeedItem
from server.feed.wire import Preload

Code = Literal["taste", "follows", "topic", "author", "similar", "rising", "fresh", "popular", "explore", "latest"]

MOST_CHARACTERS = 80


class Why(msgspec.Struct, frozen=True):
    """Why a video was suggested: what put it there, and nothing else."""

    code: Code
    text: Annotated[str, Meta(max_length=MOST_CHARACTERS, description="A sentence, in English.")]


class SuggestedItem(FeedItem, frozen=True, kw_only=True):
    """A video in the suggested feed."""

    why: Why


class SuggestedFeed(msgspec.Struct, frozen=True):
    """A page of the suggested feed; `next_cursor` is null when there is nothing left."""

    items: list[SuggestedItem]
    next_cursor: str | None
    preload: Preload
