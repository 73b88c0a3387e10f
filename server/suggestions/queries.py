"""SQL of the suggested feed: what may be given to whom, what an account did of late, what is popular, and what was given."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from server.kit.paging import After
from server.sight.queries import in_sight
from storage.postgres import Rows, allow


def _may(account: str, video: str, author: str) -> str:
    """A condition: the account (null for nobody) has not seen the video, does not refuse it, and sees its author."""
    # Scalars, so that each is one look into an index for each row, and never a join with all that an account has seen.
    return f"""{author} IS DISTINCT FROM {account}
  AND (SELECT true FROM play AS p WHERE p.account_id = {account} AND p.video_id = {video} LIMIT 1) IS NULL
  AND (SELECT true FROM not_interested AS n WHERE n.account_id = {account} AND n.video_id = {video} LIMIT 1) IS NULL
  AND (SELECT true FROM video_tier AS t WHERE t.video_id = {video} AND t.tier IN ('archived', 'restoring') LIMIT 1) IS NULL
  AND {in_sight(author, account)}"""  # noqa: S608 - names of ours


# Video by video, so that no plan reads all there are, however many are asked for.
OPEN = f"""
SELECT asked.account_id, v.video_id, v.author_id, v.published_at
FROM unnest($1::uuid[], $2::uuid[]) AS asked (account_id, video_id)
CROSS JOIN LATERAL (
    SELECT id AS video_id, author_id, published_at
    FROM video
    WHERE id = asked.video_id AND visibility = 'public' AND status IN ('playable', 'ready') AND published_at IS NOT NULL
    LIMIT 1
) AS v
WHERE {_may("asked.account_id", "v.video_id", "v.author_id")}
"""  # noqa: S608 - a condition of ours
NEWEST = f"""
WITH next AS MATERIALIZED (
    SELECT video_id, author_id, at
    FROM author_video
    WHERE plays AND visibility = 'public' AND (at, video_id) < ($2, $3)
    ORDER BY at DESC, video_id DESC
    LIMIT $4
)
SELECT video_id, author_id, at, {_may("$1", "next.video_id", "next.author_id")} AS open
FROM next
ORDER BY at DESC, video_id DESC
"""  # noqa: S608 - a condition of ours
# Ids are UUIDv7, so what is young is a range of the index.
STANDING = """
SELECT coalesce(c.learns, true) AS learns, c.since, ARRAY(
    SELECT video_id FROM play WHERE account_id = asked.account_id AND video_id >= $2
    UNION ALL
    SELECT video_id FROM not_interested WHERE account_id = asked.account_id AND video_id >= $2
    LIMIT $3
) AS seen
FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (account_id, number)
LEFT JOIN LATERAL (SELECT learns, since FROM watch_choice WHERE account_id = asked.account_id LIMIT 1) AS c ON true
ORDER BY asked.number
"""
SINCE = "SELECT since FROM watch_choice WHERE account_id = $1"
LIST_OF_MODEL = """
SELECT model_id, video_ids, whys
FROM suggestion
WHERE account_id = $1 AND substring(uuid_send(model_id) FROM $2::integer) = $3
LIMIT 1
"""

LIKED = """
SELECT l.video_id, v.author_id, l.created_at AS at
FROM video_like AS l
JOIN video AS v ON v.id = l.video_id AND v.author_id <> $1
WHERE l.account_id = $1 AND l.created_at > $2
ORDER BY l.created_at DESC
LIMIT $3
"""
# By days, so that only the newest partitions are looked into.
WATCHED = """
SELECT video_id, max(at) AS at
FROM watch_log
WHERE account_id = $1 AND day >= ($2::timestamptz AT TIME ZONE 'UTC')::date AND at > $2
  AND (completed OR watched_ms >= $3 OR 2 * watched_ms >= duration_ms)
