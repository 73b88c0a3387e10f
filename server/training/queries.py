"""SQL of models, their lists, and what is like what. Lists are written by COPY, and are served once their model is published."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from storage.postgres import Rows, allow

BEGIN = """
INSERT INTO suggestion_model (id, day, state, until, engine)
VALUES ($1, $2, 'training', now(), $3)
"""
# Under the lease of training nobody else trains: whoever began it is gone.
GIVE_UP = "UPDATE suggestion_model SET state = 'failed', ended_at = now() WHERE state = 'training'"
END = """
UPDATE suggestion_model
SET state = $2, ended_at = now(), until = coalesce($3, until), figures = $4::text::jsonb, lists = $5
WHERE id = $1 AND state = 'training'
RETURNING true
"""
TRIED = """
SELECT count(*) FILTER (WHERE state IN ('published', 'refused')) AS done, count(*) FILTER (WHERE state = 'failed') AS failed
FROM suggestion_model
WHERE day = $1
"""
JUDGED = "SELECT state = 'refused' FROM suggestion_model WHERE state IN ('published', 'refused') ORDER BY id DESC LIMIT 1"
# Who left meanwhile, or wants nothing to be learned any more, or nothing of before. Their rows are committed, so whoever leaves
# from now on finds them.
WITHDRAW = """
DELETE FROM suggestion AS s
USING suggestion_model AS m
WHERE m.id = $1 AND s.model_id = m.id
  AND (
      NOT EXISTS (SELECT FROM account WHERE id = s.account_id)
      OR EXISTS (SELECT FROM watch_choice AS c WHERE c.account_id = s.account_id AND (NOT c.learns OR c.since > $2))
  )
RETURNING true
"""
PATIENCE_SECONDS = 60.0
"""Of statements that write thousands of rows, or look through all."""
# Lists are served of the newest model and, for whom it has none, of the one before.
OLD = """
SELECT m.id
FROM suggestion_model AS m
WHERE m.state <> 'training'
  AND m.id <> ALL(ARRAY(SELECT id FROM suggestion_model WHERE state = 'published' ORDER BY id DESC LIMIT 2))
  AND (
      EXISTS (SELECT FROM suggestion WHERE model_id = m.id)
      OR EXISTS (SELECT FROM suggestion_similar WHERE model_id = m.id)
  )
ORDER BY m.id
"""
CLEAR_LISTS = """
DELETE FROM suggestion
WHERE model_id = $1 AND account_id = ANY(ARRAY(SELECT account_id FROM suggestion WHERE model_id = $1 LIMIT $2))
RETURNING true
"""
CLEAR_SIMILAR = """
DELETE FROM suggestion_similar
WHERE model_id = $1 AND video_id = ANY(ARRAY(SELECT video_id FROM suggestion_similar WHERE model_id = $1 LIMIT $2))
RETURNING true
"""
FORGET_MODELS = """
DELETE FROM suggestion_model
WHERE day < $1 AND state <> 'training'
  AND id <> ALL(ARRAY(SELECT id FROM suggestion_model WHERE state = 'published' ORDER BY id DESC LIMIT 2))
"""
FORGET = "DELETE FROM suggestion WHERE account_id = $1"


class Tried(msgspec.Struct, frozen=True):
    """How many trainings of a day came to an end, and how many broke off."""

    done: int
    failed: int


async def begin(conn: Rows, model_id: UUID, day: date, engine: str) -> None:
    """A training begins; those that were begun before and have not ended are over."""
    await conn.execute(GIVE_UP)
    await conn.execute(BEGIN, model_id, day, engine)


async def end(conn: Rows, model_id: UUID, state: str, until: datetime | None, figures: str, lists: int) -> bool:
    """It ends as `published`, `refused` or `failed`, with figures as JSON; False when somebody has given it up before."""
    return await conn.fetchval(END, model_id, state, until, figures, lists) is not None


async def tried(conn: Rows, day: date) -> Tried:
    """What has become of this day's trainings."""
    return Tried(**(await conn.fetchrow(TRIED, day) or {"done": 0, "failed": 0}))


async def refused(conn: Rows) -> bool:
    """Whether the newest model that was judged was refused."""
    return bool(await conn.fetchval(JUDGED))


async def withdraw(conn: Rows, model_id: UUID, until: datetime) -> int:
    """Delete lists of a model that is not published yet, which their accounts must not have; how many."""
    await allow(conn, PATIENCE_SECONDS)
    return len(await conn.fetch(WITHDRAW, model_id, until, timeout=PATIENCE_SECONDS))


async def copy_lists(conn: Rows, lines: AsyncIterator[bytes]) -> None:
    """Lists as lines of COPY: account, model, videos, whys."""
    await _copy(conn, "suggestion", lines, ["account_id", "model_id", "video_ids", "whys"])


async def copy_similar(conn: Rows, lines: AsyncIterator[bytes]) -> None:
    """The same of what is like a video: video, model, videos."""
    await _copy(conn, "suggestion_similar", lines, ["video_id", "model_id", "video_ids"])


async def _copy(conn: Rows, table: str, lines: AsyncIterator[bytes], columns: Sequence[str]) -> None:
    await allow(conn, PATIENCE_SECONDS)
    await conn.copy_to_table(table, source=lines, columns=columns, timeout=PATIENCE_SECONDS)


async def old(conn: Rows) -> list[UUID]:
    """Models whose rows are there and are served to nobody."""
    return [row["id"] for row in await conn.fetch(OLD)]


async def clear(conn: Rows, model_id: UUID, limit: int) -> int:
    """Delete some rows of such a model; how many these were."""
    lists = len(await conn.fetch(CLEAR_LISTS, model_id, limit))
    return lists or len(await conn.fetch(CLEAR_SIMILAR, model_id, limit))


async def forget_models(conn: Rows, before: date) -> None:
    """Delete what is told of trainings before this day."""
    await conn.execute(FORGET_MODELS, before)


async def forget(conn: Rows, account_id: UUID) -> None:
    """Delete the lists of an account."""
    await conn.execute(FORGET, account_id)
