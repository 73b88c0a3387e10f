"""Names of channels: a fixed number of hashed ones for what concerns somebody, and a few that everybody knows."""

from uuid import UUID
from zlib import crc32

HASHED = 1024
"""So few that a process can join all of them with one command, so many that a cluster spreads them."""

PULSE = "reelwire:pulse"
OUTBOX = "reelwire:outbox"
JOBS = "reelwire:jobs"
READYZ = "reelwire:readyz"
"""Nobody listens: that something can be sent there shows that the broker works."""


def of(key: UUID) -> str:
    """The channel of whatever has this id. What stands in braces alone chooses a cluster's slot (hash tags)."""
    return f"reelwire:{{{crc32(key.bytes) % HASHED}}}"


ALL_HASHED = tuple(f"reelwire:{{{number}}}" for number in range(HASHED))