GROUP BY video_id
ORDER BY max(at) DESC
LIMIT $4
"""
FRESH = """
SELECT p.video_id
FROM unnest($1::uuid[]) AS liked (author_id)
CROSS JOIN LATERAL (
    SELECT video_id, at
    FROM author_video
    WHERE author_id = liked.author_id AND plays AND visibility = 'public' AND at > $2
    ORDER BY at DESC, video_id DESC
    LIMIT $3
) AS p
ORDER BY p.at DESC, p.video_id DESC
LIMIT $4
"""
ALIKE = """
SELECT s.id AS seed, t.tag, h.video_id
FROM video AS s
CROSS JOIN LATERAL unnest(s.hashtags[1:$3]) AS t (tag)
CROSS JOIN LATERAL (
    SELECT video_id FROM hashtag_video WHERE tag = t.tag AND video_id <> s.id ORDER BY at DESC, video_id DESC LIMIT $2
) AS h
WHERE s.id = ANY($1)
UNION ALL
SELECT s.id, '', p.video_id
FROM video AS s
CROSS JOIN LATERAL (
    SELECT video_id
    FROM author_video
    WHERE author_id = s.author_id AND plays AND visibility = 'public' AND video_id <> s.id
    ORDER BY at DESC, video_id DESC
    LIMIT $2
) AS p
WHERE s.id = ANY($1)
"""

# Whose impressions are counted no further than is asked for. What accounts report of their own videos is none.
# Behind the videos that are `next`.
_HOW_YOUNG = """)
SELECT video_id, author_id, at,
       (SELECT count(*) FROM (
           SELECT FROM play AS p WHERE p.video_id = next.video_id AND p.account_id <> next.author_id LIMIT $1
       ) AS reported)::integer AS impressions,
       (SELECT true FROM video_tier AS t WHERE t.video_id = next.video_id AND t.tier IN ('archived', 'restoring') LIMIT 1)
           IS NULL AS warm
