"""The log of publications and positions in it: a client's position is good on every node."""

import re
from typing import NamedTuple
from uuid import UUID

from storage.postgres import Rows

SHARD = 0
"""There is one log; where it is distributed, each shard has its own and a position is a vector."""
MAX_POSITION = 200
_POSITION = re.compile(r"([0-9a-f]{1,32})-(0|[1-9][0-9]{0,17})", re.ASCII)

STATE = "SELECT epoch, last_seq, relayed_seq, forgotten_seq FROM event_log WHERE shard = $1"


class Position(NamedTuple):
    """Everything up to `seq` of the log `epoch`; a log that was begun anew has another epoch."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"

    @classmethod
    def read(cls, text: str) -> "Position | None":
        """The position in what a client sent; None when it is none of ours."""
        found = _POSITION.fullmatch(text) if len(text) <= MAX_POSITION else None
        return cls(found[1], int(found[2])) if found else None


class State(NamedTuple):
    """How far the log has come.

    Attributes:
        last_seq: the newest number given.
        relayed_seq: the broker has taken everything up to here.
        forgotten_seq: everything up to here has been deleted.
    """

    epoch: str
    last_seq: int
    relayed_seq: int
    forgotten_seq: int

    def has(self, position: Position) -> bool:
        """Whether nothing is known that this log has lost: what was given once is not, if its database was restored."""
        return position.epoch != self.epoch or position.seq <= self.last_seq


class Entry(NamedTuple):
    """One publication with its number."""

    seq: int
    author_id: UUID
    video_id: UUID


async def state(conn: Rows) -> State:
    row = await conn.fetchrow(STATE, SHARD)
    assert row is not None  # a migration puts it there
    return State(*row)


async def position(conn: Rows) -> str:
    """The newest position. Whatever has a number up to here is visible to the next statement; what is later can be resumed."""
    now = await state(conn)
    return str(Position(now.epoch, now.last_seq))
