"""How far a job is, told to the author: news, not state. It is not fenced, only rises, and an outage is no matter."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from uuid import UUID

from media.pool import OnProgress
from server.kit.work import Announcer, work
from server.videos import steps
from server.videos.wire import VideoProgressed
from storage.postgres import AWAY, Pool

EVERY_SECONDS = 0.5

log = logging.getLogger(__name__)


@dataclass(slots=True)
class News:
    """What is told of one video."""

    pool: Pool
    announcer: Announcer
    video_id: UUID
    author_id: UUID
    _told: float = field(default=float("-inf"))
    _telling: "asyncio.Task[None] | None" = field(default=None)

    def between(self, start: float, end: float) -> OnProgress:
        """Tell of a stage whose beginning and end are these shares of the whole."""

        def tell(_stage: str, fraction: float) -> None:
            if time.monotonic() - self._told >= EVERY_SECONDS and (self._telling is None or self._telling.done()):
                share = start + (end - start) * min(max(fraction, 0.0), 1.0)
                self._telling = asyncio.create_task(self._tell(share), name="progress")

        return tell

    async def tell(self, share: float) -> None:
        """Tell of this share now, after whatever is on its way."""
        await self.settled()
        await self._tell(share)

    async def settled(self) -> None:
        """Wait for news on its way, so that none comes after what follows."""
        if self._telling is not None:
            await asyncio.wait([self._telling])

    async def end(self) -> None:
        """Nothing more is told."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait([self._telling])

    async def _tell(self, share: float) -> None:
        self._told = time.monotonic()
        try:
            async with work(self.pool, self.announcer, None) as w:
                now = await steps.progress(w.conn, self.video_id, share)
                if now is not None:
                    w.emit(VideoProgressed(self.video_id, self.author_id, *now))
        except AWAY as error:
            log.info("%s: progress was not noted: %r", self.video_id, error)
