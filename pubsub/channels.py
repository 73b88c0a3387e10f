"""Names of channels: a few that every process hears, and those that concern somebody, which it hears while that somebody is here.

What stands in braces alone chooses a cluster's slot (hash tags). There are few of these tags, so that channels are spread
over the nodes, and still many of them are joined with one command.
"""

from uuid import UUID
from zlib import crc32

HASHED = 1024
"""Tags of what concerns somebody."""
SPREAD = 16
"""Tags of what every process hears: so few that all are joined at once, so many that a cluster shares the work."""

LOG = "reelwire:{log}"
"""Publications and the relay's pulse: one channel for one log, so that its numbers come in order. It lies on one node of a
cluster, and each publication leaves that node once for each process. A log that is distributed has one for each shard."""
OUTBOX = "reelwire:outbox"
JOBS = "reelwire:jobs"

ALL_NEWS = tuple(f"reelwire:news:{{{number}}}" for number in range(SPREAD))


def news(account_id: UUID) -> str:
    """Where every process hears what it must not believe any more of this account."""
    return ALL_NEWS[crc32(account_id.bytes) % SPREAD]


def process(listener_id: UUID) -> str:
    """Where one process hears what only that one asked for."""
    return f"reelwire:process:{{{listener_id.hex}}}"


def of(account_id: UUID) -> str:
    """Where the processes hear of an account that is online there; others with the same number are heard as well."""
    return f"reelwire:{{{_number(account_id)}}}"


def video(video_id: UUID) -> str:
    """Where the processes hear of a video that is watched there, and of no other."""
    return f"reelwire:video:{{{_number(video_id)}}}:{video_id.hex}"


def _number(key: UUID) -> int:
    return crc32(key.bytes) % HASHED
