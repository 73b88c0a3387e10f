"""A world as rows of a database: a town whose accounts watch as the world does."""

import asyncio
from dataclasses import dataclass

import asyncpg
import numpy as np

from bench.population import town as towns
from bench.population.filling import DAYS_TO_POSTGRES, fill, views
from bench.population.rows import Array, Connection, Constants, Ids, copy, integers, moments
from bench.population.snapshot import beside, drop
from bench.population.town import DAY, PUBLIC, Town
from bench.suggestions.world import Size, World
from storage import migrate

NAME = "watching"
"""Of the database."""
PRESSED = 0.2
"""Share of what is liked of which that was said with a heart; the rest shows in how it was watched."""
REPLAYED = 0.1
COMPLETED = 0.9
"""Of a video: whoever watched more has seen the end."""
SOURCE: Constants = {"source": b"suggested"}


@dataclass(frozen=True, slots=True)
class Watching:
    """A town and its world: item n is the video `town.video[videos[n]]`, user n the account `town.account[n]`."""

    town: Town
    world: World
    videos: Array

    @classmethod
    def made(cls, size: Size, seed: int) -> "Watching":
        """Up to now. A tenth of the videos of the town is not public, and is no item."""
        videos = round(size.items / towns.SHARES[PUBLIC])
        ordered = towns.Size(size.users, size.users * 5, videos, 0, 0, 0, size.users // 50, size.days)
        town = Town.made(ordered, seed)
        public = np.flatnonzero(town.state == PUBLIC)
        of = Size(size.users, len(public), size.rows_each, size.days)
        return cls(town, World.made(of, seed, town.now / 1e6, town.author[public], town.video_at[public] / 1e6), public)


async def fresh(database_url: str, watching: Watching) -> str:
    """A database with the town and what was watched and liked in it, beside the one of this URL; the one before is dropped.

    Every row of the world is one of `watch_log`; each pair is one of `play`, and some that were liked are of `video_like`.

    Args:
        database_url: of a role that may create databases.
        watching: what is to be in it.

    Returns:
        The URL of the new one.
    """
    conn = await asyncpg.connect(database_url)
    try:
        await drop(conn, NAME)
        await conn.execute(f"CREATE DATABASE {NAME}")
    finally:
        await conn.close()
    url = beside(database_url, NAME)
    await migrate.apply(url, await asyncio.to_thread(migrate.read))
    await fill(url, watching.town)
    conn = await asyncpg.connect(url)
    try:
        async with conn.transaction():
            await _write(conn, watching)
        await conn.execute("VACUUM (ANALYZE)", timeout=None)
    finally:
        await conn.close()
    return url


async def _write(conn: Connection, watching: Watching) -> None:
    town, world = watching.town, watching.world
    rng = np.random.default_rng(len(world.time))
    accounts, videos = town.account.column, town.video.column
    micros = (world.time * 1e6).astype("i8")
    durations = 6000 + watching.videos[world.item] % 50_000  # as the town has them
    watched_ms = (durations * world.share).astype("i8")
    completed = world.share > COMPLETED
    replays = world.liked & (rng.random(len(world.liked)) < REPLAYED)
    await conn.execute("TRUNCATE watch_log, play, play_total, play_day, video_like, video_count")
    log = {"account_id": accounts[world.user], "video_id": videos[watching.videos[world.item]], "at": moments(micros)}
    log |= {"watched_ms": integers(watched_ms, 4), "duration_ms": integers(durations, 4)}
    log |= {"completed": integers(completed, 1), "replays": integers(replays, 2)}
    log["day"] = integers(micros // DAY - DAYS_TO_POSTGRES, 4)
    await copy(conn, "watch_log", log, [SOURCE], freeze=False)  # which a partitioned table does not take
    keys, first, which = np.unique(world.user * world.size.items + world.item, return_index=True, return_inverse=True)
    last = np.zeros(len(keys), "i8")
    np.maximum.at(last, which, micros)
    users, seen = keys // world.size.items, watching.videos[keys % world.size.items]
    pairs = {"account_id": accounts[users], "video_id": videos[seen]}
    sums = {"reports": np.ones(len(micros)), "watched_ms": watched_ms, "completions": completed, "replays": replays}
    play = {name: integers(np.bincount(which, weights=column), 8) for name, column in sums.items()}
    play |= {"first_seen_at": moments(micros[first]), "last_seen_at": moments(last), "counted_at": moments(last)}
    await copy(conn, "play", pairs | play | {"counted_as": Ids.at(last, rng).column}, [SOURCE])
    await views(conn, videos, seen, last // DAY - DAYS_TO_POSTGRES, town.now // DAY - DAYS_TO_POSTGRES)
    liked = (np.bincount(which, weights=world.liked) > 0) & (rng.random(len(keys)) < PRESSED)
    await copy(conn, "video_like", {name: column[liked] for name, column in {**pairs, "created_at": moments(last)}.items()})
    counts = {"likes": np.bincount(seen[liked], minlength=len(videos)), "comments": np.zeros(len(videos))}
    await copy(conn, "video_count", {"video_id": videos} | {name: integers(many, 8) for name, many in counts.items()})
