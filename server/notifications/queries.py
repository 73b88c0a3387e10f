"""SQL of notifications, by the account that is told. Each is a time; what happened in it is read where it is kept."""

from collections.abc import Sequence
from uuid import UUID

from server.deeds.wire import Taken
from server.kit.mentions import mentions_in_sql
from server.notifications.wire import Box, NotificationRow
from server.sight.queries import in_sight
from storage.postgres import Rows

MOST_ACTORS = 1000
"""So many deeds are looked at for one notification, the newest ones."""
SHOWN_ACTORS = 3
LATE_SECONDS = 60.0
"""A deed is taken so much later than one that was done after it, at the most: no transaction lasts longer."""

# Ids of comments are in their own order (UUIDv7): the first and the last one that could be made in a time.
_FIRST_ID = "(lpad(to_hex(ceil(extract(epoch FROM n.since) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid"
_LAST_ID = "(lpad(to_hex(floor(extract(epoch FROM n.until) * 1000)::bigint), 12, '0') || repeat('f', 20))::uuid"
_SAYS_SO = mentions_in_sql(
    "concat_ws(chr(10), v.title, v.description)", "(SELECT username FROM account WHERE account.id = n.account_id)"
)
# What a notification `n` tells of, by whom and when. Only the part of its kind is read, from its newest end.
_DEEDS = f"""
    (SELECT l.account_id AS actor_id, l.created_at AS at, NULL::uuid AS comment_id
     FROM video_like AS l
     WHERE n.kind = 'like' AND l.video_id = n.subject_id AND l.created_at BETWEEN n.since AND n.until
       AND l.account_id <> n.account_id AND {in_sight("l.account_id", "n.account_id")}
     ORDER BY l.created_at DESC, l.account_id DESC
     LIMIT {MOST_ACTORS})
    UNION ALL
    (SELECT f.account_id, f.created_at, NULL
     FROM follower AS f
     WHERE n.kind = 'follower' AND f.author_id = n.account_id AND f.created_at BETWEEN n.since AND n.until
       AND {in_sight("f.account_id", "n.account_id")}
     ORDER BY f.created_at DESC, f.account_id DESC
     LIMIT {MOST_ACTORS})
    UNION ALL
    (SELECT c.author_id, c.created_at, c.id
     FROM comment AS c
     WHERE n.kind = 'comment' AND c.video_id = n.subject_id AND c.id BETWEEN {_FIRST_ID} AND {_LAST_ID}
       AND EXISTS (SELECT FROM video WHERE video.id = n.subject_id)
       AND c.author_id <> n.account_id AND {in_sight("c.author_id", "n.account_id")}
     ORDER BY c.id DESC
     LIMIT {MOST_ACTORS})
    UNION ALL
    (SELECT m.by_id, m.at, m.comment_id
     FROM notification_mention AS m
     JOIN video AS v ON v.id = m.video_id
     WHERE n.kind = 'mention' AND m.account_id = n.account_id AND m.video_id = n.subject_id
       AND m.at BETWEEN n.since AND n.until
       AND (EXISTS (SELECT FROM comment WHERE comment.video_id = v.id AND comment.id = m.comment_id)
            OR (m.comment_id IS NULL AND {_SAYS_SO}))
       AND {in_sight("m.by_id", "n.account_id")}
       AND (v.author_id = n.account_id OR (
           v.status IN ('playable', 'ready') AND {in_sight("v.author_id", "n.account_id")}
           AND (v.visibility = 'public' OR (v.visibility = 'followers' AND EXISTS (
               SELECT FROM following WHERE following.account_id = n.account_id AND following.author_id = v.author_id)))))
     ORDER BY m.at DESC
     LIMIT {MOST_ACTORS})
    UNION ALL
    (SELECT v.author_id, n.until, NULL
     FROM video AS v
     WHERE n.kind IN ('video_ready', 'video_failed') AND v.id = n.subject_id AND n.kind = 'video_' || v.status)
"""  # noqa: S608 - constants of ours

