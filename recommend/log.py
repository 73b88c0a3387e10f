"""What happened on a service, out of a folder of files: who watched what, what is known of it, what is out of the question."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommend import records
from recommend.arrays import Flags, Ints, distinct, pair_keys
from recommend.interactions import MAX_IDS, Ids, Interactions
from recommend.items import MAX_TAGS, Content
from recommend.night_job import TAGS
from recommend.records import FLAG, INTEGER, REAL, SINGLE, Columns
from recommend.table import opened

ID = records.UUID
TABLES = {
    "rows": {"user": ID, "item": ID, "time": REAL, "weight": SINGLE},
    "videos": {"item": ID, "author": ID, "duration": REAL, "upload": REAL, "eligible": FLAG},
    "looks": {"item": ID, "look": INTEGER},
    "active": {"user": ID},
    "out": {"user": ID, "item": ID},
    "follows": {"user": ID, "author": ID},
    "blocks": {"user": ID, "author": ID},
}
"""Files of the folder, each with its columns, as `recommend.records` reads them. Times are seconds since 1970, durations
milliseconds (NaN: unknown). `eligible` may be suggested; for the `active` lists are made; `out` are pairs that are not listed;
`blocks` hide an author from a user; equal `looks` are of videos that look alike."""
MAX_ROWS = 100_000_000
MAX_LOOKS = 2
"""Of the MAX_TAGS of an item."""


@dataclass(frozen=True, slots=True)
class Log:
    """Users, authors among them, and items are numbers, from 0; the names of users and items are their UUIDs."""

    rows: Interactions
    content: Content
    tag_names: list[str]
    """Of the first tags; those behind them are looks."""
    eligible: Flags
    active: Ints
    out: Ints
    """Sorted pairs of users and items (`pair_keys`, `width`): declined, seen before, or the user's own."""
    follows: csr_array
    """Users by users: who follows whom."""
    blocks: Ints
    """Sorted pairs of users and authors (`pair_keys`, `len(users)`)."""
    rising: Ints
    users: NDArray[Any]
    items: NDArray[Any]

    @property
    def width(self) -> int:
        """Of pairs of users and items."""
        return max(len(self.items), 1)

    def before(self, time: float) -> "Log":
        """As it was then, as far as that is known: what has no time (follows, what is out) is left away."""
        rows = self.rows.where(self.rows.times < time)
        uploads = self.content.uploads
        nobody = _matrix(np.empty(0, np.int64), len(self.users))
        none = np.empty(0, np.int64)
        there = self.eligible & (~np.isfinite(uploads) | (uploads < time))
        return replace(self, rows=rows, eligible=there, out=none, follows=nobody, blocks=none, rising=none)

    def seen(self) -> csr_array:
        """Users by items: ones where a pair must not be listed."""
        keys = distinct(np.concatenate([self.rows.seen(self.width), self.out]))
        starts = np.searchsorted(keys // self.width, np.arange(len(self.users) + 1)).astype(np.int32)
        columns = (keys % self.width).astype(np.int32)
        return csr_array((np.ones(len(keys), np.float32), columns, starts), shape=(len(self.users), len(self.items)))


def read(folder: Path, rising: list[str]) -> Log:
    """All files of a folder; `rising` has items, the fastest first.

    Raises:
        BadTableError: one cannot be used.
    """
    tables = {name: records.read(folder / name, columns, MAX_ROWS) for name, columns in TABLES.items()}
    rows, videos, follows, blocks = tables["rows"], tables["videos"], tables["follows"], tables["blocks"]
    items = distinct(videos["item"])
    told = rows["user"], videos["author"], tables["active"]["user"], follows["user"], follows["author"]
    users = distinct(np.concatenate(told))
    tags, tag_names = _tags(folder, items, tables["looks"])
    place = np.searchsorted(items, videos["item"])
    content = _content(videos, place, len(items), users, tags)
    eligible = np.zeros(len(items), np.bool_)
    eligible[place] = videos["eligible"]
    hidden = _pairs(blocks, users, "author", users)
    wishes = _pairs(follows, users, "author", users)
    own = pair_keys(content.authors, np.arange(len(items)), max(len(items), 1))
    return Log(
        _interactions(rows, users, items),
        content,
        tag_names,
        eligible,
        distinct(np.searchsorted(users, tables["active"]["user"])),
        distinct(np.concatenate([_pairs(tables["out"], users, "item", items), own[content.authors >= 0]])),
        _matrix(wishes, len(users)),
        hidden,
        _numbers(np.array([UUID(name).bytes for name in rising], "S16"), items),
        users,
        items,
    )


def names(ids: NDArray[Any]) -> list[str]:
    """UUIDs as text."""
    raw = ids.tobytes()
    return [str(UUID(bytes=raw[start : start + 16])) for start in range(0, len(raw), 16)]


def _numbers(ids: NDArray[Any], among: NDArray[Any]) -> Ints:
    """The numbers of those that are known, in their order."""
    if not len(among) or not len(ids):
        return np.empty(0, np.int64)
    place = np.minimum(np.searchsorted(among, ids), len(among) - 1)
    found: Ints = place[among[place] == ids]
    return found


def _known(table: Columns, users: NDArray[Any], name: str, others: NDArray[Any]) -> tuple[Flags, Ints, Ints]:
    """Which rows are of a known user and a known other, and the numbers of these."""
    if not len(users) or not len(others):
        return np.zeros(len(table["user"]), np.bool_), np.empty(0, np.int64), np.empty(0, np.int64)
    left = np.minimum(np.searchsorted(users, table["user"]), len(users) - 1)
    right = np.minimum(np.searchsorted(others, table[name]), len(others) - 1)
    there = (users[left] == table["user"]) & (others[right] == table[name])
    return there, left[there], right[there]


def _pairs(table: Columns, users: NDArray[Any], name: str, others: NDArray[Any]) -> Ints:
    _, left, right = _known(table, users, name, others)
    return distinct(pair_keys(left, right, max(len(others), 1)))


def _interactions(table: Columns, users: NDArray[Any], items: NDArray[Any]) -> Interactions:
    there, left, right = _known(table, users, "item", items)
    return Interactions(left, right, table["time"][there], table["weight"][there])


def _matrix(keys: Ints, size: int) -> csr_array:
    starts = np.searchsorted(keys // max(size, 1), np.arange(size + 1))
    return csr_array((np.ones(len(keys), np.float32), keys % max(size, 1), starts), shape=(size, size))


def _content(videos: Columns, place: Ints, items: int, users: NDArray[Any], tags: Ints) -> Content:
    content = replace(Content.unknown(items), tags=tags)
    content.authors[place] = np.searchsorted(users, videos["author"])
    content.durations[place], content.uploads[place] = videos["duration"], videos["upload"]
    return content


def _tags(folder: Path, items: NDArray[Any], looks: Columns) -> tuple[Ints, list[str]]:
    """Tags of each item: looks that it shares with most others in the last places, words in all that are left."""
    words = Ids()
    of_items: list[list[int]] = [[] for _ in range(len(items))]
    with opened(folder / TAGS) as table:
        table.needs("item", "tag")
        item, tag = table.columns["item"], table.columns["tag"]
        known = {name: number for number, name in enumerate(names(items))}
        for row in table.rows():
            number = known.get(row[item])
            if number is not None and len(of_items[number]) < MAX_TAGS and len(words) < MAX_IDS:
                of_items[number].append(words.number(row[tag]))
    tags = np.full((len(items), MAX_TAGS), -1)
    for number, theirs in enumerate(of_items):
        tags[number, : len(theirs)] = theirs
    _add_looks(tags, items, looks, len(words))
    return tags, words.names


def _add_looks(tags: Ints, items: NDArray[Any], looks: Columns, first: int) -> None:
    place = np.searchsorted(items, looks["item"])
    if not len(place):
        return
    place = np.minimum(place, len(items) - 1)
    there = items[place] == looks["item"]
    _, look, count = np.unique(looks["look"][there], return_inverse=True, return_counts=True)
    number = place[there]
    order = np.lexsort((look, -count[look], number))
    number, look = number[order], look[order]
    nth = np.arange(len(number)) - np.searchsorted(number, number)
    for nth_look in range(MAX_LOOKS):
        here = nth == nth_look
        tags[number[here], MAX_TAGS - 1 - nth_look] = first + look[here]
