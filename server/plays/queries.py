"""SQL of plays. They are distributed by video; views that counted are appended, and folded into counts afterwards."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from server.plays.watches import lock_of
from server.plays.wire import Play, Seen, Watch
from server.videos.remains import walk_along
from storage.postgres import Rows

# Each report is logged beside the sums, for accounts that let suggestions learn from it (server/plays/choices.py).
# The counting and the row that tells of it are one statement: whoever is second at the same account and video waits for the row,
# and finds it counted. `counted_as` tells whether that was this report; times could be equal.
KEEP = """
WITH told AS (
    SELECT *
    FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::uuid[])
        AS t (video_id, reports, watched_ms, completions, replays, skips, source, counted_as)
), kept AS (
    INSERT INTO play AS p
        (video_id, account_id, reports, watched_ms, completions, replays, skips, source, counted_at, counted_as)
    SELECT video_id, $1, reports, watched_ms, completions, replays, skips, source,
           CASE WHEN counted_as IS NOT NULL THEN now() END, counted_as
    FROM told
    ORDER BY video_id
    ON CONFLICT (video_id, account_id) DO UPDATE
    SET reports = p.reports + excluded.reports,
        watched_ms = p.watched_ms + excluded.watched_ms,
        completions = p.completions + excluded.completions,
        replays = p.replays + excluded.replays,
        skips = p.skips + excluded.skips,
        source = excluded.source,
        last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at),
        (counted_at, counted_as) = (
            SELECT CASE WHEN again THEN excluded.counted_at ELSE p.counted_at END,
                   CASE WHEN again THEN excluded.counted_as ELSE p.counted_as END
            FROM (
                SELECT excluded.counted_as IS NOT NULL
                    AND coalesce(p.counted_at <= now() - make_interval(secs => $10), true) AS again
            ) AS counts
        )
    RETURNING video_id, counted_as
), logged AS (
    INSERT INTO watch_log (account_id, video_id, watched_ms, duration_ms, completed, replays, source)
    SELECT $1, *
    FROM unnest($12::uuid[], $13::integer[], $14::integer[], $15::boolean[], $16::smallint[], $17::text[])
    WHERE NOT EXISTS (SELECT FROM watch_choice WHERE account_id = $1 AND (NOT learns OR since > now()))
)
INSERT INTO play_counted (shard, id, video_id, day)
SELECT get_byte(uuid_send(video_id), 15) % $11::integer, counted_as, video_id, (now() AT TIME ZONE 'UTC')::date
FROM kept JOIN told USING (video_id, counted_as)
"""
# An hour begins with the first report after the one before is over.
TAKE_QUOTA = """
INSERT INTO play_quota AS q (account_id, since, reports)
SELECT $1, now(), $2
WHERE $2 <= $3::integer
ON CONFLICT (account_id) DO UPDATE
SET since = CASE WHEN q.since <= now() - make_interval(secs => $4) THEN now() ELSE q.since END,
    reports = excluded.reports + CASE WHEN q.since <= now() - make_interval(secs => $4) THEN 0 ELSE q.reports END
WHERE q.since <= now() - make_interval(secs => $4) OR q.reports + excluded.reports <= $3
RETURNING true
"""
SECONDS_LEFT = """
SELECT greatest(ceil(extract(epoch FROM since + make_interval(secs => $2) - clock_timestamp())), 1)::integer
FROM play_quota
WHERE account_id = $1
"""
# A statement ahead of the one that reads the choice: whoever waits for the lock in that one would read what was before.
BEGIN = f"""
SELECT id, duration_ms, pg_advisory_xact_lock_shared({lock_of("$1::uuid")})
FROM video
WHERE id = ANY($2)
"""  # noqa: S608 - a function of ours
AWAY = "SELECT video_id FROM video_tier WHERE video_id = ANY($1) AND tier IN ('archiving', 'archived') ORDER BY video_id"
# What everybody may see, and as it should be.
OFFERED = """
SELECT id
FROM video
WHERE id = ANY($1) AND visibility = 'public' AND status IN ('playable', 'ready')
  AND EXISTS (SELECT FROM account WHERE account.id = video.author_id)
  AND NOT EXISTS (SELECT FROM video_tier AS t WHERE t.video_id = video.id AND t.tier IN ('archived', 'restoring'))
