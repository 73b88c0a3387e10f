"""The door for readers of what was learned: the published model, an account's list, and what is like a video.

    published(conn) -> Model | None
    list_of(conn, account_id) -> Suggested | None
    similar_to(conn, video_ids, most) -> Mapping[UUID, list[UUID]]

A list says what was best when it was made. Whoever shows it leaves out what has been seen, hidden or deleted since.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from storage.postgres import Rows

# Ids are UUIDv7, so the newest has the highest. What is being written belongs to a model that is not published yet.
PUBLISHED = """
SELECT id, day, until
FROM suggestion_model
WHERE state = 'published'
ORDER BY id DESC
LIMIT 1
"""
# Who has chosen since has no list of before, though one may have been written while it chose.
LIST_OF = """
SELECT s.model_id, m.day, m.until, s.video_ids, s.whys
FROM suggestion AS s
JOIN suggestion_model AS m ON m.id = s.model_id AND m.state = 'published'
WHERE s.account_id = $1
  AND NOT EXISTS (SELECT FROM watch_choice AS c WHERE c.account_id = s.account_id AND (NOT c.learns OR c.since > m.until))
ORDER BY s.model_id DESC
LIMIT 1
"""
SIMILAR_TO = """
SELECT DISTINCT ON (s.video_id) s.video_id, s.video_ids[:$2] AS alike
FROM suggestion_similar AS s
JOIN suggestion_model AS m ON m.id = s.model_id AND m.state = 'published'
WHERE s.video_id = ANY($1)
ORDER BY s.video_id, s.model_id DESC
"""


class Model(msgspec.Struct, frozen=True):
    """A model whose lists are served: its night, and the moment up to which it knows what happened."""

    id: UUID
    day: date
    until: datetime


class Suggested(msgspec.Struct, frozen=True):
    """An account's list, the best first; `whys[i]` is the reason for `video_ids[i]`, as `taste` or `topic:cats`.

    It is of the newest model that made one for the account, which need not be the newest of all.
    """

    model_id: UUID
    day: date
    until: datetime
    video_ids: list[UUID]
    whys: list[str]


async def published(conn: Rows) -> Model | None:
    """The newest published model; None before the first night."""
    row = await conn.fetchrow(PUBLISHED)
    return Model(**row) if row else None


async def list_of(conn: Rows, account_id: UUID) -> Suggested | None:
    """What was chosen for an account, up to 100 videos; None where nothing was."""
    row = await conn.fetchrow(LIST_OF, account_id)
    return Suggested(**row) if row else None


async def similar_to(conn: Rows, video_ids: Collection[UUID], most: int) -> Mapping[UUID, list[UUID]]:
    """For each of these videos those that are liked by the same people, the nearest first, at most so many (up to 20).

    Videos that nobody watched before the model was made have none and are not in the answer.
    """
    return {row["video_id"]: row["alike"] for row in await conn.fetch(SIMILAR_TO, list(video_ids), most)}
