"""What is known of items beside who watched them: author, tags, music, duration, day of upload."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from recommend.arrays import Floats, Ints
from recommend.interactions import LATEST, MAX_ID, MAX_IDS, Ids
from recommend.table import Table, opened

MAX_TAGS = 5
"""Of an item; further ones are not read."""
MAX_DURATION_MS = 1e9
SEPARATORS = re.compile(r"[,;|\s]+")
UNKNOWN = -1
COLUMNS = (("item",), ("author",), ("music",), ("tags", "tag"), ("duration_ms",), ("upload_day",))
"""What is read, by the names that it may have."""


@dataclass(frozen=True, slots=True)
class Content:
    """By the number of the item: numbers of author, music and tags (-1: unknown), milliseconds, time of upload (NaN)."""

    authors: Ints
    music: Ints
    tags: Ints  # one row of MAX_TAGS for each item
    durations: Floats
    uploads: Floats

    @classmethod
    def unknown(cls, items: int) -> "Content":
        """Nothing is known of so many items."""
        none, nan = np.full(items, UNKNOWN), np.full(items, np.nan)
        return cls(none, none.copy(), np.full((items, MAX_TAGS), UNKNOWN), nan, nan.copy())

    def widened(self, items: int) -> "Content":
        """With unknown items behind, so that there are so many."""
        more = Content.unknown(max(0, items - len(self.authors)))
        return Content(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in Content.__slots__))


def read(path: Path, items: Ids) -> Content:
    """The rows of a file with a column `item` and any of author, music, tag or tags, duration_ms, upload_day.

    Items that are new are added; of one that comes twice the last row counts. Days are ISO dates, or seconds since 1970.

    Raises:
        BadTableError: the file cannot be used.
    """
    names = Ids(), Ids(), Ids()
    known: dict[int, tuple[int, int, list[int], float, float]] = {}
    with opened(path) as table:
        table.needs("item")
        columns = [_place(table, *either) for either in COLUMNS]
        for row in table.rows():
            if len(row) > len(table.columns):
                raise table.bad(f"{len(row)} fields where the header has {len(table.columns)}")
            item, *fields = (row[place].strip() if 0 <= place < len(row) else "" for place in columns)
            number = items.number(item)
            if not item or len(item) > MAX_ID or number >= MAX_IDS:
                raise table.bad(
                    f"the item has no id, or one of more than {MAX_ID} characters, or there are more than {MAX_IDS:,}"
                )
            known[number] = _read(table, fields, names)
    content = Content.unknown(len(items))
    for number, (author, music, tags, duration, upload) in known.items():
        content.authors[number], content.music[number] = author, music
        content.tags[number, : len(tags)] = tags
        content.durations[number], content.uploads[number] = duration, upload
    return content


def _place(table: Table, *either: str) -> int:
    return next((table.columns[name] for name in either if name in table.columns), UNKNOWN)


def _read(table: Table, fields: list[str], names: tuple[Ids, Ids, Ids]) -> tuple[int, int, list[int], float, float]:
    author, music, tags, duration, upload = fields
    authors, songs, words = names
    return (
        authors.number(author) if author else UNKNOWN,
        songs.number(music) if music else UNKNOWN,
        [words.number(word) for word in SEPARATORS.split(tags) if word][:MAX_TAGS],
        table.number(duration, "duration_ms", 0.0, MAX_DURATION_MS) if duration else np.nan,
        _day(table, upload) if upload else np.nan,
    )


def _day(table: Table, text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return table.number(text, "upload_day", 0.0, LATEST)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
