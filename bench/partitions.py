"""`python -m bench.partitions`: comments in one table, and in ranges of time by their ids, side by side (decision 23)."""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np

from bench.population.rows import Connection, Ids, micros
from stack.embedded import stores

MONTHS, ROWS, VIDEOS, BATCH = 12, 600_000, 100_000, 500
"""The ranges; comments, unless another number is given; videos they are on; comments a statement."""
READS, ROUNDS = 300, 3
MONTH = 30 * 86_400_000_000
TEXT = "More of this, please! I have watched it four times."
TABLES = ("plain", "parts")
COLUMNS = "video_id uuid NOT NULL, id uuid NOT NULL, author_id uuid NOT NULL, text text NOT NULL, created_at timestamptz NOT NULL"
INSERT = """
INSERT INTO {table} (video_id, id, author_id, text, created_at)
SELECT video_id, id, video_id, $3, now() FROM unnest($1::uuid[], $2::uuid[]) AS t (video_id, id)
"""
PAGE = "SELECT id, author_id, text FROM {table} WHERE video_id = $1 AND id < $2 ORDER BY id DESC LIMIT 11"
NEWEST = """
SELECT c.* FROM unnest($1::uuid[]) AS wanted (video_id)
CROSS JOIN LATERAL (SELECT id FROM {table} WHERE video_id = wanted.video_id ORDER BY id DESC LIMIT 3) AS c
"""
FIND = "SELECT text FROM {table} WHERE id = $1"
SIZES = """
SELECT sum(pg_table_size(relid))::bigint, sum(pg_indexes_size(relid))::bigint
FROM (SELECT relid FROM pg_partition_tree($1::text::regclass) UNION SELECT $1::text::regclass)
"""
LAST = UUID(int=2**128 - 1)


async def _tables(conn: Connection, start: int) -> None:
    await conn.execute(f"CREATE TABLE plain ({COLUMNS}, PRIMARY KEY (video_id, id)); CREATE INDEX plain_id ON plain (id)")
    await conn.execute(f"CREATE TABLE parts ({COLUMNS}, PRIMARY KEY (video_id, id)) PARTITION BY RANGE (id)")
    await conn.execute("CREATE INDEX parts_id ON parts (id)")
    for month in range(MONTHS):
        bounds = [UUID(int=(start + number * MONTH) // 1000 << 80) for number in (month, month + 1)]
        await conn.execute(f"CREATE TABLE parts_{month} PARTITION OF parts FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}')")
    for table in (*[f"parts_{month}" for month in range(MONTHS)], "plain"):
        await conn.execute(f"ALTER TABLE {table} ALTER COLUMN video_id SET (n_distinct = -0.01)")


def _made(start: int, rows: int) -> tuple[list[UUID], list[UUID], list[UUID]]:
    """Videos by popularity; of each comment its video and its id, in the order of time."""
    rng = np.random.default_rng(6)
    chance = np.cumsum((np.arange(VIDEOS) + 10.0) ** -0.9)
    videos = [UUID(bytes=one.tobytes()) for one in Ids.at(np.sort(start + rng.integers(0, MONTH, VIDEOS)), rng).column]
    picked = np.searchsorted(chance / chance[-1], rng.random(rows)).clip(max=VIDEOS - 1)
    at = np.sort(start + rng.integers(0, MONTHS * MONTH, rows))
    return videos, [videos[n] for n in picked], [UUID(bytes=one.tobytes()) for one in Ids.at(at, rng).column]


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _inserted(conn: Connection, of: Sequence[UUID], ids: Sequence[UUID]) -> dict[str, float]:
    """µs a row, in batches that take turns."""
    spent: dict[str, list[float]] = {table: [] for table in TABLES}
    for start in range(0, len(ids), BATCH):
        batch = of[start : start + BATCH], ids[start : start + BATCH]
        for table in TABLES if start // BATCH % 2 else TABLES[::-1]:
            spent[table].append(await _timed(partial(conn.execute, INSERT.format(table=table), *batch, TEXT)))
    return {table: median(some) / BATCH * 1e6 for table, some in spent.items()}


async def _read(conn: Connection, sql: str, asked: Sequence[Sequence[Any]]) -> dict[str, float]:
    """µs a statement, by the median of rounds that take turns; the first one warms up."""
    prepared = {table: await conn.prepare(sql.format(table=table)) for table in TABLES}
    spent: dict[str, list[float]] = {table: [] for table in TABLES}
    for _ in range(ROUNDS + 1):
        for table, statement in prepared.items():
            began = time.perf_counter()
            for arguments in asked:
                await statement.fetch(*arguments)
            spent[table].append((time.perf_counter() - began) / len(asked) * 1e6)
    return {table: median(some[1:]) for table, some in spent.items()}


async def _run(folder: Path, rows: int) -> None:
    async with stores(folder) as found:
        conn = await asyncpg.connect(found.database_url, command_timeout=600)
        start = micros(datetime.now(UTC)) // MONTH * MONTH - MONTHS * MONTH
        await _tables(conn, start)
        videos, of, ids = _made(start, rows)
        results = {"µs a row inserted, 500 a statement": await _inserted(conn, of, ids)}
        await conn.execute("VACUUM (ANALYZE)")
        sizes = {table: await conn.fetchrow(SIZES, table) for table in TABLES}
        for number, what in enumerate(("MB of rows", "MB of indexes")):
            results[what] = {table: row[number] / 1e6 for table, row in sizes.items() if row}
        rng = np.random.default_rng(7)
        cold = [videos[n] for n in rng.integers(VIDEOS // 2, VIDEOS, READS)]
        hot = videos[:READS]
        results["µs a page of a hot video"] = await _read(conn, PAGE, [(video, LAST) for video in hot])
        results["µs a page of a video with few"] = await _read(conn, PAGE, [(video, LAST) for video in cold])
        tens = [cold[n : n + 10] for n in range(0, READS, 10)]
        results["µs the newest of ten videos"] = await _read(conn, NEWEST, [(ten,) for ten in tens])
        results["µs a comment by its id"] = await _read(conn, FIND, [(ids[n],) for n in rng.integers(0, rows, READS)])
        bound = UUID(int=(start + MONTH) // 1000 << 80)
        results["ms to forget a month"] = {
            "plain": 1000 * await _timed(partial(conn.execute, "DELETE FROM plain WHERE id < $1", bound)),
            "parts": 1000 * await _timed(partial(conn.execute, "DROP TABLE parts_0")),
        }
        results["ms of vacuum behind it"] = {
            table: 1000 * await _timed(partial(conn.execute, f"VACUUM {table}")) for table in TABLES
        }
        print(f"{rows:,} comments on {VIDEOS:,} videos; {MONTHS} ranges")
        for what, figures in results.items():
            print(f"  {what:36} one table {figures['plain']:10.1f}   ranges {figures['parts']:10.1f}")
        await conn.close()


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(prog="python -m bench.partitions", description=__doc__)
    options.add_argument("rows", type=int, nargs="?", default=ROWS, help="comments")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelwire-bench-partitions-") as folder:
        asyncio.run(_run(Path(folder), given.rows))


if __name__ == "__main__":
    main()
