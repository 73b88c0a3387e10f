"""Ranked lists as a file that others can score: user, item, rank."""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from recommend.arrays import Ints

HEADER = ("user", "item", "rank")


def write(path: Path, users: Ints, lists: Ints, user_names: Sequence[str], item_names: Sequence[str]) -> None:
    """Write a row for each place of each list, ranks from 1; gzip where the name ends on .gz.

    Raises:
        OSError: there is no place for it; what was written must not be used.
    """
    with _opened(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for user, items in zip(users.tolist(), lists.tolist(), strict=True):
            there = (item for item in items if item >= 0)
            writer.writerows((user_names[user], item_names[item], rank) for rank, item in enumerate(there, 1))


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    if path.suffix != ".gz":
        with path.open("w", encoding="utf-8", newline="") as plain:
            yield plain
        return
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,  # without a time: the same bytes tomorrow
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        yield text
