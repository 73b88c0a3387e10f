"""Shapes of posters that authors choose."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

State = Literal["waiting", "done", "refused"]


class PosterMoment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PUT /videos/{id}/poster: the picture that the video shows at this moment, in milliseconds from its start."""

    at_ms: Annotated[int, Meta(ge=0)]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What an author asked for last: a moment of the clip, or a picture, by its hash.

    Attributes:
        token: names its objects, and tells it from others of the same video.
        error_code: why it was refused, in the words of the media pipeline.
    """

    token: str
    at_ms: int | None = None
    photo_sha256: bytes | None = None
    state: State = "waiting"
    error_code: str | None = None
    error_detail: str | None = None

    def asks_the_same(self, other: "Wish") -> bool:
        return (self.at_ms, self.photo_sha256) == (other.at_ms, other.photo_sha256)
