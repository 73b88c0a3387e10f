"""Columns of numpy as PostgreSQL's binary COPY: a slice of rows becomes bytes without a loop over its rows."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import asyncpg
import numpy as np
from numpy.typing import NDArray

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Array: TypeAlias = NDArray[Any]
Constants: TypeAlias = Mapping[str, bytes | None]

SLICE = 50_000
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
UNIX_TO_POSTGRES = 946_684_800_000_000
TEXT_OID = 25


@dataclass(frozen=True, slots=True)
class Ids:
    """UUIDs as two halves, so that numpy can make, pick and sort them."""

    high: Array
    low: Array

    @classmethod
    def at(cls, micros: Array, rng: np.random.Generator) -> "Ids":
        """UUIDv7 (RFC 9562, 5.7) of these moments, in microseconds since 1970."""
        many = len(micros)
        high = (micros // 1000).astype("u8") << np.uint64(16) | np.uint64(0x7000) | rng.integers(0, 1 << 12, many, dtype="u8")
        return cls(high, rng.integers(0, 1 << 62, many, dtype="u8") | np.uint64(1 << 63))

    def __getitem__(self, index: Any) -> "Ids":
        return Ids(self.high[index], self.low[index])

    def __len__(self) -> int:
        return len(self.high)

    @property
    def column(self) -> Array:
        """As COPY has them."""
        both = np.empty(len(self), dtype=[("high", ">u8"), ("low", ">u8")])
        both["high"], both["low"] = self.high, self.low
        return both.view("V16")


def moments(micros: Array) -> Array:
    """A column of timestamptz; microseconds since 1970."""
    return (micros - UNIX_TO_POSTGRES).astype(">i8")


def integers(values: Any, size: int) -> Array:
    """A column of integers of so many bytes."""
    return np.asarray(values).astype(f">i{size}")


def text_array(*texts: str) -> bytes:
    """A value of text[]."""
    words = [word.encode() for word in texts]
    shape = (1, 0, TEXT_OID, len(words), 1) if words else (0, 0, TEXT_OID)
    head = b"".join(number.to_bytes(4, "big") for number in shape)
    return head + b"".join(len(word).to_bytes(4, "big") + word for word in words)


def micros(at: datetime) -> int:
    """Since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


async def copy(
    conn: Connection,
    table: str,
    columns: Mapping[str, Array],
    kinds: Sequence[Constants] = ({},),
    kind: Array | None = None,
    *,
    freeze: bool = True,
) -> None:
    """Put rows into a table that this transaction has truncated: they are frozen and need no vacuum.

    Args:
        conn: a transaction's.
        table: which.
        columns: of every row, each as its binary form.
        kinds: what all rows of a kind have in common; it stands before `columns`. All kinds name the same columns.
        kind: of every row; without it there is one.
        freeze: as said; a partitioned table does not take it.
    """
    names = list({**columns, **kinds[0]})

    async def source() -> AsyncIterator[bytes]:
        yield HEADER
        for start in range(0, len(next(iter(columns.values()))), SLICE):
            part = {name: column[start : start + SLICE] for name, column in columns.items()}
            for number, constants in enumerate(kinds):
                chosen = slice(None) if kind is None else kind[start : start + SLICE] == number
                yield encoded(names, {name: column[chosen] for name, column in part.items()}, constants)
        yield TRAILER

    await conn.copy_to_table(table, source=source(), columns=names, format="binary", freeze=freeze)


def encoded(names: Sequence[str], columns: Mapping[str, Array], constants: Constants) -> bytes:
    """Rows: how many fields, then of each its length and its bytes; of NULL a length of -1 alone."""
    layout: list[tuple[str, Any]] = [("fields", ">i2")]
    for name in names:
        layout.append((f"length {name}", ">i4"))
        if name not in constants:
            layout.append((name, columns[name].dtype))
        elif constants[name]:
            layout.append((name, f"V{len(constants[name] or b'')}"))
    rows = np.empty(len(next(iter(columns.values()))), dtype=layout)
    rows["fields"] = len(names)
    for name in names:
        value = constants.get(name, b"") if name in constants else columns[name]
        if isinstance(value, bytes | None):
            rows[f"length {name}"] = -1 if value is None else len(value)
            if value:
                rows[name] = np.frombuffer(value, dtype=f"V{len(value)}")[0]
        else:
            rows[f"length {name}"] = value.dtype.itemsize
            rows[name] = value
    return rows.tobytes()
