"""The sweep: what hardly anybody watches goes to the archive, in two phases that a kill at any point leaves harmless.

First everything is copied and proven, while all plays as always. Then one transaction looks once more whether nobody watches it,
and switches: answers name what stays, and who holds a URL of the rest has all the time that URLs are good for. Only after that
the copies at hand go (`clearing.py`). Whoever is killed in between has lost nothing, and the next sweep does it again.
"""

import asyncio
import logging
from collections.abc import Iterable
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter

from server.accounts import queries as accounts
from server.archive import groups as grouping
from server.archive import queries
from server.archive.apart import Run, apart
from server.archive.groups import Group, Object
from server.archive.queries import Candidate
from server.archive.wire import Swept
from server.kit.invalidation import invalidate
from server.kit.request import ANNOUNCER, COLD, POOL, SETTINGS, STORE
from server.kit.work import Work, work
from server.plays import queries as plays
from server.plays.windows import WINDOWS
from server.videos import tiers
from server.videos.wire import VideoEdited
from storage.cold import Damaged, Spot, cold_key
from storage.objects import ObjectMissing
from storage.postgres import Rows, connection

VIDEOS_AT_ONCE = 1000
GROUPS_AT_ONCE = 4
WINDOW_DAYS = 7
"""Of views."""
CLEAR_GRACE_SECONDS = 60.0
"""Beyond the life of a media URL: cards are handed out that are some seconds old."""
CHANGED = ["sources", "archived"]
"""Of a card."""
BEGINNING = UUID(int=0)

ARCHIVED = Counter("reelwire_archived_total", "Videos that went to the archive")
KEPT = Counter("reelwire_archive_kept_total", "Videos that were about to be archived and stayed", ["why"])

log = logging.getLogger(__name__)


async def candidates(app: web.Application, after: UUID, age_days: int, most_views: int) -> tuple[list[Group], UUID | None]:
    """The groups of videos that nobody watches whose first is among the next videos, by id; and behind which to go on.

    None behind the last.
    """
    async with connection(app[POOL]) as conn:
        old, last = await queries.slice_(conn, after, VIDEOS_AT_ONCE, age_days)
    idle = await _idle(app, old, most_views)
    async with connection(app[POOL]) as conn:
        found = await grouping.groups(conn, [one for one in old if one.id in idle], age_days)
    shared = [one for group in found if len(group.members) > 1 for one in group.members]
    busy = {one.id for one in shared} - await _idle(app, shared, most_views)
    return [group for group in found if group.ids[0] > after and not busy.intersection(group.ids)], last


async def _idle(app: web.Application, videos: Iterable[Candidate], most_views: int) -> set[UUID]:
    """Those that were hardly viewed in WINDOW_DAYS days. What Valkey does not know for so long PostgreSQL's days decide.

    Windows in Valkey are exact where they are known. A day's views that PostgreSQL has belong to the window wholly if the day
    does; where windows are not known the day in which it begins counts as well, for unknown is not unwatched.
    """
    ids = [one.id for one in videos]
    if not ids:
        return set()
    windows = await app[WINDOWS].of(ids)
    async with connection(app[POOL]) as conn:
        fresh = await plays.unfolded(conn, ids)  # first: what is folded meanwhile counts twice rather than not at all
        least = await plays.recent(conn, ids, WINDOW_DAYS)
        most = await plays.recent(conn, ids, WINDOW_DAYS + 1)
    known = {video_id: windows[video_id].d7 for video_id in ids}

    def views(video_id: UUID) -> int:
        window = known[video_id]
        counted = most.get(video_id, 0) if window is None else max(window, least.get(video_id, 0))
        return counted + fresh.get(video_id, 0)

    return {video_id for video_id in ids if views(video_id) <= most_views}


async def sweep(app: web.Application, *, dry_run: bool = False) -> Swept:
    """All of one sweep, from the first video to the last.

    Raises:
        StoreUnavailable, ObjectMissing, and what AWAY has: a store as a whole does not answer, or has no such bucket.
        StoreFull, NothingGoes: the archive takes nothing.
    """
    if not dry_run:
        await app[COLD].store.check(app[COLD].bucket)
    ids, size = list[UUID](), 0
    after: UUID | None = BEGINNING
    while after is not None:
        some, after = await one_slice(app, after, dry_run=dry_run)
        ids += some.ids
        size += some.bytes
    return Swept(len(ids), size, ids)


