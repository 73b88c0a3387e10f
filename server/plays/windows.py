"""Views of videos in the last 5 and 30 minutes, hour, 7 and 30 days: counted in Valkey, mended from PostgreSQL's days."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from aiohttp import web

from pubsub.broker import BrokerUnavailable
from pubsub.opening import open_commands
from pubsub.windows import EPOCH, PARTITIONS, Coverage, Found, Windows, partition_of, second_of
from server.kit.request import POOL, SETTINGS
from server.kit.tasks import running
from server.plays import queries
from server.plays.queries import Folded
from server.plays.wire import Views
from storage.postgres import connection

PREFIX = "reelwire:views:"
FLUSH_SECONDS = 1.0
"""The longest pause between two flushes of a process: what a kill loses, until a day's views are looked at again."""
DAYS = 30
"""The longest window. So many whole days before today are in it."""
DAYS_AT_ONCE = 5000
"""Rows that one statement reads, each of one video's day."""
EPOCH_MINUTE = EPOCH // 60
FIRST_DAY = datetime.fromtimestamp(EPOCH, UTC).date()
MINUTE_WINDOWS = {"m5": 5, "m30": 30, "h1": 60}
DAY_WINDOWS = {"d7": 7 * 1440, "d30": DAYS * 1440}

HOURS_OF_WEEK = 168.0

Days = dict[bytes, list[tuple[int, int]]]
"""Of videos: their days, as windows count them, and views."""

log = logging.getLogger(__name__)


UNKNOWN = Views()


class Busy(NamedTuple):
    """A video that was viewed in the last hour.

    Attributes:
        h1: views in it, those that are known.
        d7: views in 7 days.
        hours: so many of these 7 days it has been there.
    """

    h1: int
    d7: int
    hours: float