FROM next
ORDER BY at, video_id
"""
YOUNG = f"""
WITH next AS MATERIALIZED (
    SELECT video_id, author_id, at
    FROM author_video
    WHERE plays AND visibility = 'public' AND (at, video_id) > ($2, $3)
    ORDER BY at, video_id
    LIMIT $4
{_HOW_YOUNG}
"""  # noqa: S608 - a statement of ours
STILL_YOUNG = f"""
WITH next AS MATERIALIZED (
    SELECT v.video_id, v.author_id, v.at
    FROM unnest($2::uuid[], $3::uuid[]) AS known (author_id, video_id)
    JOIN author_video AS v USING (author_id, video_id)
    WHERE v.plays AND v.visibility = 'public' AND v.at > $4
{_HOW_YOUNG}
"""  # noqa: S608

# What was watched a day before weighs less by 1/τ. Of those that may be shown to everybody.
POPULAR = """
WITH most AS MATERIALIZED (
    SELECT video_id, sum(views * exp(((now() AT TIME ZONE 'UTC')::date - day) / -$1::double precision)) AS weight
    FROM play_day
    WHERE day > (now() AT TIME ZONE 'UTC')::date - $2::integer
    GROUP BY video_id
    ORDER BY 2 DESC, video_id
    LIMIT $3
)
SELECT v.id AS video_id, v.author_id, v.published_at
FROM most
JOIN video AS v ON v.id = most.video_id
WHERE v.visibility = 'public' AND v.status IN ('playable', 'ready') AND v.published_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM video_tier AS t WHERE t.video_id = v.id AND t.tier IN ('archived', 'restoring'))
ORDER BY most.weight DESC, v.id
"""
PATIENCE_SECONDS = 120.0
"""Of that one: three million rows, each of another video, took ten seconds."""
KEEP_POPULAR = "INSERT INTO suggestion_popular (video_ids, whys) VALUES ($1, $2)"
FORGET_POPULAR = """
DELETE FROM suggestion_popular
WHERE at < now() - make_interval(secs => $1) AND version < (SELECT max(version) FROM suggestion_popular)
"""
LAST_VERSION = "SELECT max(version) FROM suggestion_popular"
POPULAR_OF = "SELECT version, video_ids, whys FROM suggestion_popular WHERE version = ANY($1)"

# From the accounts' rows, which stay until the end of the transaction: one of them may be deleted at this moment. Whoever has
# chosen since the page was given (`watches.share`) is not logged.
SERVED = """
WITH page AS (
    SELECT number, account_id, at, model_id
    FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) WITH ORDINALITY AS p (account_id, at, model_id, number)
), there AS MATERIALIZED (
    SELECT id FROM account WHERE id = ANY($1) ORDER BY id FOR KEY SHARE
), item AS (
    SELECT number, array_agg(video_id ORDER BY place) AS video_ids, array_agg(slot ORDER BY place) AS slots,
           array_agg(propensity ORDER BY place) AS propensities
    FROM unnest($4::bigint[], $5::uuid[], $6::text[], $7::real[]) WITH ORDINALITY
        AS i (number, video_id, slot, propensity, place)
    GROUP BY number
)
INSERT INTO suggestion_served (day, account_id, at, model_id, video_ids, slots, propensities)
SELECT (p.at AT TIME ZONE 'UTC')::date, p.account_id, p.at, p.model_id, i.video_ids, i.slots, i.propensities
FROM page AS p
JOIN there ON there.id = p.account_id
JOIN item AS i ON i.number = p.number
WHERE NOT EXISTS (SELECT FROM watch_choice AS c WHERE c.account_id = p.account_id AND (NOT c.learns OR c.since >= p.at))
"""
OF_ACCOUNT = """
SELECT account_id, at, model_id, video_ids, slots, propensities
FROM suggestion_served
WHERE account_id = $1 AND at < $2
ORDER BY at DESC
LIMIT $3
"""
FORGET = """
DELETE FROM suggestion_served
WHERE account_id = $1 AND at <= coalesce(
    (SELECT at FROM suggestion_served WHERE account_id = $1 ORDER BY at OFFSET $2::integer - 1 LIMIT 1), 'infinity'
)
"""


class Open(msgspec.Struct, frozen=True, gc=False):
    """A video that may be given."""

    video_id: UUID
    author_id: UUID
    published_at: datetime


class Newest(msgspec.Struct, frozen=True, gc=False):
    """One of the newest; `open` where it may be given."""

    video_id: UUID
    author_id: UUID
    at: datetime
    open: bool


class Standing(msgspec.Struct, frozen=True):
    """What an account wants suggestions to learn, since when, and what it has seen or refused of what is young."""

    learns: bool
    since: datetime | None
    seen: list[UUID]


class Young(msgspec.Struct, frozen=True, gc=False):
    """A young video; how many accounts have reported it, as far as that was counted; `warm` where it is not archived."""

    video_id: UUID
    author_id: UUID
    at: datetime
    impressions: int
    warm: bool


class Liked(msgspec.Struct, frozen=True):
    """A video that an account liked, and whose it is."""

    video_id: UUID
    author_id: UUID
    at: datetime


class Alike(msgspec.Struct, frozen=True):
    """A video by the author of another one (`seed`), or with its hashtag."""

    seed: UUID
    tag: str
    video_id: UUID


class Served(NamedTuple):
    """A page that was given."""

    account_id: UUID
    at: datetime
    model_id: UUID | None
    video_ids: Sequence[UUID]
    slots: Sequence[str]
    propensities: Sequence[float]


async def open_for(conn: Rows, account_id: UUID | None, video_ids: Collection[UUID]) -> dict[UUID, Open]:
    """Those of the videos that may be given to the account, or to nobody, at this moment."""
    return (await open_for_each(conn, [(account_id, video_ids)]))[0]


async def open_for_each(conn: Rows, asked: Sequence[tuple[UUID | None, Collection[UUID]]]) -> list[dict[UUID, Open]]:
    """The same for each of these accounts, in this order."""
    pairs = {(account_id, video_id): None for account_id, video_ids in asked for video_id in video_ids}
    rows = await conn.fetch(OPEN, [one for one, _ in pairs], [one for _, one in pairs])
    found = {(row[0], row[1]): Open(row[1], row[2], row[3]) for row in rows}
    return [{i: one for i in video_ids if (one := found.get((account_id, i)))} for account_id, video_ids in asked]


async def newest(conn: Rows, account_id: UUID | None, after: After, limit: int) -> list[Newest]:
    """The next of all that is public, the newest first."""
    return [Newest(*row) for row in await conn.fetch(NEWEST, account_id, after.at, after.id, limit)]


async def standing_of_each(conn: Rows, account_ids: Sequence[UUID], youngest_from: UUID, most: int) -> list[Standing]:
    """Of accounts, in this order; `seen` has ids from this one on."""
    return [Standing(*row) for row in await conn.fetch(STANDING, list(account_ids), youngest_from, most)]


async def since(conn: Rows, account_id: UUID) -> datetime | None:
    """From when on what the account does counts; None for always."""
    found: datetime | None = await conn.fetchval(SINCE, account_id)
    return found


async def list_of_model(conn: Rows, account_id: UUID, hash_: bytes) -> tuple[UUID, list[UUID], list[str]] | None:
    """A list that another model made for the account, by the last bytes of the model's id, if it is still there."""
    row = await conn.fetchrow(LIST_OF_MODEL, account_id, 17 - len(hash_), hash_)
    return (row["model_id"], row["video_ids"], row["whys"]) if row else None


