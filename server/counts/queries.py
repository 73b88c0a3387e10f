"""SQL of counts: what changes them is appended in the transaction that does it, and folded into one row for each subject.

A count is the folded row and what waits for it, read in one statement: so it is exact at once, and no row is a queue.
"""

from collections.abc import Sequence
from uuid import UUID

from server.counts.wire import AccountTotals, Change, VideoTotals
from server.kit.ids import new_id
from storage.postgres import Rows

SHARDS = 4
"""So many queues for videos, and behind them as many for accounts."""
_OF_VIDEOS = ("like", "comment")


def shard(subject: str, first: int) -> str:
    """Where changes of a subject wait: its random last byte says so."""
    return f"get_byte(uuid_send({subject}), 15) % {SHARDS} + {first}"


def _folded_and_waiting(
    subject: str, first: int, table: str, key: str, kinds: Sequence[tuple[str, str]], *, exact: bool = False
) -> str:
    waiting = ", ".join(f"CASE kind WHEN '{kind}' THEN change ELSE 0 END AS {column}" for column, kind in kinds)
    columns = ", ".join(column for column, _ in kinds)
    least = "NULL" if exact else "0"  # greatest() passes over NULL
    sums = ", ".join(f"greatest(coalesce(sum({column}), 0), {least})::bigint AS {column}" for column, _ in kinds)
    return f"""(
    SELECT {sums}
    FROM (
        SELECT {columns} FROM {table} WHERE {key} = {subject}
        UNION ALL
        SELECT {waiting} FROM count_change WHERE shard = {shard(subject, first)} AND subject_id = {subject}
    ) AS counted
)"""  # noqa: S608 - names of ours


def of_video(video: str, *, exact: bool = False) -> str:
    """For `CROSS JOIN LATERAL` in statements of other rooms: a row with `likes` and `comments`.

    Args:
        video: the column that names the video, with its table.
        exact: also where a count has drifted below nothing, which nobody is shown.
    """
    kinds = (("likes", "like"), ("comments", "comment"))
    return _folded_and_waiting(video, 0, "video_count", "video_id", kinds, exact=exact)


def of_account(account: str, *, exact: bool = False) -> str:
    """The same with `followers`, `following` and `videos`."""
    kinds = (("followers", "follower"), ("following", "following"), ("videos", "video"))
    return _folded_and_waiting(account, SHARDS, "account_count", "account_id", kinds, exact=exact)


VIDEOS = f"""
SELECT asked.id, n.likes, n.comments
FROM unnest($1::uuid[]) AS asked (id)
CROSS JOIN LATERAL {of_video("asked.id")} AS n
"""  # noqa: S608 - names of ours
ACCOUNTS = f"""
SELECT asked.id, n.followers, n.following, n.videos
FROM unnest($1::uuid[]) AS asked (id)
CROSS JOIN LATERAL {of_account("asked.id")} AS n
"""  # noqa: S608 - names of ours

APPEND = f"""
INSERT INTO count_change (shard, subject_id, id, kind, change)
SELECT CASE WHEN kind = ANY($5) THEN {shard("subject_id", 0)} ELSE {shard("subject_id", SHARDS)} END,
       subject_id, id, kind, change
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS t (subject_id, id, kind, change)
"""  # noqa: S608 - names of ours

WAITING = """
SELECT shard
FROM generate_series(0, $1::integer - 1) AS s (shard)
CROSS JOIN LATERAL (
    SELECT FROM count_change WHERE count_change.shard = s.shard ORDER BY count_change.shard, subject_id, id LIMIT 1
) AS c
"""
# One statement takes rows away and adds them: each counts once, whoever dies at whatever step. Rows that another process takes
# are skipped, and the rows of counts are locked in the order of their keys, whoever folds. Materialized: rows are locked once,
# however the rest is planned; by their place, for a join would read the whole table.
_TAKEN = """
    due AS MATERIALIZED (
        SELECT ctid FROM count_change WHERE shard = $1 ORDER BY shard, subject_id, id LIMIT $2 FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM count_change WHERE ctid = ANY(ARRAY(SELECT ctid FROM due)) RETURNING subject_id, kind, change
    )"""
