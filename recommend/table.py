"""CSV with a header, plain or gzip, row by row; whatever is wrong is told with its file and line."""

import csv
import gzip
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

MAX_FIELD = 10_000
"""Characters of a field: more is no table of ours."""
MAX_LINE = 100_000
"""Characters of a line, so that a file without line ends does not fill the memory."""
MAX_LINES = 50_000_000
"""Of a file, empty ones as well: a small gzip file may hold billions."""


class BadTableError(Exception):
    """A file cannot be used: which one, where, and why."""

    def __init__(self, path: Path, why: str, line: int = 0) -> None:
        super().__init__(f"{path}:{line}: {why}" if line else f"{path}: {why}")


class Table:
    """The rows of one open file, and where its columns are."""

    def __init__(self, path: Path, lines: TextIO) -> None:
        self.path = path
        self._reader = csv.reader(self._bounded(lines), strict=True)
        header = next(self.rows(), [])
        self.columns = {name.strip(): place for place, name in enumerate(header)}
        if not header:
            raise BadTableError(path, "is empty; its first line must name the columns")
        if len(self.columns) < len(header):
            raise self.bad("two columns have the same name")

    def needs(self, *names: str) -> None:
        """Refuse a file without these columns."""
        if missing := [name for name in names if name not in self.columns]:
            raise self.bad(f"there is no column {missing[0]!r}")

    def rows(self) -> Iterator[list[str]]:
        """Every row that is not empty."""
        try:
            yield from filter(None, self._reader)
        except csv.Error as error:
            raise self.bad(str(error)) from error
        except UnicodeDecodeError as error:
            raise BadTableError(self.path, "is no UTF-8 text", self._reader.line_num + 1) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadTableError(self.path, f"is no whole gzip file ({error})") from error

    def _bounded(self, lines: TextIO) -> Iterator[str]:
        for number, line in enumerate(iter(partial(lines.readline, MAX_LINE + 1), ""), start=1):
            if len(line) > MAX_LINE:
                raise BadTableError(self.path, f"is longer than {MAX_LINE:,} characters", number)
            if number > MAX_LINES:
                raise BadTableError(self.path, f"more than {MAX_LINES:,} lines", number)
            yield line

    def bad(self, why: str) -> BadTableError:
        """The error that the row just read is wrong."""
        return BadTableError(self.path, why, self._reader.line_num)

    def number(self, text: str, name: str, least: float, most: float) -> float:
        """A finite number between two limits.

        Raises:
            BadTableError: it is none.
        """
        try:
            value = float(text)
        except ValueError:
            raise self.bad(f"{name} {text[:50]!r} is no number") from None
        if not math.isfinite(value) or not least <= value <= most:
            raise self.bad(f"{name} {text[:50]!r} is not between {least:g} and {most:g}")
        return value


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """A table to read once.

    Raises:
        BadTableError: it cannot be opened or read, or has no header.
    """
    csv.field_size_limit(MAX_FIELD)
    try:
        with _lines(path) as lines:
            yield Table(path, lines)
    except OSError as error:
        raise BadTableError(path, error.strerror or str(error)) from error


def _lines(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
