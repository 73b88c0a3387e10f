"""SQL of the log of publications and of the relay's lease on it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from server.live import log
from server.live.limits import LEASE_SECONDS, PAGE, RETENTION_DAYS
from server.live.log import SHARD, Entry, Position, State
from storage.postgres import Rows

LEASE = """
UPDATE event_log
SET leader = $2, leased_until = clock_timestamp() + make_interval(secs => $3)
WHERE shard = $1 AND (leader = $2 OR leased_until < clock_timestamp())
RETURNING epoch, last_seq, relayed_seq, forgotten_seq
"""
# Numbers that were lost would be given a second time: from now on they are those of another log. Of several who notice only
# the first changes something, for the others the log is another one already.
BEGIN_ANEW = """
UPDATE event_log
SET epoch = substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)
WHERE shard = $1 AND epoch = $2
"""
RELEASE = "UPDATE event_log SET leased_until = '-infinity' WHERE shard = $1 AND leader = $2"

# One statement, so that a leader that freezes holds nothing up. The lock on the row of `event_log` is the fence: who holds it
# leads, and nobody takes the lease before the statement has ended. Its snapshot may be older than the fence: what another one
# has numbered meanwhile is looked at anew by `p.seq IS NULL`, and `last_seq` is that of the locked row. What is left out then,
# like rows that are deleted at the same moment, leaves a number without a row, which is skipped by everybody.
# A log that does not have what this leader numbered was restored: it must not go on before that is known (`begin_anew`).
# CASE fits no index: a planner that knows of nothing without a number would read a whole burst of it for each row.
NUMBER = """
WITH fresh AS MATERIALIZED (
    SELECT author_id, video_id, row_number() OVER (ORDER BY published_at, video_id) AS nth
    FROM publication
    WHERE seq IS NULL
    ORDER BY published_at, video_id
    LIMIT $5
), fence AS MATERIALIZED (
    SELECT last_seq
    FROM event_log
    WHERE shard = $1 AND leader = $2 AND leased_until > clock_timestamp() AND epoch = $3 AND last_seq >= $4
      AND EXISTS (SELECT true FROM fresh)
    FOR UPDATE
), numbered AS (
    UPDATE publication AS p
    SET seq = fence.last_seq + fresh.nth
    FROM fresh, fence
    WHERE p.author_id = fresh.author_id AND p.video_id = fresh.video_id AND CASE WHEN p.seq IS NULL THEN true END
    RETURNING p.seq, p.author_id, p.video_id, extract(epoch FROM clock_timestamp() - p.published_at)::float8 AS age
), advanced AS (
    UPDATE event_log
    SET last_seq = (SELECT max(seq) FROM numbered)
    WHERE shard = $1 AND EXISTS (SELECT true FROM numbered)
)
SELECT EXISTS (SELECT true FROM fresh) AND NOT EXISTS (SELECT true FROM fence), seq, author_id, video_id, age
FROM (VALUES (true)) AS always LEFT JOIN numbered ON true
ORDER BY seq
"""
RELAYED = """
UPDATE event_log
SET relayed_seq = $4
WHERE shard = $1 AND leader = $2 AND epoch = $3 AND relayed_seq < $4 AND last_seq >= $4
"""

ENTRIES = """
SELECT seq, author_id, video_id
FROM publication
WHERE seq > $1 AND seq <= $2
ORDER BY seq
LIMIT $3
"""
AGES = """
SELECT extract(epoch FROM clock_timestamp() - published_at)::float8
FROM publication
WHERE seq > $1 AND seq <= $2
"""
NEWEST = """
SELECT seq, author_id, video_id
FROM publication
WHERE seq <= $1
ORDER BY seq DESC
LIMIT $2
"""
# By the index on (author_id, seq), one range an author: what a client missed is little, what everybody published is not. With
# `author_id = ANY($1)` a plan for any numbers takes few of them for granted, and reads what everybody published.
OF_AUTHORS = """
SELECT p.seq, p.author_id, p.video_id
FROM unnest($1::uuid[]) AS asked (author_id)
CROSS JOIN LATERAL (
    SELECT seq, author_id, video_id
    FROM publication
    WHERE author_id = asked.author_id AND seq > $2 AND seq <= $3
    ORDER BY author_id, seq
    LIMIT $4
) AS p
ORDER BY p.seq
LIMIT $4
"""
SINCE_FOLLOW = """
SELECT seq, author_id, video_id
FROM publication
WHERE author_id = $1 AND published_at >= $2 AND seq <= $3
ORDER BY seq
LIMIT $4
"""
PAIRS = """
SELECT f.account_id, f.author_id, f.created_at
FROM unnest($1::uuid[], $2::uuid[]) AS asked (account_id, author_id)
JOIN following AS f USING (account_id, author_id)
"""

# One statement for all that come together, for it is the greater part of what an opening waits for.
ARRIVED = """
SELECT s.account_id, s.id AS login_id, NULL::uuid[] AS authors
FROM unnest($1::uuid[], $2::uuid[]) AS asked (account_id, id)
JOIN session AS s USING (account_id, id)
WHERE s.revoked_at IS NULL
UNION ALL
SELECT f.account_id, NULL, (array_agg(f.author_id))[:$4]
FROM unnest($3::uuid[]) AS asked (account_id)
JOIN following AS f USING (account_id)
GROUP BY f.account_id
"""

# The numbers before the first publication that is still kept; never what the broker has not taken.
FORGETTABLE = """
SELECT least(
    relayed_seq,
    coalesce(
        (SELECT min(seq) - 1 FROM publication WHERE seq IS NOT NULL AND published_at > now() - make_interval(days => $2)),
        relayed_seq
    ),
    forgotten_seq + $3
)
FROM event_log
WHERE shard = $1
FOR UPDATE
"""
FORGOTTEN = "UPDATE event_log SET forgotten_seq = $2 WHERE shard = $1 AND forgotten_seq < $2 RETURNING true"
FORGET = "DELETE FROM publication WHERE seq <= $1"


class Numbered(NamedTuple):
    """An entry that has just got its number, so many seconds after it was published."""

    entry: Entry
    age: float


class Followed(NamedTuple):
    """A follow that exists, since when."""

    account_id: UUID
    author_id: UUID
    since: datetime


class Arrival(NamedTuple):
    """An account that comes online by a log-in; `follows`: it is asked whom it follows."""

    account_id: UUID
    login_id: UUID
    follows: bool


class Arrived(NamedTuple):
    """Whether its log-in stands; whom it follows, in no order."""

    stands: bool
    authors: Sequence[UUID]


async def lease(conn: Rows, leader: str) -> State | None:
    """Take or keep the lease; None while somebody else has it."""
    row = await conn.fetchrow(LEASE, SHARD, leader, LEASE_SECONDS)
    return State(*row) if row else None


async def release(conn: Rows, leader: str) -> None:
    await conn.execute(RELEASE, SHARD, leader)


async def begin_anew(conn: Rows, lost: str) -> State:
    """The log of this epoch was seen without numbers that it had given: give it another epoch; its state then."""
    await conn.execute(BEGIN_ANEW, SHARD, lost)
    return await log.state(conn)


async def number(conn: Rows, leader: str, known: Position) -> list[Numbered] | None:
    """Number what has no number yet, at most PAGE; all of it in order, or None where our lease or what is known is gone."""
    rows = await conn.fetch(NUMBER, SHARD, leader, *known, PAGE)
    if rows[0][0]:
        return None
    return [Numbered(Entry(seq, author_id, video_id), age) for _, seq, author_id, video_id, age in rows if seq is not None]


async def relayed(conn: Rows, leader: str, up_to: Position) -> None:
    await conn.execute(RELAYED, SHARD, leader, *up_to)


async def entries(conn: Rows, after: int, up_to: int, limit: int) -> list[Entry]:
    return [Entry(*row) for row in await conn.fetch(ENTRIES, after, up_to, limit)]


async def ages(conn: Rows, after: int, up_to: int) -> list[float]:
    """Seconds since each of these was published."""
    return [row[0] for row in await conn.fetch(AGES, after, up_to)]


async def newest(conn: Rows, up_to: int, limit: int) -> list[Entry]:
    """The newest entries, the oldest of them first."""
    return [Entry(*row) for row in reversed(await conn.fetch(NEWEST, up_to, limit))]


async def of_authors(conn: Rows, author_ids: Collection[UUID], after: int, up_to: int, limit: int) -> list[Entry]:
    return [Entry(*row) for row in await conn.fetch(OF_AUTHORS, list(author_ids), after, up_to, limit)]


async def since_follow(conn: Rows, followed: Followed, up_to: int, limit: int) -> list[Entry]:
    """What an author published after he was followed."""
    return [Entry(*row) for row in await conn.fetch(SINCE_FOLLOW, followed.author_id, followed.since, up_to, limit)]


async def pairs(conn: Rows, asked: Sequence[tuple[UUID, UUID]]) -> list[Followed]:
    """Those of these (account, author) that follow."""
    rows = await conn.fetch(PAIRS, [account for account, _ in asked], [author for _, author in asked])
    return [Followed(*row) for row in rows]


async def arrived(conn: Rows, arrivals: Sequence[Arrival], limit: int) -> list[Arrived]:
    """Of each whether the log-in stands, and whom the account follows, as far as that is asked."""
    pairs = {(one.account_id, one.login_id) for one in arrivals}
    asked = [account_id for account_id, _ in pairs], [login_id for _, login_id in pairs]
    follows = list({one.account_id for one in arrivals if one.follows})
    standing, authors = set[tuple[UUID, UUID]](), dict[UUID, list[UUID]]()
    for account_id, login_id, found in await conn.fetch(ARRIVED, *asked, follows, limit):
        if login_id is not None:
            standing.add((account_id, login_id))
        else:
            authors[account_id] = found
    return [Arrived((one.account_id, one.login_id) in standing, authors.get(one.account_id, ())) for one in arrivals]


async def forget(conn: Rows, limit: int) -> bool:
    """Delete old entries, at most `limit` numbers; whether there were any."""
    async with conn.transaction():
        bound = await conn.fetchval(FORGETTABLE, SHARD, RETENTION_DAYS, limit)
        if bound is None or await conn.fetchval(FORGOTTEN, SHARD, bound) is None:
            return False
        await conn.execute(FORGET, bound)
        return True
