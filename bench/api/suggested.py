"""Pages of the suggested feed: what they cost when warm beside a constant body, and how late they are at a rate."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import asyncpg

from bench.api.feed import RATE, SECONDS, beside_constant, told
from bench.api.load import lines, steadily
from bench.api.readers import Readers
from bench.api.serving import served
from bench.figures import Result
from server.kit.ids import new_id

READERS = 200
MOST_VIDEOS, LIST, POPULAR = 20_000, 100, 1_000
PATH = "/api/v1/feed/suggested?limit=10"
MODEL = """
INSERT INTO suggestion_model (id, day, state, until, engine) VALUES ($1, current_date, 'published', now(), 'local')
"""
LISTS = "INSERT INTO suggestion (account_id, model_id, video_ids, whys) VALUES ($1, $2, $3, $4)"
ALL = "INSERT INTO suggestion_popular (video_ids, whys) VALUES ($1, $2)"
VIDEOS = """
SELECT video_id FROM author_video WHERE plays AND visibility = 'public' ORDER BY md5(video_id::text) LIMIT $1
"""


async def measured(folder: Path, given: Mapping[str, str]) -> AsyncIterator[Result | str]:
    """Accounts with a list of their own, and whoever comes without credentials or without a list."""
    async with served(folder, given) as server:
        readers = Readers(server.settings)
        accounts = await readers.some(2 * READERS)
        with_list, without = accounts[:READERS], accounts[READERS:]
        await _prepare(server.settings.database_url, with_list)
        async with lines(server.socket, 64) as open_lines:
            crowd = await readers.ask_all(with_list, PATH)
            for when in ("a process that has just started", "the same, warm"):
                yield f"  {told(when, await steadily(open_lines, crowd, RATE / 25, SECONDS), f'pages of {READERS} readers')}"
            for account_id, name in ((with_list[0], "with a list"), (without[0], "without one")):
                yield await beside_constant(server, readers, open_lines, (account_id, PATH), f"GET /feed/suggested, {name}")


async def _prepare(database_url: str, account_ids: Sequence[UUID]) -> None:
    conn = await asyncpg.connect(database_url)
    try:
        model_id, dice = new_id(), random.Random(1)
        videos = [row["video_id"] for row in await conn.fetch(VIDEOS, MOST_VIDEOS)]
        await conn.execute(MODEL, model_id)
        lists = [(account_id, model_id, dice.sample(videos, LIST), ["taste"] * LIST) for account_id in account_ids]
        await conn.executemany(LISTS, lists)
        await conn.execute(ALL, videos[:POPULAR], ["popular"] * POPULAR)
    finally:
        await conn.close()
