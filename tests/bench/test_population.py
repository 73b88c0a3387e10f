"""The town of the benchmarks: as large as it was ordered, the same each time, and consistent in itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import numpy as np
import pytest

from bench.population.filling import PASSWORD
from bench.population.rows import Connection
from bench.population.snapshot import fresh
from bench.population.town import Size, Town
from server.accounts.passwords import Passwords
from server.settings import Settings

SIZE = Size(accounts=200, follows=2_000, videos=300, comments=900, plays=1_500, likes=800, blocks=50, days=20)
COUNTED = {
    "account": SIZE.accounts,
    "username": SIZE.accounts,
    "email_address": SIZE.accounts,
    "following": SIZE.follows,
    "follower": SIZE.follows,
    "video": SIZE.videos,
    "author_video": SIZE.videos,
    "comment": SIZE.comments,
    "play": SIZE.plays,
    "video_like": SIZE.likes,
    "blocking": SIZE.blocks,
    "blocker": SIZE.blocks,
}
# Each finds what does not agree with the rest.
WRONG = {
    "mirrors of follows": """
        SELECT account_id, author_id, created_at FROM following EXCEPT SELECT account_id, author_id, created_at FROM follower
    """,
    "mirrors of blocks": "SELECT account_id, blocked_id FROM blocking EXCEPT SELECT account_id, blocked_id FROM blocker",
    "follows of oneself": "SELECT FROM following WHERE account_id = author_id",
    "follows behind a block": """
        SELECT FROM following AS f JOIN blocking AS b
        ON (b.account_id, b.blocked_id) IN ((f.account_id, f.author_id), (f.author_id, f.account_id))
    """,
    "lists of videos": """
        SELECT id, author_id, coalesce(published_at, created_at), visibility, status = 'ready' FROM video
        EXCEPT SELECT video_id, author_id, at, visibility, plays FROM author_video
    """,
    "videos without renditions": """
        SELECT FROM video WHERE (status = 'ready') <> EXISTS (SELECT FROM rendition WHERE video_id = video.id)
    """,
    "the log": """
        SELECT FROM video AS v JOIN event_log ON true FULL JOIN publication AS p ON p.video_id = v.id
        WHERE p.video_id IS DISTINCT FROM CASE
            WHEN v.published_at > (SELECT max(published_at) FROM video) - interval '6 days' THEN v.id ELSE p.video_id END
            OR p.published_at <> v.published_at OR p.author_id <> v.author_id
    """,
    "numbers": """
        SELECT FROM (SELECT seq, row_number() OVER (ORDER BY published_at) + forgotten_seq AS due FROM publication, event_log)
        WHERE seq <> due
    """,
    "the newest number": """
        SELECT FROM event_log
        WHERE last_seq <> (SELECT max(seq) FROM publication) OR relayed_seq <> last_seq
            OR last_seq <> (SELECT count(*) FROM video WHERE published_at IS NOT NULL)
    """,
    "views": """
        SELECT video_id, count(*) FROM play GROUP BY video_id EXCEPT SELECT video_id, views FROM play_total
    """,
    "views by day": """
        SELECT video_id, views FROM play_total EXCEPT SELECT video_id, sum(views)::bigint FROM play_day GROUP BY video_id
    """,
    "likes of what was not watched": """
        SELECT video_id, account_id FROM video_like EXCEPT SELECT video_id, account_id FROM play
    """,
    "what was said before": "SELECT FROM comment AS c JOIN video AS v ON v.id = c.video_id WHERE c.created_at < v.published_at",
    "ids": """
        SELECT id, created_at FROM comment
        WHERE abs(extract(epoch FROM uuid_extract_timestamp(id)) - extract(epoch FROM created_at)) > 0.001
            OR uuid_extract_version(id) <> 7
    """,
}


@pytest.fixture(scope="module")
async def copies(settings: Settings) -> AsyncIterator[Connection]:
    """The second copy of a town, of which the first was spoilt."""
    first = await asyncpg.connect(await fresh(settings.database_url, SIZE))
    await first.execute("DELETE FROM play")
    await first.close()
    conn = await asyncpg.connect(await fresh(settings.database_url, SIZE))
    yield conn
    await conn.close()


async def test_every_run_begins_with_what_agrees_with_itself(copies: Connection) -> None:
    assert {table: await copies.fetchval(f"SELECT count(*) FROM {table}") for table in COUNTED} == COUNTED
    assert {name: await copies.fetch(sql) for name, sql in WRONG.items()} == {name: [] for name in WRONG}
    assert await copies.fetchval("SELECT count(*) FROM following GROUP BY account_id HAVING count(*) = 50") == 50
    passwords = Passwords(1)
    assert await passwords.verify(await copies.fetchval("SELECT password_hash FROM account LIMIT 1"), PASSWORD)
    passwords.close()


def test_the_same_seed_makes_the_same_town() -> None:
    until = datetime(2026, 1, 1, tzinfo=UTC)
    one, same, other = [Town.made(SIZE, seed, until) for seed in (1, 1, 2)]
    assert (one.comment.low == same.comment.low).all()
    assert (one.follow_to == same.follow_to).all()
    assert (one.comment.low != other.comment.low).any()
    first = UUID(bytes=one.account.column[0].tobytes())
    assert first.version == 7
    assert first.int >> 80 == one.account_at[0] // 1000


def test_few_are_followed_by_most() -> None:
    town = Town.made(SIZE, 1)
    followers = np.sort(np.bincount(town.follow_to, minlength=SIZE.accounts))[::-1]
    assert followers[: SIZE.accounts // 10].sum() > SIZE.follows / 4
    for number, account in town.readers.items():
        assert np.count_nonzero(town.follow_from == account) == number
