"""Byte ranges and conditions of requests (RFC 9110, 13 and 14)."""

import re
from collections.abc import Mapping

from server.kit.errors import RangeNotSatisfiable

_ONE_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


def asked(headers: Mapping[str, str], size: int, etag: str) -> tuple[int, int] | None:
    """First byte and the one after the last of what is asked for; None for the whole.

    What cannot be parsed is left out of account, and so are several ranges at once (14.2).

    Raises:
        RangeNotSatisfiable: it begins beyond the end.
    """
    found = _ONE_RANGE.fullmatch(headers.get("Range", ""))
    if found is None or headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    start = int(first) if first else max(0, size - int(last))
    stop = min(int(last) + 1, size) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if start >= size:
        raise RangeNotSatisfiable(f"The object has {size} bytes.", headers={"Content-Range": f"bytes */{size}"})
    return start, stop


def unchanged(headers: Mapping[str, str], etag: str) -> bool:
    """Whether whoever asks has this version already (If-None-Match, by weak comparison: 13.1.2)."""
    known = [tag.strip().removeprefix("W/") for tag in headers.get("If-None-Match", "").split(",")]
    return etag in known or known == ["*"]
