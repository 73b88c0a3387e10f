"""Tables of fixed columns as PostgreSQL's `COPY` writes them in binary, read at once (PostgreSQL, COPY, "Binary Format")."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommend.table import BadTableError

SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
HEAD = len(SIGNATURE) + 8
"""Bytes before the first row: the signature, flags, and the length of an extension, which nobody has used yet."""
END = b"\xff\xff"
UUID, REAL, SINGLE, INTEGER, FLAG = "V16", ">f8", ">f4", ">i4", "u1"
"""Types of columns: uuid, double precision, real, integer, boolean."""

Columns = Mapping[str, NDArray[Any]]


def read(path: Path, columns: Mapping[str, str], most: int) -> Columns:
    """The columns of a file, which has these names and types in this order, and no nulls; at most so many rows.

    Raises:
        BadTableError: it is something else, or has more rows.
    """
    fields: list[tuple[str, str]] = [("", ">i2")]
    for name, kind in columns.items():
        fields += [(f"{name} bytes", ">i4"), (name, kind)]
    row = np.dtype(fields)
    try:
        with path.open("rb") as file:
            head, size = file.read(HEAD), path.stat().st_size - HEAD - len(END)
        if head[: len(SIGNATURE)] != SIGNATURE or any(head[len(SIGNATURE) :]) or size < 0 or size % row.itemsize:
            raise BadTableError(path, "is no such table")
        if size // row.itemsize > most:
            raise BadTableError(path, f"more than {most:,} rows")
        rows = np.fromfile(path, row, size // row.itemsize, offset=HEAD)
    except OSError as error:
        raise BadTableError(path, error.strerror or str(error)) from error
    names = rows.dtype.names or ()
    if (rows[names[0]] != len(columns)).any():
        raise BadTableError(path, "is no such table")
    for name in columns:
        if (rows[f"{name} bytes"] != row[name].itemsize).any():
            raise BadTableError(path, f"a {name!r} is missing, or of another type")
    return {name: _native(rows[name], kind) for name, kind in columns.items()}


def _native(column: NDArray[Any], kind: str) -> NDArray[Any]:
    if kind == UUID:
        return np.ascontiguousarray(column).view("S16")  # of one length all, so that they compare as bytes
    return column.astype(np.dtype(kind).newbyteorder("=")) if kind != FLAG else column.astype(np.bool_)
