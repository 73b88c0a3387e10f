"""Files of a night, as PostgreSQL would write them."""

from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from recommend import records
from recommend.log import TABLES
from recommend.night_job import TAGS

USERS, ITEMS = 1 << 64, 2 << 64


def user(number: int) -> UUID:
    return UUID(int=USERS + number)


def item(number: int) -> UUID:
    return UUID(int=ITEMS + number)


def ids(first: int, numbers: NDArray[Any]) -> NDArray[Any]:
    raw = np.empty((len(numbers), 2), ">u8")
    raw[:, 0], raw[:, 1] = first >> 64, numbers
    return raw.view("V16").ravel()


def table(path: Path, *columns: NDArray[Any]) -> None:
    """As `COPY … (FORMAT binary)` does it; UUIDs are of the type V16."""
    fields: list[tuple[str, str]] = [("n", ">i2")]
    for place, (kind, _) in enumerate(zip(TABLES[path.name].values(), columns, strict=True)):
        fields += [(f"bytes {place}", ">i4"), (f"{place}", kind)]
    rows = np.empty(len(columns[0]), np.dtype(fields))
    rows["n"] = len(columns)
    for place, column in enumerate(columns):
        rows[f"bytes {place}"], rows[f"{place}"] = rows.dtype[f"{place}"].itemsize, column
    path.write_bytes(records.SIGNATURE + bytes(8) + rows.tobytes() + records.END)


def tags(folder: Path, words: dict[int, list[str]]) -> None:
    lines = [f"{item(number)},{word}\n" for number, theirs in words.items() for word in theirs]
    (folder / TAGS).write_text(f"item,tag\n{''.join(lines)}")
