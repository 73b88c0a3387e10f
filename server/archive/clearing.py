"""What is in the archive goes where it was at hand, once nobody can hold its URL any more."""

import asyncio
import logging
from uuid import UUID

from aiohttp import web

from server.archive import groups as grouping
from server.archive import queries
from server.archive.apart import apart
from server.archive.groups import Group, Object
from server.kit.request import ANNOUNCER, COLD, POOL, SETTINGS, STORE
from server.kit.work import work
from server.videos import cached, shared, tiers
from storage.cold import Spot, cold_key, digest
from storage.postgres import Rows, connection

GROUPS_AT_ONCE = 200
CLEAR_SECONDS = tiers.STALE_SECONDS / 3
"""A removal that takes longer is cut, before others think that nobody is at it any more."""
POSTPONED_SECONDS = 3600.0

log = logging.getLogger(__name__)


async def clear_due(app: web.Application) -> int:
    """Remove all that is due, group by group; of how many videos. What cannot be removed is postponed, and holds up nothing.

    Raises:
        StoreUnavailable, ObjectMissing, and what AWAY has: a store or PostgreSQL as a whole does not answer.
    """
    done, more = set[UUID](), True
    while more:
        async with connection(app[POOL]) as conn:
            due = await tiers.clearable(conn, GROUPS_AT_ONCE)
        for video_id in due:
            if video_id not in done:
                done |= await _clear_alone(app, video_id)
        more = len(due) == GROUPS_AT_ONCE
    return len(done)


async def _clear_alone(app: web.Application, video_id: UUID) -> set[UUID]:
    done, failed = set[UUID](), True
    async with apart(app, video_id), asyncio.timeout(CLEAR_SECONDS):
        done = await _clear(app, video_id)
        failed = False
    if failed:
        async with connection(app[POOL]) as conn:
            await tiers.postpone(conn, [video_id], POSTPONED_SECONDS)
    return done


async def whole(conn: Rows, video_id: UUID) -> Group | None:
    """The group of an archived video, and all its files that are in the archive; None where it is gone or too large."""
    group, _ = await _with_linked(conn, video_id)
    return group


async def _with_linked(conn: Rows, video_id: UUID) -> tuple[Group | None, set[UUID]]:
    linked = (await grouping.linked(conn, [video_id])).get(video_id, set())
    members = await queries.made(conn, linked)
    return (await grouping.group_of(conn, members, alone=len(linked) == 1) if members else None), linked


async def _clear(app: web.Application, video_id: UUID) -> set[UUID]:
    """Remove what a group has at hand and in the archive; its videos."""
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        group, linked = await _with_linked(w.conn, video_id)
        if group is None:
            await tiers.postpone(w.conn, [video_id], POSTPONED_SECONDS)
            return set()
        rows = await tiers.of(w.conn, group.ids, lock=True)
        if set(await queries.there(w.conn, linked)) != set(group.ids) or any(row.tier != "archived" for row in rows.values()):
            await tiers.postpone(w.conn, group.ids, POSTPONED_SECONDS)  # somebody wants it back
            return set()
        await tiers.begin_clearing(w.conn, group.ids)
    if lost := await _not_archived(app, group):
        await _stays(app, group, lost)
        return set()
    keys = [one.key for one in group.objects]
    await app[STORE].delete(app[SETTINGS].s3_bucket, keys)
    await cached.forget(app[SETTINGS].edge_cache, keys)
    async with connection(app[POOL]) as conn:
        await tiers.cleared(conn, group.ids)
    return set(group.ids)


async def _stays(app: web.Application, group: Group, lost: list[Object]) -> None:
    """What the archive has lost is brought back while it is at hand; where it is not, the reconciler has it made again."""
    names = ", ".join(one.key for one in lost)
    there = all([await _is_at_hand(app, one) for one in lost])
    log.warning("archive: %s stays, for the archive has lost %s", group.ids[0], names)
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        if not there:
            await tiers.postpone(w.conn, group.ids, POSTPONED_SECONDS)
            for video_id in group.ids:
                await shared.mark(w.conn, video_id, lost=True)
            return
        await tiers.leave_as_it_is(w.conn, group.ids)
        for member in group.members:
            await tiers.wish_back(w, member.id, member.author_id, f"not in the archive: {names}")


async def _is_at_hand(app: web.Application, one: Object) -> bool:
    bucket = app[SETTINGS].s3_bucket
    facts = await app[STORE].head(bucket, one.key)
    return facts is not None and await digest(Spot(app[STORE], bucket, one.key), facts.size) == one.sha256


async def _not_archived(app: web.Application, group: Group) -> list[Object]:
    """What would be lost."""
    lost = []
    for one in group.objects:
        kept = await app[COLD].find(cold_key("media", one.key))
        if kept is None or kept.sha256 != one.sha256:
            lost.append(one)
    return lost
