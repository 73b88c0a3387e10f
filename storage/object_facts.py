"""What is known of objects, as the store's calls tell it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an object without its bytes; `etag` is quoted, as in the header."""

    size: int
    etag: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An object in a list."""

    key: str
    modified: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a list; whether there is `more` behind it."""

    entries: list[Entry]
    more: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A multipart upload that was neither completed nor aborted."""

    key: str
    upload: str
    begun: datetime


@dataclass(frozen=True, slots=True)
class UnfinishedPage:
    """A slice of a list of these; `after` is where the next one begins, '' behind the last."""

    uploads: list[Unfinished]
    after: str


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part of a multipart upload that the store has."""

    number: int
    etag: str


@dataclass(frozen=True, slots=True)
class Body:
    """An object, or a range of it, as it comes.

    Attributes:
        size: of the whole object.
        etag: quoted.
        chunks: can be read once, and only inside of `ObjectStore.get`.
    """

    size: int
    etag: str
    chunks: AsyncIterator[bytes]
