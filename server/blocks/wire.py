"""Shapes of blocks."""

from datetime import datetime
from uuid import UUID

import msgspec


class Block(msgspec.Struct, frozen=True):
    """Whom an account has blocked, and since when."""

    at: datetime
    blocked_id: UUID