"""
SEEN = "SELECT video_id FROM play WHERE video_id = ANY($1) AND account_id = $2"
TOTALS = "SELECT video_id, views FROM play_total WHERE video_id = ANY($1)"
RECENT = """
SELECT video_id, sum(views)::bigint AS views
FROM play_day
WHERE video_id = ANY($1) AND day > (now() AT TIME ZONE 'UTC')::date - $2::integer
GROUP BY video_id
"""
# The queue is short: what is in it is folded within seconds.
UNFOLDED = "SELECT video_id, count(*) AS views FROM play_counted WHERE video_id = ANY($1) GROUP BY video_id"
CURVE = """
SELECT today, d.day, d.views
FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS t
LEFT JOIN play_day AS d ON d.video_id = $1 AND d.day > today - $2::integer
"""
# Each account weighs the same, however often it reports. Of those that saw the end at times and left at others it is known how
# long they watched in all: what is left of that belongs to the other times.
HELD = """
SELECT CASE WHEN p.ended < p.reports THEN width_bucket(
           greatest(p.watched_ms - (p.completions + p.replays) * p.duration_ms, 0)::float8
               / ((p.reports - p.ended) * p.duration_ms), 0, 1, $3::integer) END AS slot,
       count(*) AS viewers,
       sum(p.ended::float8 / p.reports) AS ended,
       sum(p.watched_ms::float8 / p.reports) AS watched_ms
