"""The shape of a share."""

from datetime import datetime
from uuid import UUID

import msgspec


class Shared(msgspec.Struct, frozen=True):
    """A video that an account has passed on, as it is stored, without who that was."""

    video_id: UUID
    shares: int
    first_shared_at: datetime
    last_shared_at: datetime
