"""The answer of a search."""

from typing import Annotated

import msgspec
from msgspec import Meta

from server.profiles.wire import User


class FoundHashtag(msgspec.Struct, frozen=True):
    """A hashtag that begins as was asked; `videos` are public and play."""

    tag: str
    videos: Annotated[int, Meta(ge=1, description="Exact up to 100; above that as of some minutes or hours ago.")]


class Found(msgspec.Struct, frozen=True):
    """Whoever and whatever begins with what was typed, the most popular first."""

    users: list[User]
    hashtags: list[FoundHashtag]