BOX = "SELECT last_change, read_change FROM notification_box WHERE account_id = $1"
# Row by row in this order, until the page is full.
LISTED = f"""
SELECT n.id, n.kind, n.subject_id, n.created_at, n.until, n.change, told.actors, told.newest, told.comment_id
FROM notification AS n
CROSS JOIN LATERAL (
    SELECT count(*) AS actors, (array_agg(actor_id ORDER BY at DESC, actor_id DESC))[1:{SHOWN_ACTORS}] AS newest,
           (array_agg(comment_id ORDER BY at DESC, actor_id DESC))[1] AS comment_id
    FROM (
        SELECT actor_id, max(at) AS at, (array_agg(comment_id ORDER BY at DESC, comment_id DESC))[1] AS comment_id
        FROM ({_DEEDS}) AS deeds
        GROUP BY actor_id
    ) AS by_actor
) AS told
WHERE n.account_id = $1 AND n.id < $2 AND told.actors > 0
ORDER BY n.id DESC
LIMIT $3
"""  # noqa: S608 - constants of ours
UNREAD = f"""
SELECT count(*)
FROM (
    SELECT
    FROM notification AS n
    WHERE n.account_id = $1 AND n.change > (SELECT read_change FROM notification_box WHERE account_id = $1)
      AND EXISTS ({_DEEDS})
    ORDER BY n.change DESC
    LIMIT $2
) AS unread
"""  # noqa: S608 - constants of ours
READ = """
UPDATE notification_box
SET read_change = greatest(read_change, least(last_change, coalesce($2, last_change)))
WHERE account_id = $1
"""

THERE = "SELECT id FROM account WHERE id = ANY($1)"
# Whoever tells takes these rows in the order of accounts, and keeps them until the end of the transaction.
CHANGE = """
INSERT INTO notification_box AS b (account_id, last_change)
SELECT account_id, 1 FROM unnest($1::uuid[]) AS t (account_id) ORDER BY account_id
ON CONFLICT (account_id) DO UPDATE SET last_change = b.last_change + 1
RETURNING account_id, last_change, read_change
"""
# The newest notification of a kind and subject grows while it is unread and not too old. It also does when what came late belongs
# to its time: then it is unread again. Else another one begins where it ends.
# That a video is ready is told once, however often it is made anew.
TELL = """
WITH placed AS (
    SELECT t.*, newest.id AS newest_id, newest.until AS newest_until,
           coalesce(t.last_at <= newest.until OR (
               newest.change > t.read_change AND newest.created_at > now() - make_interval(secs => $9)
           ), false) AS grows
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::bigint[])
        AS t (account_id, id, kind, subject_id, first_at, last_at, change, read_change)
    LEFT JOIN LATERAL (
        SELECT id, until, change, created_at
        FROM notification AS n
        WHERE n.account_id = t.account_id AND n.kind = t.kind AND n.subject_id = t.subject_id
        ORDER BY id DESC
        LIMIT 1
    ) AS newest ON true
    WHERE newest.id IS NULL OR t.kind <> 'video_ready'
), grown AS (
    UPDATE notification AS n
    SET until = greatest(n.until, placed.last_at), change = placed.change
    FROM placed
    WHERE placed.grows AND n.account_id = placed.account_id AND n.id = placed.newest_id
)
INSERT INTO notification (account_id, id, kind, subject_id, created_at, since, until, change)
SELECT account_id, id, kind, subject_id, first_at,
       greatest(newest_until + interval '1 microsecond', first_at - make_interval(secs => $10)), last_at, change
FROM placed
WHERE NOT grows
"""
# What a video says of an account is told once, however often its author takes it away and says it again.
KEEP_MENTIONS = """
INSERT INTO notification_mention (account_id, video_id, at, by_id, comment_id)
SELECT *
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::uuid[]) AS t (account_id, video_id, at, by_id, comment_id)
WHERE comment_id IS NOT NULL OR NOT EXISTS (
    SELECT FROM notification_mention AS m
    WHERE m.account_id = t.account_id AND m.video_id = t.video_id AND m.by_id = t.by_id AND m.comment_id IS NULL
)
ON CONFLICT (account_id, video_id, at, by_id) DO NOTHING
RETURNING account_id, video_id
"""