async def one_slice(app: web.Application, after: UUID, *, dry_run: bool = False) -> tuple[Swept, UUID | None]:
    """The next videos of a sweep; and behind which to go on, None behind the last."""
    settings = app[SETTINGS]
    found, last = await candidates(app, after, settings.archive_age_days, settings.archive_max_views)
    if dry_run:
        return await _foretold(app, found), last
    waiting, run, done = iter(found), Run(), list[tuple[Group, int]]()

    async def take() -> None:
        for group in waiting:  # shared: each takes the next one
            async with apart(app, group.ids[0], run):
                size = await archive(app, group)
                if size is not None:
                    done.append((group, size))

    try:
        async with asyncio.TaskGroup() as tasks:
            for number in range(GROUPS_AT_ONCE):
                tasks.create_task(take(), name=f"archive {number}")
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    ids = sorted(video_id for group, _ in done for video_id in group.ids)
    return Swept(len(ids), sum(size for _, size in done), ids), last


async def _foretold(app: web.Application, found: list[Group]) -> Swept:
    ids = sorted(video_id for group in found for video_id in group.ids)
    async with connection(app[POOL]) as conn:
        sizes = await queries.sizes(conn, ids)
    size = sum(sizes.get((one.video_id, one.path), 0) for group in found for one in group.objects)
    return Swept(len(ids), size, ids)


async def archive(app: web.Application, group: Group) -> int | None:
    """Move one group; the bytes that went, None where it stays.

    Raises:
        StoreFull, StoreUnavailable.
    """
    async with connection(app[POOL]) as conn, conn.transaction():
        if await tiers.begin(conn, group.warm_paths) != set(group.ids):
            await tiers.leave(conn, group.ids)
            return None
    try:
        sizes = await _copied(app, group)
    except (ObjectMissing, Damaged) as error:
        log.warning("archive: %s stays at hand: %s", group.ids[0], error)
        await _stay(app, group)
        return None
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        if why := await _why_not(w.conn, app, group):
            await tiers.leave(w.conn, group.ids)
            KEPT.labels(why).inc(len(group.ids))
            return None
        await _switch(w, app, group, sizes)
    ARCHIVED.inc(len(group.ids))
    return sum(sizes.values())


async def _stay(app: web.Application, group: Group) -> None:
    KEPT.labels("damaged").inc(len(group.ids))
    async with connection(app[POOL]) as conn:
        await tiers.leave(conn, group.ids)


async def _copied(app: web.Application, group: Group) -> dict[UUID, int]:
    """Have all that goes in the archive, proven; bytes by video."""
    sizes = dict.fromkeys(group.ids, 0)
    for one in group.objects:
        sizes[one.video_id] += await copy(app, one)
    return sizes


async def copy(app: web.Application, one: Object) -> int:
    """Have one file in the archive, proven; its size."""
    source = Spot(app[STORE], app[SETTINGS].s3_bucket, one.key)
    return await app[COLD].keep(source, cold_key("media", one.key), one.sha256)


async def _why_not(conn: Rows, app: web.Application, group: Group) -> str:
    """Look once more, under the locks of all whom it concerns; '' where it is as it was, and nobody watches."""
    age_days, most_views = app[SETTINGS].archive_age_days, app[SETTINGS].archive_max_views
    authors = {member.author_id for member in group.members}
    if await accounts.lock_all(conn, sorted(authors)) != authors:
        return "deleted"
    if set(await queries.there(conn, group.ids, lock=True)) != set(group.ids):
        return "deleted"
    rows = await tiers.of(conn, group.ids, lock=True)
    if any(rows[i].tier != "archiving" if i in rows else True for i in group.ids):
        return "watched"  # or another sweep was faster
    fresh, recent = await plays.unfolded(conn, group.ids), await plays.recent(conn, group.ids, WINDOW_DAYS)
    if any(recent.get(i, 0) + fresh.get(i, 0) > most_views for i in group.ids):
        return "watched"
    linked = (await grouping.linked(conn, group.ids[:1])).get(group.ids[0], set())
    members = await queries.among(conn, group.ids, age_days)
    if not linked or set(await queries.there(conn, linked)) != set(group.ids) or members != group.members:
        return "changed"
    again = await grouping.group_of(conn, members, alone=len(linked) == 1)
    return "" if again.objects == group.objects else "changed"


async def _switch(w: Work, app: web.Application, group: Group, sizes: dict[UUID, int]) -> None:
    await tiers.archive(w.conn, sizes, app[SETTINGS].media_url_seconds + CLEAR_GRACE_SECONDS)
    for member in group.members:
        await tell(w, member.id, member.author_id)


async def tell(w: Work, video_id: UUID, author_id: UUID) -> None:
    """It shows other sources now: to whoever asks, and to whoever watches."""
    await invalidate(w, author_id, "card", video_id)
    w.emit(VideoEdited(video_id, author_id, CHANGED))
