"""Who was shown what, when, and how much it was liked: columns as arrays, and the names behind the numbers."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from recommend.arrays import Flags, Floats, Ints, Singles, distinct, pair_keys
from recommend.table import Table, opened

MAX_ROWS = 20_000_000
MAX_IDS = 2_000_000
"""Different users, and different items."""
MAX_ID = 200
"""Characters of an id."""
LATEST = 253_402_300_799.0
"""The last second of the year 9999: what is beyond it was not given in seconds."""
MAX_WEIGHT = 1e6


class Ids:
    """Names as the numbers 0, 1, 2… in the order in which they came."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        for name in names:
            self.number(name)

    def __len__(self) -> int:
        return len(self.names)

    def number(self, name: str) -> int:
        """The number of this name, a new one where it is new."""
        number = self._numbers.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
        return number


@dataclass(frozen=True, slots=True)
class Interactions:
    """Rows of (user, item, seconds since 1970, weight). Weight 0 was shown and not liked; more is liked."""

    users: Ints
    items: Ints
    times: Floats
    weights: Singles

    def __len__(self) -> int:
        return len(self.users)

    @property
    def liked(self) -> Flags:
        """Which rows are likes."""
        return self.weights > 0

    @property
    def newest(self) -> float:
        """The time of the newest row; 0 where there is none."""
        return float(self.times.max()) if len(self) else 0.0

    def where(self, rows: Flags | Ints) -> "Interactions":
        """These rows alone."""
        return Interactions(self.users[rows], self.items[rows], self.times[rows], self.weights[rows])

    def seen(self, items: int) -> Ints:
        """Every pair that there is, once, sorted, as `pair_keys` writes it with `items` for its width."""
        return distinct(pair_keys(self.users, self.items, items))

    def seen_by_user(self, users: int, items: int) -> csr_array:
        """The same as a matrix of ones."""
        keys = self.seen(max(items, 1))
        starts = np.searchsorted(keys // max(items, 1), np.arange(users + 1)).astype(np.int32)
        columns = (keys % max(items, 1)).astype(np.int32)
        return csr_array((np.ones(len(keys), np.float32), columns, starts), shape=(users, items))


def read(path: Path, users: Ids, items: Ids) -> Interactions:
    """The rows of a file with the columns user, item, timestamp and, where there is one, weight; new ids are added.

    A weight that is missing is 1.

    Raises:
        BadTableError: the file cannot be used.
    """
    columns = array("q"), array("q"), array("d"), array("f")
    with opened(path) as table:
        table.needs("user", "item", "timestamp")
        user, item, time = (table.columns[name] for name in ("user", "item", "timestamp"))
        weight = table.columns.get("weight", len(table.columns))
        least, most = max(user, item, time) + 1, len(table.columns)
        for row in table.rows():
            if not least <= len(row) <= most:
                raise table.bad(f"{len(row)} fields where the header has {most}")
            columns[0].append(_number(table, "user", row[user], users))
            columns[1].append(_number(table, "item", row[item], items))
            columns[2].append(table.number(row[time], "timestamp", 0.0, LATEST))
            text = row[weight] if weight < len(row) else ""
            columns[3].append(table.number(text, "weight", 0.0, MAX_WEIGHT) if text else 1.0)
            if len(columns[0]) > MAX_ROWS:
                raise table.bad(f"more than {MAX_ROWS:,} rows")
    rows = [np.frombuffer(column, dtype=column.typecode) if column else np.empty(0, column.typecode) for column in columns]
    return Interactions(rows[0].astype(np.int64), rows[1].astype(np.int64), rows[2], rows[3])


def _number(table: Table, kind: str, name: str, ids: Ids) -> int:
    number = ids.number(name)
    if number == len(ids) - 1:  # perhaps new
        if not name or len(name) > MAX_ID:
            raise table.bad(f"the {kind} has no id" if not name else f"the id of the {kind} is longer than {MAX_ID} characters")
        if number >= MAX_IDS:
            raise table.bad(f"more than {MAX_IDS:,} different {kind}s")
    return number
