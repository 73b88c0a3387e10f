"""SQL of search: the popular names and hashtags by their beginnings, which a periodic job writes."""

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from server.sight.queries import in_sight
from storage.postgres import Rows

Kind = Literal["user", "hashtag"]

LETTERS = 8
"""So many letters of a name are its beginnings: none, one, two and so on."""
MOST_LOOKED_AT = 500
"""Popular names with one beginning of that many letters that are looked at where more letters were typed."""

# The inner limit ends the reading where more was typed than the index has; else the outer one does.
POPULAR_HASHTAGS = """
SELECT name AS tag, weight
FROM (
    SELECT name, weight
    FROM popular_name
    WHERE beginning = $1 AND kind = 'hashtag'
    ORDER BY weight DESC, name
    LIMIT $2
) AS popular
WHERE starts_with(name, $3)
ORDER BY weight DESC, name
LIMIT $4
"""
POPULAR_USERS = f"""
SELECT account_id
FROM (
    SELECT name, weight
    FROM popular_name
    WHERE beginning = $1 AND kind = 'user'
    ORDER BY weight DESC, name
    LIMIT $2
) AS popular
CROSS JOIN LATERAL (SELECT account_id FROM username WHERE username.name = popular.name LIMIT 1) AS known
WHERE starts_with(name, $3)
  AND {in_sight("known.account_id", "$5")}
ORDER BY weight DESC, name
LIMIT $4
"""  # noqa: S608 - a condition of ours
USERS = f"""
SELECT account_id
FROM username
WHERE name >= $1 AND name < $2
  AND {in_sight("username.account_id", "$4")}
ORDER BY name
LIMIT $3
"""  # noqa: S608 - a condition of ours
# Only what has changed is written.
FORGET = """
DELETE FROM popular_name AS p
WHERE kind = $1 AND name > $2 AND ($3::text IS NULL OR name <= $3)
  AND NOT EXISTS (SELECT FROM unnest($4::text[], $5::bigint[]) AS now (name, weight)
                  WHERE now.name = p.name COLLATE "C" AND now.weight = p.weight)
"""
KEEP = """
INSERT INTO popular_name (beginning, kind, name, weight)
SELECT left(name, letters), $1, name, weight
FROM unnest($2::text[], $3::bigint[]) AS now (name, weight)
CROSS JOIN LATERAL generate_series(0, least($4, length(name))) AS letters
ON CONFLICT (kind, name, beginning) DO NOTHING
"""
FORGET_USER = "DELETE FROM popular_name WHERE kind = 'user' AND name = $1"


class Popular(msgspec.Struct, frozen=True):
    """A popular hashtag, and how many videos had it when that was looked at."""

    tag: str
    weight: int


async def popular_hashtags(conn: Rows, beginning: str, limit: int) -> list[Popular]:
    """The most popular ones first."""
    rows = await conn.fetch(POPULAR_HASHTAGS, beginning[:LETTERS], MOST_LOOKED_AT, beginning, limit)
    return [Popular(**row) for row in rows]


async def popular_users(conn: Rows, beginning: str, viewer_id: UUID | None, limit: int) -> list[UUID]:
    """Those of them that the viewer sees, the most popular first."""
    rows = await conn.fetch(POPULAR_USERS, beginning[:LETTERS], MOST_LOOKED_AT, beginning, limit, viewer_id)
    return [row["account_id"] for row in rows]


async def users(conn: Rows, beginning: str, end: str, viewer_id: UUID | None, limit: int) -> list[UUID]:
    """Whose names lie from `beginning` to before `end`, and whom the viewer sees, in the order of the alphabet."""
    return [row["account_id"] for row in await conn.fetch(USERS, beginning, end, limit, viewer_id)]


async def keep(conn: Rows, kind: Kind, after: str, last: str | None, popular: Mapping[str, int]) -> None:
    """Of the names behind `after` up to `last`, or to the end, exactly these are popular, with these weights."""
    names: Sequence[str] = list(popular)
    weights = list(popular.values())
    await conn.execute(FORGET, kind, after, last, names, weights)
    await conn.execute(KEEP, kind, names, weights, LETTERS)


async def forget_user(conn: Rows, name: str) -> None:
    """This name, in lower case, is nobody's any more."""
    await conn.execute(FORGET_USER, name)
