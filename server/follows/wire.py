"""Shapes of follows, and what is announced of them."""

from datetime import datetime
from uuid import UUID

import msgspec


class Edge(msgspec.Struct, frozen=True):
    """One end of a follow, seen from the other: who, and since when."""

    at: datetime
    account_id: UUID


class Followed(msgspec.Struct, frozen=True, tag="followed"):
    """An account follows an author, and did not before."""

    account_id: UUID
    author_id: UUID
