"""SQL of the log of watches and of what accounts chose about it. Both are by account; the log is kept by day (UTC) as well."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from server.kit.paging import After
from server.plays.wire import Choice, LoggedWatch
from storage.postgres import Rows


def lock_of(account: str) -> str:
    """The number (SQL) of an account's lock: whoever keeps what it did shares it, whoever chooses has it alone."""
    return f"hashtextextended(concat_ws(' ', 'watches', {account}), 0)"


# Whoever reports shares it (BEGIN in queries.py). It is known to one node only: where the tables are distributed the periodic
# job `signals` finds what slipped through.
HOLD = f"SELECT pg_advisory_xact_lock({lock_of('$1::uuid')})"
SHARE = f"SELECT pg_advisory_xact_lock_shared({lock_of('account_id')}) FROM unnest($1::uuid[]) AS a (account_id)"  # noqa: S608 - a function of ours
CHOICE = "SELECT learns, since FROM watch_choice WHERE account_id = $1"
# The clock's time: what began before and waits for us has an earlier one.
CHOOSE = """
INSERT INTO watch_choice (account_id, learns, since)
VALUES ($1, $2, clock_timestamp())
ON CONFLICT (account_id) DO UPDATE SET learns = excluded.learns, since = excluded.since
RETURNING learns, since
"""
FORGET_CHOICE = "DELETE FROM watch_choice WHERE account_id = $1"
# Whole days of some videos, so that it reads what it deletes, and little else.
FORGET = """
WITH picked AS MATERIALIZED (
    SELECT day, video_id FROM watch_log WHERE account_id = $1 AND at < coalesce($3::timestamptz, 'infinity') LIMIT $2
)
DELETE FROM watch_log
WHERE account_id = $1 AND at < coalesce($3::timestamptz, 'infinity')
    AND day = ANY(ARRAY(SELECT day FROM picked)) AND video_id = ANY(ARRAY(SELECT video_id FROM picked))
"""
# Whole days of videos: those of one cannot be told apart by anything that pages could begin behind.
OF_ACCOUNT = """
SELECT video_id, watched_ms, duration_ms, completed, replays, source, at, day
FROM watch_log
WHERE account_id = $1 AND (video_id, day) < ($2, $3)
ORDER BY video_id DESC, day DESC
FETCH FIRST $4 ROWS WITH TIES
"""
# Those who chose longer ago were looked at often enough. They are walked over, so that no statement has to find a few among many.
LEFT_OVER = """
WITH next AS MATERIALIZED (
    SELECT account_id, learns, since FROM watch_choice WHERE account_id > $1 ORDER BY account_id LIMIT $3
)
SELECT account_id, learns, since,
    since > now() - make_interval(days => $2)
        AND EXISTS (SELECT FROM watch_log AS l WHERE l.account_id = next.account_id AND (NOT next.learns OR l.at < next.since))
        AS has_rows
FROM next
ORDER BY account_id
"""


async def hold(conn: Rows, account_id: UUID) -> None:
    """Until the end of the transaction no report of the account is being kept."""
    await conn.execute(HOLD, account_id)


async def share(conn: Rows, account_ids: Collection[UUID]) -> None:
    """What these accounts have chosen stays until the end of the transaction; what it was the next statement sees."""
    # In one order: else two who share could each stand behind somebody who chooses, and waits for the other one.
    await conn.execute(SHARE, sorted(set(account_ids)))


async def choice(conn: Rows, account_id: UUID) -> Choice:
    """What the account has chosen, or what holds for all who have not."""
    row = await conn.fetchrow(CHOICE, account_id)
    return Choice(**row) if row else Choice(True, None)


async def choose(conn: Rows, account_id: UUID, learns: bool) -> Choice:
    """Nothing from before counts, either way; behind `hold`."""
    row = await conn.fetchrow(CHOOSE, account_id, learns)
    assert row is not None
    return Choice(**row)


async def forget(conn: Rows, account_id: UUID, limit: int, before: datetime | None = None) -> int:
    """Delete some of the account's log, from before a moment or all; how many rows, fewer than `limit` when none are left.

    Few more than `limit`: what was watched of one video in one day goes at once.
    """
    return int((await conn.execute(FORGET, account_id, limit, before)).rpartition(" ")[2])


async def forget_account(conn: Rows, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so is its choice, and some of its log; how many rows of that."""
    await conn.execute(FORGET_CHOICE, account_id)
    return await forget(conn, account_id, limit)


async def of_account(conn: Rows, account_id: UUID, after: After, limit: int) -> list[LoggedWatch]:
    """A page of the log, by videos, the newest first, and by days; `after` has both. Longer than `limit` where a day is."""
    rows = await conn.fetch(OF_ACCOUNT, account_id, after.id, after.at.date(), limit)
    return [LoggedWatch(**row) for row in rows]


async def left_over(conn: Rows, after: UUID, days: int, limit: int) -> tuple[list[tuple[UUID, Choice]], UUID | None]:
    """The next accounts that chose, those of the last `days` days of whom there is something in the log that should not be.

    Returns:
        They, and the last account that was looked at; None where that was the last of all.
    """
    rows = await conn.fetch(LEFT_OVER, after, days, limit)
    found = [(row["account_id"], Choice(row["learns"], row["since"])) for row in rows if row["has_rows"]]
    return found, rows[-1]["account_id"] if len(rows) == limit else None