FROM (
    SELECT o.reports, o.watched_ms, o.completions, o.replays, least(o.completions, o.reports) AS ended, v.duration_ms
    FROM video AS v
    JOIN play AS o ON o.video_id = v.id AND o.account_id <> v.author_id
    WHERE v.id = $1 AND v.duration_ms > 0
    LIMIT $2
) AS p
GROUP BY slot
"""
RENDERED = "SELECT coalesce(sum(bytes), 0)::bigint FROM rendition WHERE video_id = $1"
# In the order of the primary key, so that no more is read than is asked for: the index of days is none for a difference.
DAYS = """
SELECT video_id, day, views
FROM play_day
WHERE (video_id, day) > ($1, $2::date) AND day - $3::date >= 0
ORDER BY video_id, day
LIMIT $4
"""

WAITING = """
SELECT shard
FROM generate_series(0, $1::integer - 1) AS s (shard)
CROSS JOIN LATERAL (SELECT FROM play_counted WHERE play_counted.shard = s.shard ORDER BY id LIMIT 1) AS c
"""
# Materialized: rows are locked once, however the rest is planned. Looked up by an array: a join would read the whole table.
TAKE_COUNTED = """
WITH due AS MATERIALIZED (
    SELECT id FROM play_counted WHERE shard = $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM play_counted WHERE shard = $1 AND id = ANY(ARRAY(SELECT id FROM due)) RETURNING id, video_id, day
)
SELECT video_id, day, count(*) AS views, floor(extract(epoch FROM max(uuid_extract_timestamp(id))) / 60)::integer AS minute
FROM taken
GROUP BY video_id, day
ORDER BY video_id, day
"""
# They stay until the end of the transaction; views of others went with their video.
THERE = "SELECT id FROM video WHERE id = ANY($1) ORDER BY id FOR KEY SHARE"
# All who fold take their locks in the order of videos.
ADD_TO_DAYS = """
INSERT INTO play_day AS d (video_id, day, views)
SELECT * FROM unnest($1::uuid[], $2::date[], $3::bigint[]) AS t (video_id, day, views) ORDER BY video_id, day
ON CONFLICT (video_id, day) DO UPDATE SET views = d.views + excluded.views
"""
ADD_TO_TOTALS = """
INSERT INTO play_total AS p (video_id, views)
SELECT video_id, sum(views) FROM unnest($1::uuid[], $2::bigint[]) AS t (video_id, views) GROUP BY video_id ORDER BY video_id
ON CONFLICT (video_id) DO UPDATE SET views = p.views + excluded.views
"""

FORGET_DAYS = """
DELETE FROM play_day AS d
USING (SELECT video_id, day FROM play_day WHERE day <= (now() AT TIME ZONE 'UTC')::date - $1::integer LIMIT $2) AS old
WHERE d.video_id = old.video_id AND d.day = old.day
"""
WALK = walk_along("play")
FORGET_PLAYS = """
DELETE FROM play
WHERE video_id = $1 AND account_id = ANY(ARRAY(SELECT account_id FROM play WHERE video_id = $1 LIMIT $2))
"""


OF_ACCOUNT = """
SELECT video_id, source, reports, watched_ms, completions, replays, first_seen_at, last_seen_at
FROM play
WHERE account_id = $1 AND video_id < $2
ORDER BY video_id DESC
LIMIT $3
"""
FORGET = """
DELETE FROM play
WHERE account_id = $1 AND video_id = ANY(ARRAY(SELECT video_id FROM play WHERE account_id = $1 LIMIT $2))
"""
FORGET_QUOTA = "DELETE FROM play_quota WHERE account_id = $1"


class Folded(msgspec.Struct, frozen=True):
    """Views of one video in one day that were taken and have to be added; `minute` is that of the newest, counted since 1970."""

    video_id: UUID
    day: date
    views: int
    minute: int


class Held(msgspec.Struct, frozen=True):
    """How long accounts watched a video.

    Attributes:
        slot: its part, from 1, in which they left when they did not see its end; one more: so late that it cannot be told
            from the end. None: they saw the end each time.
        viewers: accounts.
        ended: of these so many saw the end; a part of one that saw it at some times only.
        watched_ms: in all, each account's by the mean of its times.
    """

    slot: int | None
    viewers: int
    ended: float
    watched_ms: float


async def keep(
    conn: Rows, account_id: UUID, plays: Sequence[Play], watches: Sequence[Watch], again_seconds: float, shards: int
) -> None:
    """Add to what the account has watched, behind `begin`; at most one `Play` for each video.

    Args:
        conn: a transaction's.
        account_id: who watched.
        plays: what.
        watches: the same, report by report.
        again_seconds: so long after it counted as a view the same account's next one counts.
        shards: over so many the views that count are spread.
    """
    columns = [[getattr(play, name) for play in plays] for name in Play.__struct_fields__]
    logged = [[getattr(watch, name) for watch in watches] for name in Watch.__struct_fields__]
    await conn.execute(KEEP, account_id, *columns, again_seconds, shards, *logged)


async def take_quota(conn: Rows, account_id: UUID, reports: int, most: int, seconds: float) -> bool:
    """Count so many reports; False when that would be more than `most` in `seconds`. Racing requests never pass it together."""
    return await conn.fetchval(TAKE_QUOTA, account_id, reports, most, seconds) is not None


async def seconds_left(conn: Rows, account_id: UUID, seconds: float) -> int:
    """Until the account may report again."""
    return await conn.fetchval(SECONDS_LEFT, account_id, seconds) or 1


async def begin(conn: Rows, account_id: UUID, video_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What the account chose for suggestions stays until the end of the transaction, if one of the videos is there.

    Returns:
        Durations in milliseconds, of those videos that have one.
    """
    rows = await conn.fetch(BEGIN, account_id, list(video_ids))
    return {row["id"]: row["duration_ms"] for row in rows if row["duration_ms"] is not None}


