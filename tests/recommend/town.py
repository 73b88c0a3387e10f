"""A town with tastes: users like what is of their kind, all watch what is popular, and popularity moves."""

from pathlib import Path

import numpy as np

from recommend.interactions import Interactions
from recommend.items import Content
from recommend.weights import DAY

KINDS = 4
BEGAN = 1_650_000_000.0


def kind(numbers: np.ndarray) -> np.ndarray:
    return numbers % KINDS


def lived(users: int = 300, items: int = 160, rows: int = 12_000, days: float = 12.0, seed: int = 5) -> Interactions:
    """What happened in it: everybody is shown their own kind three times as often, and likes it seven times as often."""
    chance = np.random.default_rng(seed)
    who = chance.integers(users, size=3 * rows)
    what = np.minimum((items * chance.beta(0.7, 1.6, size=3 * rows)).astype(int), items - 1)
    own = kind(who) == kind(what)
    shown = np.flatnonzero(own | (chance.random(3 * rows) < 1 / 3))[:rows]
    who, what, own = who[shown], what[shown], own[shown]
    liked = chance.random(len(who)) < np.where(own, 0.7, 0.1)
    times = BEGAN + np.sort(chance.random(len(who))) * days * DAY
    return Interactions(who, what, times, liked.astype(np.float32))


def split(rows: Interactions, days: float = 2.0) -> tuple[Interactions, Interactions]:
    """All but the last days, and these."""
    cut = rows.newest - days * DAY
    return rows.where(rows.times < cut), rows.where(rows.times >= cut)


def content(items: int, tagged: bool = True) -> Content:
    """Its kind is the author and the only tag of each item."""
    known = Content.unknown(items)
    if tagged:
        known.authors[:], known.tags[:, 0] = kind(np.arange(items)), kind(np.arange(items))
        known.durations[:] = 8_000 + 500 * kind(np.arange(items))
        known.uploads[:] = BEGAN - DAY
    return known


def write(rows: Interactions, path: Path) -> Path:
    """As a file; ids are words."""
    lines = zip(rows.users.tolist(), rows.items.tolist(), rows.times.tolist(), rows.weights.tolist(), strict=True)
    text = "".join(f"user {user},item {item},{time:.0f},{weight:g}\n" for user, item, time, weight in lines)
    path.write_text(f"user,item,timestamp,weight\n{text}")
    return path