FOLD_VIDEOS = f"""
WITH {_TAKEN}, added AS (
    INSERT INTO video_count AS c (video_id, likes, comments)
    SELECT subject_id, coalesce(sum(change) FILTER (WHERE kind = 'like'), 0),
           coalesce(sum(change) FILTER (WHERE kind = 'comment'), 0)
    FROM taken
    WHERE EXISTS (SELECT FROM video WHERE id = subject_id)
    GROUP BY subject_id
    ORDER BY subject_id
    ON CONFLICT (video_id) DO UPDATE SET likes = c.likes + excluded.likes, comments = c.comments + excluded.comments
)
SELECT count(*) FROM taken
"""  # noqa: S608 - constants of ours
FOLD_ACCOUNTS = f"""
WITH {_TAKEN}, added AS (
    INSERT INTO account_count AS c (account_id, followers, following, videos)
    SELECT subject_id, coalesce(sum(change) FILTER (WHERE kind = 'follower'), 0),
           coalesce(sum(change) FILTER (WHERE kind = 'following'), 0), coalesce(sum(change) FILTER (WHERE kind = 'video'), 0)
    FROM taken
    WHERE EXISTS (SELECT FROM account WHERE id = subject_id)
    GROUP BY subject_id
    ORDER BY subject_id
    ON CONFLICT (account_id) DO UPDATE
    SET followers = c.followers + excluded.followers, following = c.following + excluded.following,
        videos = c.videos + excluded.videos
)
SELECT count(*) FROM taken
"""  # noqa: S608 - constants of ours

FORGET_VIDEO = "DELETE FROM video_count WHERE video_id = $1"
FORGET_ACCOUNT = "DELETE FROM account_count WHERE account_id = $1"
FORGET_CHANGES = f"DELETE FROM count_change WHERE shard = {shard('$1::uuid', SHARDS)} AND subject_id = $1"  # noqa: S608 - ours


async def videos(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, VideoTotals]:
    """Likes and comments of each."""
    return {r["id"]: VideoTotals(r["likes"], r["comments"]) for r in await conn.fetch(VIDEOS, list(video_ids))}


async def accounts(conn: Rows, account_ids: Sequence[UUID]) -> dict[UUID, AccountTotals]:
    """Followers, follows and public videos of each."""
    rows = await conn.fetch(ACCOUNTS, list(account_ids))
    return {r["id"]: AccountTotals(r["followers"], r["following"], r["videos"]) for r in rows}


async def append(conn: Rows, changes: Sequence[Change]) -> None:
    """To be called in the transaction that changes what is counted."""
    if changes:
        columns = (
            [one.subject_id for one in changes],
            [new_id() for _ in changes],
            [one.kind for one in changes],
            [one.change for one in changes],
        )
        await conn.execute(APPEND, *columns, _OF_VIDEOS)


async def waiting(conn: Rows) -> list[int]:
    """Shards in which something waits to be folded."""
    return [row["shard"] for row in await conn.fetch(WAITING, 2 * SHARDS)]


async def fold(conn: Rows, shard: int, limit: int) -> int:
    """Fold at most so many changes that nobody else is folding; how many these were."""
    found: int = await conn.fetchval(FOLD_VIDEOS if shard < SHARDS else FOLD_ACCOUNTS, shard, limit)
    return found


async def forget_video(conn: Rows, video_id: UUID) -> None:
    """The video goes in this transaction; what waits is dropped when it is folded."""
    await conn.execute(FORGET_VIDEO, video_id)


async def forget_account(conn: Rows, account_id: UUID) -> None:
    """The account is gone: so are its counts, and what waits for them."""
    await conn.execute(FORGET_CHANGES, account_id)
    await conn.execute(FORGET_ACCOUNT, account_id)