class ViewWindows:
    """The windows of all videos."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows

    def counted(self, views: Sequence[Folded]) -> None:
        """These views are in the counts: count them here too, soon."""
        self._windows.count((one.video_id.bytes, one.minute - EPOCH_MINUTE, one.views) for one in views)

    async def keep_flushing(self) -> None:
        """Flush for ever; while Valkey is away views wait. What has never counted begins at once."""
        failing, begun = False, False
        while True:
            try:
                begun = begun or bool(await self._windows.coverage())
                await self.flush()
                failing = False
            except BrokerUnavailable as error:
                if not failing:
                    log.warning("views wait to be counted by windows: %s", error)
                failing = True
            except Exception:
                log.exception("windows of views stumbled")
            await asyncio.sleep(FLUSH_SECONDS * random.uniform(0.5, 1.0))  # noqa: S311 - jitter

    async def flush(self) -> None:
        """Send what was counted.

        Raises:
            BrokerUnavailable: some of it waits.
        """
        await self._windows.flush()

    async def of(self, video_ids: Collection[UUID]) -> dict[UUID, Views]:
        """Of each video, up to a second or two ago. While Valkey is away all is unknown."""
        try:
            found = await self._windows.of([video_id.bytes for video_id in video_ids])
        except BrokerUnavailable:
            found = {}
        minute = self._windows.minute
        return {video_id: _views(video_id, found.get(video_id.bytes), minute) for video_id in video_ids}

    async def busiest(self) -> dict[UUID, Busy]:
        """The videos that were viewed most in the last hour, thousands of them. While Valkey is away none is known.

        Those whose week is not known are left out: all of their views would seem to be of late.
        """
        try:
            found = await self._windows.busiest()
        except BrokerUnavailable as error:
            log.warning("nobody knows what is viewed much: %s", error)
            return {}
        minute, known = self._windows.minute, {}
        for name, one in found.items():
            if (d7 := _views(video_id := UUID(bytes=name), one, minute).d7) is not None:
                known[video_id] = Busy(one.sums.h1, d7, min((second_of(minute) - _made(video_id)) / 3600, HOURS_OF_WEEK))
        return known

    async def covered_since(self) -> datetime:
        """Since when the windows of days have all views of every video.

        Raises:
            BrokerUnavailable
        """
        return datetime.fromtimestamp(max(one.days for one in await self._windows.coverage()), UTC)

    async def forget(self, video_ids: Collection[UUID]) -> None:
        """These videos are gone, and so are their windows.

        Raises:
            BrokerUnavailable
        """
        await self._windows.forget([video_id.bytes for video_id in video_ids])

    async def mend(self, app: web.Application) -> None:
        """Raise windows to the views by day: all days where Valkey has lost them, and once a day those that are over.

        What a killed process had not flushed comes back so. A day's views that are not known by the hour are in its last one, so
        a window of 7 days may have those of an eighth.

        Raises:
            BrokerUnavailable
        """
        today = self._windows.minute // 1440
        found = dict(enumerate(await self._windows.coverage()))
        first = second_of((today - DAYS) * 1440)
        lost = {partition for partition, one in found.items() if one.days > first}
        due = lost | {partition for partition, one in found.items() if one.raised < today}
        if not due:
            return
        async for days in self._days(app, today):
            whole = {name: over for name, known in days.items() if (over := [one for one in known if one[0] < today])}
            await self._windows.raise_to(_in(whole, due - lost), anew=False)
            await self._windows.raise_to(_in(days, lost), anew=True)
        again = 0
        for partition in due:
            await self._windows.trim(partition)
            known = Coverage(found[partition].minutes, first, today)
            again += await self._windows.settle(partition, known) and partition in lost
        if again:
            log.info("windows of views: %d of %d parts are known by day again", again, PARTITIONS)

    async def _days(self, app: web.Application, today: int) -> AsyncIterator[Days]:
        """Of all videos; those of one may come in two parts."""
        first, after = FIRST_DAY + timedelta(days=today - DAYS), (UUID(int=0), FIRST_DAY)
        while True:
            async with connection(app[POOL]) as conn:
                rows = await queries.days(conn, after, first, DAYS_AT_ONCE)
            found: Days = {}
            for video_id, day, views in rows:
                found.setdefault(video_id.bytes, []).append(((day - FIRST_DAY).days, views))
            yield found
            if len(rows) < DAYS_AT_ONCE:
                return
            after = rows[-1][:2]


WINDOWS: web.AppKey[ViewWindows] = web.AppKey("windows", ViewWindows)


async def windows(app: web.Application) -> AsyncIterator[None]:
    """Windows to be read and mended."""
    async with open_commands(app[SETTINGS].valkey_url) as commands:
        app[WINDOWS] = ViewWindows(Windows(commands, PREFIX))
        yield


async def flushing(app: web.Application) -> AsyncIterator[None]:
    """What a process folds goes into windows; the rest of it when it stops."""
    async with running("flushing windows", app[WINDOWS].keep_flushing()):
        yield
    with suppress(BrokerUnavailable):
        await app[WINDOWS].flush()


async def mend(app: web.Application) -> None:
    """The periodic job."""
    await app[WINDOWS].mend(app)


def _views(video_id: UUID, found: Found | None, minute: int) -> Views:
    """What is known wholly: since the window began, or since the video did."""
    if found is None or found.coverage is None:
        return UNKNOWN
    made, known = _made(video_id), {}
    for since, windows in ((found.coverage.minutes, MINUTE_WINDOWS), (found.coverage.days, DAY_WINDOWS)):
        begun = {name: max(second_of(minute - length), made) for name, length in windows.items()}
        known.update({name: getattr(found.sums, name) for name, second in begun.items() if since <= second})
    return Views(**known)


def _made(video_id: UUID) -> float:
    """RFC 9562, 5.7: the milliseconds when it was made; here in seconds since 1970."""
    return (video_id.int >> 80) / 1000


def _in(days: Days, partitions: Collection[int]) -> Days:
    return {name: known for name, known in days.items() if partition_of(name) in partitions}
