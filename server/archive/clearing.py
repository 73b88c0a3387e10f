"""What is in the archive goes where it was at hand, once nobody can hold its URL any more."""

import logging
from uuid import UUID

from aiohttp import web

from server.archive import groups as grouping
from server.archive import queries
from server.archive.apart import apart
from server.archive.groups import Group
from server.kit.request import ANNOUNCER, COLD, POOL, SETTINGS, STORE
from server.kit.work import work
from server.videos import cached, tiers
from storage.cold import cold_key
from storage.postgres import Rows, connection

GROUPS_AT_ONCE = 200
STALE_SECONDS = 900.0
"""Whoever has begun to remove something and has not ended after so long is gone; a removal takes some seconds."""
POSTPONED_SECONDS = 3600.0

log = logging.getLogger(__name__)


async def clear_due(app: web.Application) -> int:
    """Remove what is due of some groups; of how many videos.

    Raises:
        StoreUnavailable, ObjectMissing, and what AWAY has: the store or PostgreSQL as a whole does not answer.
    """
    async with connection(app[POOL]) as conn:
        due = await tiers.clearable(conn, GROUPS_AT_ONCE, STALE_SECONDS)
    done = set[UUID]()
    for video_id in due:
        if video_id not in done:
            async with apart(app, video_id):
                done |= await _clear(app, video_id)
    return len(done)


async def whole(conn: Rows, video_id: UUID) -> Group | None:
    """The group of an archived video, and all its files that are in the archive; None where it is gone or too large."""
    linked = (await grouping.linked(conn, [video_id])).get(video_id)
    if linked is None:
        return None
    members = await queries.made(conn, linked)
    return await grouping.group_of(conn, members, alone=len(linked) == 1) if members else None


async def _clear(app: web.Application, video_id: UUID) -> set[UUID]:
    """Remove what a group has at hand and in the archive; its videos."""
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        group = await whole(w.conn, video_id)
        if group is None:
            await tiers.postpone(w.conn, [video_id], POSTPONED_SECONDS)
            return set()
        rows = await tiers.of(w.conn, group.ids, lock=True)
        there = await queries.there(w.conn, (await grouping.linked(w.conn, [video_id])).get(video_id, ()))
        if set(there) != set(group.ids) or any(row.tier != "archived" for row in rows.values()):
            await tiers.postpone(w.conn, group.ids, POSTPONED_SECONDS)  # somebody wants it back
            return set()
        await tiers.begin_clearing(w.conn, group.ids)
    if lost := await _not_archived(app, group):
        log.warning("archive: %s comes back, for the archive has lost %s", video_id, lost)
        async with work(app[POOL], app[ANNOUNCER], None) as w:
            await tiers.leave_as_it_is(w.conn, group.ids)
            for member in group.members:
                await tiers.wish_back(w, member.id, member.author_id, f"not in the archive: {lost}")
        return set()
    keys = [one.key for one in group.objects]
    await app[STORE].delete(app[SETTINGS].s3_bucket, keys)
    await cached.forget(app[SETTINGS].edge_cache, keys)
    async with connection(app[POOL]) as conn:
        await tiers.cleared(conn, group.ids)
    return set(group.ids)


async def _not_archived(app: web.Application, group: Group) -> str:
    """The key of something that would be lost; '' where all is there."""
    for one in group.objects:
        kept = await app[COLD].find(cold_key("media", one.key))
        if kept is None or kept.sha256 != one.sha256:
            return one.key
    return ""
