"""Shapes of follows."""

from datetime import datetime
from uuid import UUID

import msgspec


class Edge(msgspec.Struct, frozen=True):
    """One end of a follow, seen from the other: who, and since when."""

    at: datetime
    account_id: UUID


class FollowCounts(msgspec.Struct, frozen=True):
    """How many follow an account, and how many it follows."""

    followers: int = 0
    following: int = 0