async def away(conn: Rows, video_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the videos that are in the archive or about to go there, in order."""
    return [row["video_id"] for row in await conn.fetch(AWAY, list(video_ids))]


async def offered(conn: Rows, video_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the videos that play, are public and at hand, and whose author is there."""
    return {row["id"] for row in await conn.fetch(OFFERED, list(video_ids))}


async def seen(conn: Rows, video_ids: Sequence[UUID], account_id: UUID) -> set[UUID]:
    """Those of the videos that the account has reported a view of, however short, at once."""
    return {row["video_id"] for row in await conn.fetch(SEEN, list(video_ids), account_id)}


async def counts(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, int]:
    """All views of each; none where there is no entry."""
    return {row["video_id"]: row["views"] for row in await conn.fetch(TOTALS, list(video_ids))}


async def recent(conn: Rows, video_ids: Sequence[UUID], days: int) -> dict[UUID, int]:
    """Views of each today and on the days before, `days` days (UTC) in all; none where there is no entry."""
    return {row["video_id"]: row["views"] for row in await conn.fetch(RECENT, list(video_ids), days)}


async def unfolded(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Views of each that are in no count yet, of the last seconds; none where there is no entry."""
    return {row["video_id"]: row["views"] for row in await conn.fetch(UNFOLDED, list(video_ids))}


async def curve(conn: Rows, video_id: UUID, days: int) -> tuple[date, dict[date, int]]:
    """Today (UTC), and a video's views by day, of the last `days` days with today; none where there is no entry."""
    rows = await conn.fetch(CURVE, video_id, days)
    return rows[0]["today"], {row["day"]: row["views"] for row in rows if row["day"]}


async def held(conn: Rows, video_id: UUID, most: int, slots: int) -> list[Held]:
    """How long others than its author watched a video, of which there are `slots` equal parts; of `most` accounts at most."""
    return [Held(**row) for row in await conn.fetch(HELD, video_id, most, slots)]


async def rendered(conn: Rows, video_id: UUID) -> int:
    """Bytes of all renditions of a video."""
    return int(await conn.fetchval(RENDERED, video_id))


async def days(conn: Rows, after: tuple[UUID, date], first: date, limit: int) -> list[tuple[UUID, date, int]]:
    """The next videos, days and views, in this order, of days since `first`."""
    return [tuple(row) for row in await conn.fetch(DAYS, *after, first, limit)]


async def waiting(conn: Rows, shards: int) -> list[int]:
    """Shards with views that are not in the counts yet."""
    return [row["shard"] for row in await conn.fetch(WAITING, shards)]


async def take_counted(conn: Rows, shard: int, limit: int) -> list[Folded]:
    """Take at most so many views away that nobody else is taking; they have to be added in the same transaction."""
    return [Folded(**row) for row in await conn.fetch(TAKE_COUNTED, shard, limit)]


async def there(conn: Rows, video_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the videos that exist, and go on to until the end of the transaction."""
    return {row["id"] for row in await conn.fetch(THERE, list(video_ids))}


async def add(conn: Rows, folded: Sequence[Folded]) -> None:
    """Add views to the counts of videos that exist."""
    video_ids, views = [one.video_id for one in folded], [one.views for one in folded]
    await conn.execute(ADD_TO_DAYS, video_ids, [one.day for one in folded], views)
    await conn.execute(ADD_TO_TOTALS, video_ids, views)


async def forget_days(conn: Rows, kept_days: int, limit: int) -> int:
    """Delete days before the last `kept_days`; how many rows these were."""
    return _rows(await conn.execute(FORGET_DAYS, kept_days, limit))


async def walk(conn: Rows, after: UUID, limit: int) -> list[tuple[UUID, bool]]:
    """The next videos that were watched, in the order of ids, and whether each is gone."""
    return [(row["video_id"], row["gone"]) for row in await conn.fetch(WALK, after, limit)]


async def forget_plays(conn: Rows, video_id: UUID, limit: int) -> int:
    """Delete some of what was watched of a video; how many rows these were."""
    return _rows(await conn.execute(FORGET_PLAYS, video_id, limit))


async def of_account(conn: Rows, account_id: UUID, before: UUID, limit: int) -> list[Seen]:
    """A page of what an account has watched, the newest videos first."""
    return [Seen(**row) for row in await conn.fetch(OF_ACCOUNT, account_id, before, limit)]


async def forget(conn: Rows, account_id: UUID, limit: int) -> int:
    """Delete some of what an account has watched; how many rows these were.

    What counted stays in the counts, where nobody is named.
    """
    await conn.execute(FORGET_QUOTA, account_id)
    return _rows(await conn.execute(FORGET, account_id, limit))


def _rows(status: str) -> int:
    """Of a command's tag, such as `DELETE 5`."""
    return int(status.rpartition(" ")[2])
