"""The answer of GET /videos/{id}/similar."""

from typing import Annotated

import msgspec
from msgspec import Meta

from server.cards.wire import Video


class Similar(msgspec.Struct, frozen=True):
    """A video that shows nearly the same."""

    video: Video
    distance: Annotated[float, Meta(ge=0, description="How many of 64 bits differ at a moment, on average; copies are below 18.")]
    exact: Annotated[bool, Meta(description="Whether it was made of the very same bytes (SHA-256).")]
