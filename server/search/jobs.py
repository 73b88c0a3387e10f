"""The periodic job that goes along all names and hashtags and keeps which are popular."""

from aiohttp import web

from server.accounts import queries as accounts
from server.counts import queries as counts
from server.kit.request import POOL
from server.search import queries
from server.search.actions import FIRST, LAST
from server.videos import tagged
from storage import walks
from storage.postgres import CONNECT_SECONDS, Pool, Rows

POPULAR = 3
"""Followers of an account, or videos with a hashtag; with fewer they are found by the alphabet."""
NAMES_AT_ONCE, TAGS_AT_ONCE = 500, 20
SLICES, TAG_SLICES = 20, 100
"""Of each walk that one run does."""
MOST_COUNTED = 100_000
"""Videos of a hashtag; those that have more are alike."""
USERS_WALK, HASHTAGS_WALK = "search users", "search hashtags"


async def refresh(app: web.Application) -> None:
    """Look at the next names and hashtags. Each slice is a transaction, and a walk that is through begins anew next time."""
    for _ in range(SLICES):
        if not await _slice(app[POOL], USERS_WALK):
            break
    for _ in range(TAG_SLICES):
        if not await _slice(app[POOL], HASHTAGS_WALK):
            break


async def _slice(pool: Pool, walk: str) -> bool:
    """Whether there is more of this walk."""
    async with pool.acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
        after = await walks.position(conn, walk)
        last = await (_users if walk == USERS_WALK else _hashtags)(conn, after)
        await walks.move(conn, walk, last or "")
    return last is not None


async def _users(conn: Rows, after: str) -> str | None:
    """The name that this slice ends with; None where it was the last one."""
    ids = await accounts.usernames(conn, after, NAMES_AT_ONCE)
    totals = await counts.accounts(conn, list(ids.values()))
    last = max(ids) if len(ids) == NAMES_AT_ONCE else None
    popular = {name: n for name, account_id in ids.items() if (n := totals[account_id].followers) >= POPULAR}
    # Held until the commit: whoever takes such a name away afterwards finds what is kept of it here, and takes that too.
    held = await accounts.hold_usernames(conn, list(popular))
    await queries.keep(conn, "user", after, last, {name: n for name, n in popular.items() if name in held})
    return last


async def _hashtags(conn: Rows, after: str) -> str | None:
    """The same of hashtags."""
    tags = await tagged.beginning_with(conn, after + FIRST, LAST, TAGS_AT_ONCE)
    last = tags[-1] if len(tags) == TAGS_AT_ONCE else None
    tagged_videos = await tagged.count(conn, tags, MOST_COUNTED)
    await queries.keep(conn, "hashtag", after, last, {tag: n for tag, n in tagged_videos.items() if n >= POPULAR})
    return last
