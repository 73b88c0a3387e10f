"""What views cost once their requests were answered: folding them into the counts, and counting them in windows."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple
from uuid import UUID

import numpy as np

from bench.cpu import of_process, spent_here
from bench.figures import Result
from pubsub.commands import Command, Commands
from pubsub.opening import open_commands
from pubsub.windows import Windows
from server.kit.ids import new_id
from server.plays import jobs
from server.plays.actions import SHARDS
from server.plays.queries import Folded
from server.plays.windows import ViewWindows
from storage.postgres import Pool, close_pool, open_pool

ROUNDS, VIEWS, VIDEOS = 7, 20_000, 20_000
"""A round's views come in one second."""
AT_ONCE = 500
"""Bare commands in one pipeline."""
EXPONENT = 1.1
VIDEO = """
INSERT INTO video (id, author_id, title, description, hashtags, visibility, status, raw_bytes, raw_sha256)
SELECT id, $1, '', '', '{}', 'public', 'ready', 1, uuid_send(id) FROM unnest($2::uuid[]) AS t (id)
"""


class Spent(NamedTuple):
    """µs of CPU a view."""

    folding: float
    postgres: float
    windows: float
    valkey: float
    bare: float


def _chosen(random: np.random.Generator, videos: Sequence[UUID]) -> dict[str, Callable[[], list[UUID]]]:
    """Who is viewed, by how that is spread."""

    def by_power_law() -> list[UUID]:
        ranks = random.zipf(EXPONENT, VIEWS * 4)
        return [videos[rank - 1] for rank in ranks[ranks <= len(videos)][:VIEWS].tolist()]

    return {
        f"views of {len(videos):,} videos by a power law": by_power_law,
        "views of one video": lambda: [videos[0]] * VIEWS,
        "each view of another video": lambda: list(videos[:VIEWS]),
    }


async def measured(_: Path, given: Mapping[str, str]) -> AsyncIterator[Result | str]:
    """A result for each way in which views are spread."""
    pool = await open_pool(given["REELWIRE_DATABASE_URL"], 1, "bench")
    videos = [new_id() for _ in range(VIDEOS)]
    await pool.execute(VIDEO, new_id(), videos)
    async with open_commands(given["REELWIRE_VALKEY_URL"]) as commands:
        for name, chosen in _chosen(np.random.default_rng(7), videos).items():
            # The busiest one has been watched for a week.
            counted = ViewWindows(windows := Windows(commands, f"bench:{name}:"))
            windows.count((videos[0].bytes, windows.minute - minutes_ago, 1) for minutes_ago in range(7 * 1440, 0, -60))
            await windows.flush()
            rounds = [await _round(pool, commands, counted, chosen()) for _ in range(ROUNDS + 1)][1:]
            yield _result(name, rounds)
    await close_pool(pool)


async def _round(pool: Pool, commands: Commands, counted: ViewWindows, viewed: Sequence[UUID]) -> Spent:
    day = datetime.now(UTC).date()
    rows = [(nth % SHARDS, new_id(), video_id, day) for nth, video_id in enumerate(viewed)]
    async with pool.acquire() as conn:
        await conn.copy_records_to_table("play_counted", records=rows)
        backend = conn.get_server_pid()
    (info,) = await commands.run([Command("", ("INFO", "server"))])
    server = info["process_id"]
    before = of_process(backend)
    told: list[Sequence[Folded]] = []
    with spent_here() as folding:
        await jobs.fold(pool, told.append)
    postgres, valkey = of_process(backend) - before, of_process(server)
    with spent_here() as flushed:
        for some in told:
            counted.counted(some)
        await counted.flush()
    valkey = of_process(server) - valkey
    with spent_here() as bare:
        await _bare(commands, viewed)
    return Spent(*(seconds / len(viewed) * 1e6 for seconds in (folding.seconds, postgres, flushed.seconds, valkey, bare.seconds)))


def _result(name: str, rounds: Sequence[Spent]) -> Result:
    def middle(part: str) -> float:
        return float(median(getattr(one, part) for one in rounds))

    notes = (
        f"folding into the counts: {middle('folding'):.2f} µs of the process, {middle('postgres'):.2f} µs of PostgreSQL",
        f"windows: {middle('valkey'):.2f} µs of Valkey",
    )
    ours, peer = [one.windows for one in rounds], [one.bare for one in rounds]
    return Result("µs of CPU a view", "windows, in the process", "a pipelined HINCRBY for each", ours, peer, notes, name)


async def _bare(commands: Commands, viewed: Sequence[UUID]) -> None:
    """One HINCRBY for each."""
    said = [Command("bench:bare", ("HINCRBY", "bench:bare", video_id.bytes, 1)) for video_id in viewed]
    for first in range(0, len(said), AT_ONCE):
        await commands.run(said[first : first + AT_ONCE])
