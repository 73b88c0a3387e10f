"""Identifiers: UUIDv7 (RFC 9562), whose order is the order of their making to the millisecond."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A fresh id."""
    return uuid_utils.compat.uuid7()


def time_of(identity: UUID) -> datetime:
    """When an id was made, in whole milliseconds."""
    return _EPOCH + timedelta(milliseconds=identity.int >> 80)


def parse_id(text: str) -> UUID | None:
    """The id in its canonical form, 8-4-4-4-12 lower case digits; None when the text is none."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    # UUID() also takes braces, URNs and missing hyphens; one thing has one name here.
    return found if str(found) == text.lower() else None
