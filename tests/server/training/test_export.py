"""Which signals are handed over, and what each is worth."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from recommend import log as logs
from recommend.log import Log
from server.kit.ids import new_id
from server.kit.request import POOL
from server.training import signals
from server.training.export import export
from storage.postgres import connection
from tests.server.training.town import Town

WATCHED = """
INSERT INTO watch_log (day, account_id, video_id, at, watched_ms, duration_ms, completed, replays, source)
VALUES ($3::timestamptz::date, $1, $2, $3, $4, $5, $6, $7, 'suggested')
"""

PLAYED = """
INSERT INTO play (video_id, account_id, reports, watched_ms, completions, replays, source) VALUES ($1, $2, 1, 1, 0, 0, 'link')
"""


@pytest.fixture
async def still(app: web.Application) -> Town:
    """Nobody has watched anything. Six accounts, the first two of which have all videos."""
    found = Town.made(6, 9)
    found.authors = {video: found.accounts[number % 2] for number, video in enumerate(found.videos)}
    async with connection(app[POOL]) as conn:
        await found.fill(conn)
    return found


async def _execute(app: web.Application, *statements: tuple[Any, ...]) -> None:
    async with connection(app[POOL]) as conn:
        for statement, *arguments in statements:
            await conn.execute(statement, *arguments)


async def _exported(app: web.Application, folder: Path) -> Log:
    await export(app[POOL], folder)
    return logs.read(folder, [])


def _rows(found: Log) -> dict[tuple[UUID, UUID], list[float]]:
    users, items = logs.names(found.users), logs.names(found.items)
    told: dict[tuple[UUID, UUID], list[float]] = {}
    for user, item, weight in zip(found.rows.users, found.rows.items, found.rows.weights.tolist(), strict=True):
        told.setdefault((UUID(users[user]), UUID(items[item])), []).append(weight)
    return told


async def test_what_each_signal_is_worth(app: web.Application, still: Town, tmp_path: Path) -> None:
    cat, now, v = still.accounts[2], still.now, still.videos
    await _execute(
        app,
        (WATCHED, cat, v[0], now, 1000, 8000, False, 0),
        (WATCHED, cat, v[1], now, 4000, None, False, 0),  # of 8 s
        (WATCHED, cat, v[2], now, 8000, 8000, True, 1),
        (WATCHED, cat, v[3], now, 1000, 8000, False, 0),
        (WATCHED, cat, v[3], now - timedelta(days=2), 1000, 8000, False, 0),
        ("INSERT INTO video_like (video_id, account_id) VALUES ($1, $2)", v[3], cat),
        (WATCHED, cat, v[4], now, 8000, 8000, True, 0),
        ("INSERT INTO not_interested (account_id, video_id) VALUES ($1, $2)", cat, v[4]),
        ("INSERT INTO following (account_id, author_id, from_video) VALUES ($1, $2, $3)", cat, still.accounts[0], v[6]),
        ("INSERT INTO video_share (video_id, account_id) VALUES ($1, $2)", v[7], cat),
        ("INSERT INTO comment (video_id, id, author_id, text) VALUES ($1, $2, $3, 'a')", v[8], new_id(), cat),
        (WATCHED, still.accounts[0], v[0], now, 8000, 8000, True, 0),  # their own
    )
    found = _rows(await _exported(app, tmp_path))
    assert {v.index(video): sorted(weights) for (_, video), weights in found.items()} == {
        0: [0.0],
        1: [signals.WATCHED_HALF],
        2: [signals.COMPLETED + signals.REPLAYED],
        3: [0.0, signals.LIKED],
        4: [0.0],
        6: [signals.FOLLOWED],
        7: [signals.SHARED],
        8: [signals.COMMENTED],
    }
    assert {account for account, _ in found} == {cat}


async def test_who_opted_out_or_began_anew_is_not_learned_from(app: web.Application, still: Town, tmp_path: Path) -> None:
    cat, dan, eve = still.accounts[2:5]
    hour, video = timedelta(hours=1), still.videos[0]
    await _execute(
        app,
        *((WATCHED, one, video, still.now - 30 * hour, 8000, 8000, True, 0) for one in (cat, dan, eve)),
        (WATCHED, eve, video, still.now - hour, 1000, 8000, False, 0),
        (WATCHED, cat, still.videos[1], still.now - timedelta(days=signals.LEARNED_DAYS + 1), 8000, 8000, True, 0),
        ("INSERT INTO watch_choice (account_id, learns) VALUES ($1, false)", dan),
        ("INSERT INTO watch_choice (account_id, since) VALUES ($1, $2)", eve, still.now - 20 * hour),
    )
    found = await _exported(app, tmp_path)
    assert _rows(found) == {(cat, video): [1.0], (eve, video): [0.0]}
    assert {UUID(name) for name in logs.names(found.users[found.active])} == {cat, eve}


async def test_what_may_be_suggested_and_what_is_out(app: web.Application, still: Town, tmp_path: Path) -> None:
    cat, v, ann = still.accounts[2], still.videos, still.accounts[0]
    looks = [key * signals.LOOK_SAMPLE for key in (1, 2, 3)]
    await _execute(
        app,
        (WATCHED, cat, v[0], still.now, 1000, 8000, False, 0),
        (PLAYED, v[1], cat),
        ("UPDATE video SET visibility = 'followers' WHERE id = $1", v[2]),
        ("INSERT INTO video_tier (video_id, tier) VALUES ($1, 'archived')", v[3]),
        ("UPDATE video SET author_id = $2 WHERE id = $1", v[4], new_id()),
        ("UPDATE video SET status = 'processing', published_at = NULL WHERE id = $1", v[5]),
        ("INSERT INTO blocking (account_id, blocked_id) VALUES ($1, $2)", ann, cat),
        *(("INSERT INTO fingerprint (video_id, moments, keys) VALUES ($1, '', $2)", video, keys)
          for video, keys in ((v[6], looks[:2]), (v[7], looks[1:]), (v[8], [looks[1] + 1]))),
    )  # fmt: skip
    found = await _exported(app, tmp_path)
    items = [UUID(name) for name in logs.names(found.items)]
    users = [UUID(name) for name in logs.names(found.users)]
    assert {items[number] for number in found.eligible.nonzero()[0]} == {v[0], v[1], v[6], v[7], v[8]}
    assert v[5] not in items
    out = {(users[key // found.width], items[key % found.width]) for key in found.out.tolist()}
    assert {item for user, item in out if user == cat} == {v[1]}
    assert {item for user, item in out if user == ann} == {video for video in items if still.authors[video] == ann} - {v[4]}
    pairs = {(users[key // len(users)], users[key % len(users)]) for key in found.blocks.tolist()}
    assert pairs == {(ann, cat), (cat, ann)}
    shared = found.content.tags[[items.index(v[6]), items.index(v[7]), items.index(v[8])], -1]
    assert shared[0] == shared[1] >= len(found.tag_names)
    assert shared[2] == -1
    assert found.tag_names == ["kind0", "kind1", "kind2"]
