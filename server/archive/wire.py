"""What `reelwire archive` and `reelwire storage` tell."""

from uuid import UUID

import msgspec


class Swept(msgspec.Struct, frozen=True):
    """What a sweep has moved to the archive, or would: how many videos, how many bytes of them, and which."""

    videos: int
    bytes: int
    ids: list[UUID]