async def liked(conn: Rows, account_id: UUID, since: datetime, limit: int) -> list[Liked]:
    """What it liked of others, the last first."""
    return [Liked(*row) for row in await conn.fetch(LIKED, account_id, since, limit)]


async def watched(conn: Rows, account_id: UUID, since: datetime, counts_from_ms: int, limit: int) -> dict[UUID, datetime]:
    """What it watched, and did not skip, and when it last did."""
    return {row["video_id"]: row["at"] for row in await conn.fetch(WATCHED, account_id, since, counts_from_ms, limit)}


async def fresh(conn: Rows, author_ids: Sequence[UUID], since: datetime, of_each: int, limit: int) -> list[UUID]:
    """What these authors have published since, the newest first."""
    return [row["video_id"] for row in await conn.fetch(FRESH, list(author_ids), since, of_each, limit)]


async def alike(conn: Rows, seeds: Collection[UUID], of_each: int, tags: int) -> list[Alike]:
    """The newest with each of the first hashtags of these videos, and by the authors of each."""
    return [Alike(*row) for row in await conn.fetch(ALIKE, list(seeds), of_each, tags)]


async def young(conn: Rows, after: After, limit: int, most_impressions: int) -> list[Young]:
    """The next public videos, the oldest first."""
    return [Young(*row) for row in await conn.fetch(YOUNG, most_impressions, after.at, after.id, limit)]


async def still_young(conn: Rows, known: Sequence[Open], since: datetime, most_impressions: int) -> list[Young]:
    """Those of these that are public and were published after this moment, the oldest first."""
    authors, video_ids = [one.author_id for one in known], [one.video_id for one in known]
    return [Young(*row) for row in await conn.fetch(STILL_YOUNG, most_impressions, authors, video_ids, since)]


async def most_watched(conn: Rows, memory_days: float, days: int, limit: int) -> list[Open]:
    """What is watched most, with this memory. It reads all views by day, in a transaction of its own."""
    await allow(conn, PATIENCE_SECONDS)
    return [Open(*row) for row in await conn.fetch(POPULAR, memory_days, days, limit, timeout=PATIENCE_SECONDS)]


async def keep_popular(conn: Rows, video_ids: Sequence[UUID], whys: Sequence[str], kept_seconds: float) -> None:
    """Another version; those that are older than that go."""
    await conn.execute(KEEP_POPULAR, list(video_ids), list(whys))
    await conn.execute(FORGET_POPULAR, kept_seconds)


async def last_version(conn: Rows) -> int | None:
    """Of the popular ones."""
    version: int | None = await conn.fetchval(LAST_VERSION)
    return version


async def popular(conn: Rows, versions: Collection[int]) -> dict[int, tuple[list[UUID], list[str]]]:
    """Those versions that are still there."""
    return {row["version"]: (row["video_ids"], row["whys"]) for row in await conn.fetch(POPULAR_OF, list(versions))}


async def keep_served(conn: Rows, pages: Sequence[Served]) -> None:
    """Log pages, those of accounts that exist and want it; behind `watches.share`."""
    items: Iterable[tuple[int, UUID, str, float]] = (
        (number, *item)
        for number, page in enumerate(pages, 1)
        for item in zip(page.video_ids, page.slots, page.propensities, strict=True)
    )
    heads = [[page[at] for page in pages] for at in range(3)]
    await conn.execute(SERVED, *heads, *map(list, zip(*items, strict=True)))


async def of_account(conn: Rows, account_id: UUID, before: datetime, limit: int) -> list[Served]:
    """What was given to an account, the last first."""
    return [Served(*row) for row in await conn.fetch(OF_ACCOUNT, account_id, before, limit)]


async def forget(conn: Rows, account_id: UUID, limit: int) -> int:
    """Delete some of what was suggested to an account; how many rows these were."""
    status = await conn.execute(FORGET, account_id, limit)
    return int(status.rpartition(" ")[2])
