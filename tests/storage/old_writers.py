"""What processes of the version of migration 0025 say to the database, over and over, as its own files have it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID, uuid4

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SETTINGS = {"lock_timeout": "3000", "statement_timeout": "4000"}
"""Those of our pools (storage/postgres.py): whoever waits for longer fails."""
TOWN = """
INSERT INTO account (id, username, email, password_hash)
SELECT gen_random_uuid(), 'someone' || n, n || '@example.org', '' FROM generate_series(1, 3000) AS n;
INSERT INTO username (name, account_id) SELECT username, id FROM account;
INSERT INTO video (id, author_id, title, description, hashtags, visibility, status, published_at, raw_bytes, raw_sha256)
SELECT gen_random_uuid(), id, '', '', '{clip}', 'public', 'ready', now(), 1, '' FROM account LIMIT 1500;
INSERT INTO author_video (author_id, video_id, at, visibility, plays)
SELECT author_id, id, published_at, 'public', true FROM video;
INSERT INTO hashtag_video (tag, video_id, author_id, at) SELECT 'clip', id, author_id, published_at FROM video;
INSERT INTO video_like (video_id, account_id) SELECT v.id, a.id FROM video AS v CROSS JOIN (SELECT id FROM account LIMIT 30) AS a;
INSERT INTO comment (video_id, id, author_id, text) SELECT video_id, gen_random_uuid(), account_id, 'hello' FROM video_like;
INSERT INTO play (video_id, account_id, reports, watched_ms, completions, replays, source)
SELECT video_id, account_id, 1, 1000, 0, 0, 'link' FROM video_like;
"""

FIND = "SELECT account_id FROM username WHERE name = lower($1)"
SIGN_UP = (
    "INSERT INTO username (name, account_id) VALUES (lower($1), $2) ON CONFLICT (name) DO NOTHING RETURNING true",
    "INSERT INTO account (id, username, email, password_hash) VALUES ($2, $1, $1 || '@example.org', '')",
)
LIKE = """
INSERT INTO video_like (video_id, account_id, created_at)
SELECT id, $2, now() FROM video WHERE id = $1 FOR KEY SHARE
ON CONFLICT (video_id, account_id) DO NOTHING
RETURNING true
"""
UNLIKE = "DELETE FROM video_like WHERE video_id = $1 AND account_id = $2 RETURNING true"
LIKES = "SELECT video_id, count(*) AS likes FROM video_like WHERE video_id = ANY($1) GROUP BY video_id"
COMMENT = """
INSERT INTO comment (video_id, id, author_id, text)
SELECT id, gen_random_uuid(), $2, 'hello' FROM video WHERE id = $1 FOR KEY SHARE
RETURNING video_id, id, author_id, text, created_at
"""
COMMENTS = """
SELECT c.video_id, c.id, c.author_id, c.text, c.created_at FROM comment AS c WHERE video_id = $1 ORDER BY id DESC LIMIT 3
"""
VIEW = """
INSERT INTO play AS p (video_id, account_id, reports, watched_ms, completions, replays, source)
VALUES ($1, $2, 1, 1000, 0, 0, 'link')
ON CONFLICT (video_id, account_id) DO UPDATE SET reports = p.reports + excluded.reports
"""
SHARE = """
INSERT INTO video_share AS s (video_id, account_id)
SELECT id, $2 FROM video WHERE id = $1 FOR KEY SHARE
ON CONFLICT (video_id, account_id) DO UPDATE SET shares = s.shares + 1, last_shared_at = now()
RETURNING true
"""
REPORT = """
INSERT INTO report (video_id, account_id, reason, detail)
SELECT id, $2, 'spam', NULL FROM video WHERE id = $1 FOR KEY SHARE
ON CONFLICT (video_id, account_id) DO UPDATE SET created_at = excluded.created_at, closed_at = NULL
RETURNING true
"""
ANYBODY = "SELECT id FROM account ORDER BY id OFFSET floor(random() * 1000) LIMIT 1"
FOLLOW = (
    "INSERT INTO following (account_id, author_id, from_video, created_at) VALUES ($1, $2, NULL, now()) ON CONFLICT DO NOTHING",
    "INSERT INTO follower (author_id, account_id, created_at) VALUES ($2, $1, now()) ON CONFLICT DO NOTHING",
)
BLOCK = (
    "INSERT INTO blocking (account_id, blocked_id) VALUES ($1, $2) ON CONFLICT (account_id, blocked_id) DO NOTHING",
    "INSERT INTO blocker (blocked_id, account_id) VALUES ($2, $1) ON CONFLICT (blocked_id, account_id) DO NOTHING",
)
EDIT = "UPDATE video SET title = title || '' WHERE id = $1"
POST = """
INSERT INTO video (id, author_id, title, description, hashtags, visibility, raw_bytes, raw_sha256)
VALUES ($1, $2, '', '', '{}', 'public', 1, '')
RETURNING created_at
"""
QUEUE = "INSERT INTO job (shard, id, kind, subject_id, account_id) VALUES (0, gen_random_uuid(), 'transcode', $1, $2)"
DELETE = "DELETE FROM video WHERE id = $1 RETURNING raw_sha256"
TELL = "INSERT INTO invalidation (account_id, id, kind, subject_id) VALUES ($2, gen_random_uuid(), 'video', $1)"
TAGGED = "SELECT at, video_id FROM hashtag_video WHERE tag = 'clip' ORDER BY at DESC, video_id DESC LIMIT 10"


async def _names(conn: Connection, video_id: UUID, account_id: UUID) -> None:
    name, new = f"New{uuid4().hex}", uuid4()
    async with conn.transaction():
        for statement in SIGN_UP:
            await conn.execute(statement, name, new)
    assert await conn.fetchval(FIND, name) == new
    assert await conn.fetchval(FIND, "Someone7") is not None


async def _likes(conn: Connection, video_id: UUID, account_id: UUID) -> None:
    async with conn.transaction():
        await conn.fetchval(LIKE, video_id, account_id)
        await conn.fetchval(UNLIKE, video_id, account_id)
        await conn.fetchval(LIKE, video_id, account_id)
    assert len(await conn.fetch(LIKES, [video_id])) == 1


async def _comments(conn: Connection, video_id: UUID, account_id: UUID) -> None:
    async with conn.transaction():
        await conn.fetchrow(COMMENT, video_id, account_id)
    assert await conn.fetch(COMMENTS, video_id)
    await conn.execute(VIEW, video_id, account_id)


async def _rest(conn: Connection, video_id: UUID, account_id: UUID) -> None:
    for one in (SHARE, REPORT):
        async with conn.transaction():
            await conn.fetchval(one, video_id, account_id)
    other = await conn.fetchval(ANYBODY)
    for statements in (FOLLOW, BLOCK):
        async with conn.transaction():
            for statement in statements:
                await conn.execute(statement, account_id, other)


async def _videos(conn: Connection, video_id: UUID, account_id: UUID) -> None:
    new = uuid4()
    async with conn.transaction():
        await conn.fetchval("SELECT true FROM account WHERE id = $1 FOR UPDATE", account_id)
        await conn.fetchval("SELECT true FROM video WHERE id = $1 FOR UPDATE", video_id)
        await conn.execute(EDIT, video_id)
    async with conn.transaction():
        await conn.fetchval(POST, new, account_id)
        await conn.execute(QUEUE, new, account_id)
    async with conn.transaction():
        await conn.fetchval(DELETE, new)
        await conn.execute(TELL, new, account_id)
    assert await conn.fetch(TAGGED)


WRITERS: tuple[Callable[[Connection, UUID, UUID], Awaitable[None]], ...] = (_names, _likes, _comments, _rest, _videos)


async def serve(dsn: str, enough: asyncio.Event, rounds: list[int], which: int) -> None:
    """One process of before, until it is enough; whatever fails is raised."""
    conn = await asyncpg.connect(dsn, server_settings=SETTINGS)
    try:
        pairs = await conn.fetch("SELECT v.id, a.id FROM video AS v CROSS JOIN (SELECT id FROM account LIMIT 40) AS a LIMIT 4000")
        while not enough.is_set():
            video_id, account_id = pairs[(rounds[which] * 41 + which) % len(pairs)]
            await WRITERS[which](conn, video_id, account_id)
            rounds[which] += 1
    finally:
        await conn.close()
