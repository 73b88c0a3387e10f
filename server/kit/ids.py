"""Identifiers: UUIDv7 (RFC 9562), whose order is the order of their making to the millisecond."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh id."""
    return uuid_utils.compat.uuid7()


def parse_id(text: str) -> UUID | None:
    """The id in its canonical form, 8-4-4-4-12 lower case digits; None when the text is none."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    # UUID() also takes braces, URNs and missing hyphens; one thing has one name here.
    return found if str(found) == text.lower() else None
