"""Shapes of pictures that accounts show of themselves."""

from typing import Literal

import msgspec

State = Literal["waiting", "done", "refused"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """The picture that an account sent last, by its hash.

    Attributes:
        token: names its objects, and tells it from others of the same account.
        error_code: why it was refused, in the words of the media pipeline.
    """

    token: str
    photo_sha256: bytes
    state: State = "waiting"
    error_code: str | None = None
    error_detail: str | None = None