WALK = """
SELECT account_id, NOT EXISTS (SELECT FROM account WHERE id = b.account_id) AS gone
FROM notification_box AS b
WHERE account_id > $1
ORDER BY account_id
LIMIT $2
"""
TRIM = """
DELETE FROM notification AS n
USING (
    SELECT b.account_id, (
        SELECT o.id FROM notification AS o WHERE o.account_id = b.account_id ORDER BY o.id DESC OFFSET $2 LIMIT 1
    ) AS last_id
    FROM unnest($1::uuid[]) AS b (account_id)
) AS most
WHERE n.account_id = most.account_id AND n.id <= most.last_id
"""
FORGET_OLD = "DELETE FROM notification WHERE account_id = ANY($1) AND until < now() - make_interval(days => $2)"
# Some at a time: how many somebody is mentioned has no limit.
FORGET_OLD_MENTIONS = """
DELETE FROM notification_mention
WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM notification_mention WHERE account_id = ANY($1) AND at < now() - make_interval(days => $2) LIMIT $3
))
"""
MENTIONS_AT_ONCE = 5_000
FORGET = "DELETE FROM notification_box WHERE account_id = ANY($1)"
# By their moments, of which each has few.
FORGET_MENTIONS_OF = """
DELETE FROM notification_mention
WHERE account_id = $1 AND at = ANY(ARRAY(SELECT at FROM notification_mention WHERE account_id = $1 LIMIT $2))
RETURNING true
"""
FORGET_MENTIONS_BY = """
DELETE FROM notification_mention
WHERE by_id = $1 AND at = ANY(ARRAY(SELECT at FROM notification_mention WHERE by_id = $1 LIMIT $2))
RETURNING true
"""


async def box(conn: Rows, account_id: UUID) -> Box:
    row = await conn.fetchrow(BOX, account_id)
    return Box(**row) if row else Box()


async def listed(conn: Rows, account_id: UUID, before: UUID, limit: int) -> list[NotificationRow]:
    """Those of which something is left that the account may see, newest first."""
    return [NotificationRow(**row) for row in await conn.fetch(LISTED, account_id, before, limit)]


async def unread(conn: Rows, account_id: UUID, most: int) -> int:
    """How many of these are unread, `most` at the most."""
    found: int = await conn.fetchval(UNREAD, account_id, most)
    return found


async def read(conn: Rows, account_id: UUID, up_to: int | None) -> None:
    """All changes up to this one are read, or all there are."""
    await conn.execute(READ, account_id, up_to)


async def there(conn: Rows, account_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the accounts that exist."""
    return {row["id"] for row in await conn.fetch(THERE, list(account_ids))}


async def change(conn: Rows, account_ids: Sequence[UUID]) -> dict[UUID, Box]:
    """Number another change of each account. Nobody else changes them until the transaction ends."""
    rows = await conn.fetch(CHANGE, list(account_ids))
    return {row["account_id"]: Box(row["last_change"], row["read_change"]) for row in rows}


async def tell(conn: Rows, rows: Sequence[tuple[UUID, Taken, Box]], grows_seconds: float) -> None:
    """Let notifications grow by these, or begin with these ids; at most one of each account, kind and subject."""
    columns = zip(
        *(
            (taken.account_id, id_, taken.kind, taken.subject_id, taken.first_at, taken.last_at, box.last_change, box.read_change)
            for id_, taken, box in rows
        ),
        strict=True,
    )
    await conn.execute(TELL, *map(list, columns), grows_seconds, LATE_SECONDS)


async def keep_mentions(conn: Rows, mentions: Sequence[Taken]) -> set[tuple[UUID, UUID]]:
    """Keep those that are new; returns the accounts and videos of these. Nobody else changes the accounts' boxes meanwhile."""
    columns = zip(*((m.account_id, m.subject_id, m.last_at, m.by_id, m.comment_id) for m in mentions), strict=True)
    return {(row["account_id"], row["video_id"]) for row in await conn.fetch(KEEP_MENTIONS, *map(list, columns))}


async def walk(conn: Rows, after: UUID, limit: int) -> list[tuple[UUID, bool]]:
    """The next accounts that were told anything, in order, and whether they are gone."""
    return [(row["account_id"], row["gone"]) for row in await conn.fetch(WALK, after, limit)]


async def trim(conn: Rows, account_ids: Sequence[UUID], most: int) -> None:
    """Keep the newest so many of each account."""
    await conn.execute(TRIM, list(account_ids), most)


async def forget_old(conn: Rows, account_ids: Sequence[UUID], days: int) -> None:
    """Forget what is older, of these accounts."""
    await conn.execute(FORGET_OLD, list(account_ids), days)
    await conn.execute(FORGET_OLD_MENTIONS, list(account_ids), days, MENTIONS_AT_ONCE)


async def forget(conn: Rows, account_ids: Sequence[UUID]) -> None:
    """Forget all that these accounts were told."""
    await conn.execute(FORGET, list(account_ids))


async def forget_mentions(conn: Rows, account_id: UUID, limit: int) -> int:
    """Forget some mentions of the account, and some of others by it; how many these were."""
    statements = (FORGET_MENTIONS_OF, FORGET_MENTIONS_BY)
    return sum([len(await conn.fetch(statement, account_id, limit)) for statement in statements])
