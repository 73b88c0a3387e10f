"""The rules of search: what was typed begins a username or a hashtag; the popular ones first, then by the alphabet."""

import re
from uuid import UUID

import msgspec

from server.kit.errors import Invalid
from server.kit.text import trimmed
from server.profiles import actions as profiles
from server.search import queries
from server.search.wire import Found, FoundHashtag
from server.videos import tagged
from server.videos.hashtags import normalised
from storage.postgres import Rows

MAX_CHARACTERS = 100
"""Of what is typed, white space too; longer hashtags are found by their beginning."""
COUNTED = 100
"""So many videos of a hashtag are counted when it is found; of more the number is that of the periodic job."""
NAME = re.compile(r"[A-Za-z0-9_]{0,30}")
"""How a username may begin."""
FIRST, LAST = " ", "\U0010ffff"
"""Before and behind every letter of a name, in the order of bytes."""


class Asked(msgspec.Struct, frozen=True):
    """What is looked for: how a name or a hashtag begins, in lower case; '' begins all of them, None none."""

    user: str | None
    hashtag: str | None


def asked(q: str) -> Asked:
    """What a text means: `@` before it are users alone, `#` hashtags alone.

    Raises:
        Invalid: there is nothing in it, or too much.
    """
    if len(q) > MAX_CHARACTERS:
        raise Invalid.field("q", f"must have at most {MAX_CHARACTERS} characters")
    text = trimmed(q)
    if not text:
        raise Invalid.field("q", "must say how a name or a hashtag begins")
    sign = text[0] if text[0] in ("@", "#") else ""
    bare = text.removeprefix(sign)
    return Asked(
        user=bare.lower() if NAME.fullmatch(bare) and sign != "#" else None,
        hashtag=(normalised(bare) if bare else "") if sign != "@" else None,
    )


async def find(conn: Rows, beginning: Asked, viewer_id: UUID | None, limit: int) -> Found:
    """At most `limit` users and as many hashtags; whom the viewer does not see is left out."""
    people = [] if beginning.user is None else await _users(conn, beginning.user, viewer_id, limit)
    tags = [] if beginning.hashtag is None else await _hashtags(conn, beginning.hashtag, limit)
    return Found(await profiles.users(conn, people, viewer_id), tags)


async def _users(conn: Rows, beginning: str, viewer_id: UUID | None, limit: int) -> list[UUID]:
    """Whoever has exactly this name, the popular ones, all others."""
    exact = await queries.users(conn, beginning, beginning + FIRST, viewer_id, 1)
    found = exact + await queries.popular_users(conn, beginning, viewer_id, limit)
    if len(set(found)) < limit:
        found += await queries.users(conn, beginning, beginning + LAST, viewer_id, limit)
    return list(dict.fromkeys(found))[:limit]


async def _hashtags(conn: Rows, beginning: str, limit: int) -> list[FoundHashtag]:
    """The same of hashtags. What is popular by hearsay may be used by nobody any more."""
    popular = {one.tag: one.weight for one in await queries.popular_hashtags(conn, beginning, limit)}
    names = [
        *([beginning] if beginning else []),
        *popular,
        *await tagged.beginning_with(conn, beginning, beginning + LAST, limit),
    ]
    videos = await tagged.count(conn, list(dict.fromkeys(names)), COUNTED)
    found = [
        FoundHashtag(tag, max(n, popular.get(tag, 0)) if n == COUNTED else n)
        for tag in dict.fromkeys(names)
        if (n := videos.get(tag, 0))
    ]
    return found[:limit]


async def forget(conn: Rows, username: str) -> None:
    """Leave nothing of an account that was deleted by this transaction: whoever keeps names holds them meanwhile."""
    await queries.forget_user(conn, username.lower())
