"""Made-up watching: as uneven as it says, the same each time, readable by what learns from it, and rows of a database too."""

from math import isfinite
from pathlib import Path

import asyncpg
import numpy as np
import pytest

from bench.suggestions import files, growth
from bench.suggestions.log import Watching, fresh
from bench.suggestions.world import DAY, Size, World
from recommend import interactions, items
from recommend.baselines import Plain, Popular
from recommend.interactions import Ids
from server.settings import Settings

NOW = 1_790_000_000.0
SIZE = Size(users=2_000, items=2_000)


def test_a_tenth_of_the_items_has_two_thirds_of_the_rows() -> None:
    world = World.made(SIZE, 1, NOW)
    rows = np.sort(np.bincount(world.item, minlength=SIZE.items))[::-1]
    assert len(world.time) == SIZE.users * SIZE.rows_each
    assert 0.61 < rows[: SIZE.items // 10].sum() / rows.sum() < 0.68
    assert (np.diff(world.time) >= 0).all()
    assert (world.upload[world.item] - 1 <= world.time).all()
    assert world.time.max() <= NOW
    assert (world.follower != world.followed).all()


def test_it_is_the_same_each_time() -> None:
    first, second = (World.made(SIZE, 1, NOW) for _ in range(2))
    assert all(np.array_equal(getattr(first, name), getattr(second, name)) for name in World.__slots__)
    assert not np.array_equal(first.user, World.made(SIZE, 2, NOW).user)


def test_its_files_are_read_by_what_learns(tmp_path: Path) -> None:
    world, cut = World.made(SIZE, 1, NOW), NOW - DAY
    files.write(world, tmp_path, cut)
    users, names = Ids(), Ids()
    rows = interactions.read(tmp_path / "interactions.csv", users, names)
    content = items.read(tmp_path / "items.csv", names)
    test = interactions.read(tmp_path / "test.csv", users, names)
    assert len(rows) + len(test) == len(world.time)
    assert rows.newest < cut <= test.times.min()
    assert len(names) == SIZE.items
    assert len({*content.authors.tolist()}) == len(np.unique(world.author))
    assert (tmp_path / "follows.csv").read_text().startswith("user,author\nu0,u")


def test_tastes_can_be_learned(tmp_path: Path) -> None:
    world, cut = World.made(SIZE, 1, NOW), NOW - DAY
    files.write(world, tmp_path, cut)
    users, names = Ids(), Ids()
    rows = interactions.read(tmp_path / "interactions.csv", users, names)
    test = interactions.read(tmp_path / "test.csv", users, names)
    seen, liked = rows.seen_by_user(len(users), len(names)), test.where(test.liked)
    asked = np.unique(liked.users)
    found = []
    for recommender in (Plain.fit(rows, seen, 1), Popular.fit(rows, seen)):
        lists = recommender.best(asked, 20)
        found.append((lists[np.searchsorted(asked, liked.users)] == liked.items[:, None]).any(axis=1).mean())
    learned, popular = found
    assert learned > 1.5 * popular


async def test_it_is_rows_of_a_database_too(settings: Settings) -> None:
    watching = Watching.made(Size(users=200, items=300), 1)
    url = await fresh(settings.database_url, watching)
    rows = len(watching.world.time)
    conn = await asyncpg.connect(url)
    try:
        assert await conn.fetchval("SELECT count(*) FROM watch_log") == rows
        assert await conn.fetchval("SELECT sum(reports) FROM play") == rows
        assert await conn.fetchval("SELECT count(*) FROM video_like") > 0
        lost = "SELECT count(*) FROM watch_log LEFT JOIN video ON id = video_id WHERE visibility IS DISTINCT FROM 'public'"
        assert await conn.fetchval(lost) == 0
        assert await conn.fetchval("SELECT count(*) FROM watch_log WHERE watched_ms < 0 OR watched_ms > duration_ms") == 0
    finally:
        await conn.close()


def test_nights_are_measured(tmp_path: Path) -> None:
    night = growth.measure(tmp_path, Size(users=300, items=200), 100)
    assert night.steps.users == 100
    assert night.steps.all > 0
    assert night.lists == pytest.approx(3 * night.steps.lists)
    assert night.whole > night.lists > 0
    assert night.line().split()[:3] == ["300", "x", "200"]
    parts = growth.parts(growth.Largest(300, 200, 50))
    assert parts.best > 0
    assert isfinite(parts.fit)  # a difference of two measured ones: so small, it may be below 0
