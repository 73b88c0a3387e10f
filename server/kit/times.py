"""Moments as clients see them."""

from datetime import UTC, datetime
from functools import lru_cache

MAX_KNOWN = 10_000


@lru_cache(MAX_KNOWN)  # writing one costs two microseconds, and what is committed together has one moment
def rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, ending in Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def optional_rfc3339(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
