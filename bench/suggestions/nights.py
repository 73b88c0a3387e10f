"""A world as the folder of files that a night's training reads (`recommend.log`)."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bench.population.rows import HEADER, SLICE, TRAILER, Array, encoded
from bench.suggestions.world import World
from recommend import log
from recommend.log import TABLES
from recommend.night_job import TAGS
from recommend.records import UUID

USER, ITEM = 1, 2
"""In front of numbers, which so become ids."""
LOOKS = 100
"""Every so many items two look alike."""


def write(world: World, folder: Path, active: int) -> None:
    """Write all files; lists are to be made for so many of the users, taken evenly."""
    users, items = _ids(USER, world.size.users), _ids(ITEM, world.size.items)
    asked = np.linspace(0, world.size.users - 1, min(active, world.size.users)).astype("i8")
    alike = np.arange(0, world.size.items, LOOKS)
    none = np.empty(0, "i8")
    columns: Mapping[str, tuple[Array, ...]] = {
        "rows": (users[world.user], items[world.item], world.time, world.liked.astype("f4")),
        "videos": (items, users[world.author], world.duration_ms, world.upload, np.ones(len(items), "u1")),
        "looks": (items[alike], alike // (2 * LOOKS)),
        "active": (users[asked],),
        "out": (users[none], items[none]),
        "follows": (users[world.follower], users[world.followed]),
        "blocks": (users[none], users[none]),
    }
    for name, kinds in TABLES.items():
        _table(folder / name, kinds, columns[name])
    names = log.names(np.ascontiguousarray(items).view("S16"))
    with (folder / TAGS).open("w", encoding="utf-8") as file:
        file.write("item,tag\n")
        for item, tags in zip(names, world.tags.tolist(), strict=True):
            file.writelines(f"{item},t{tag}\n" for tag in tags if tag >= 0)


def _ids(kind: int, many: int) -> Array:
    both = np.empty(many, dtype=[("kind", ">u8"), ("number", ">u8")])
    both["kind"], both["number"] = kind, np.arange(1, many + 1)
    return both.view("V16")


def _table(path: Path, kinds: Mapping[str, str], columns: tuple[Array, ...]) -> None:
    typed = {
        name: column if kind == UUID else column.astype(kind) for (name, kind), column in zip(kinds.items(), columns, strict=True)
    }
    with path.open("wb") as file:
        file.write(HEADER)
        for start in range(0, len(columns[0]), SLICE):
            file.write(encoded(list(kinds), {name: column[start : start + SLICE] for name, column in typed.items()}, {}))
        file.write(TRAILER)
