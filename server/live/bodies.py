"""The JSON of videos as they are now, read once for everybody who wants it at the same time."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

import msgspec

from server.cards.actions import Cards
from server.live.limits import BODIES_AT_ONCE, FRESH_SECONDS, MOST_BODIES
from server.videos.wire import PLAYS
from storage.postgres import AWAY, Pool, connection

log = logging.getLogger(__name__)


class Bodies:
    """A batching reader with a memory of about a second; `run` is a task of the process.

    One statement's batch is under way at a time: thousands who come back at once cost PostgreSQL a few reads.
    """

    def __init__(self, pool: Pool, cards: Cards) -> None:
        self._pool = pool
        self._cards = cards
        self._known: OrderedDict[UUID, tuple[float, bytes | None]] = OrderedDict()
        self._wanted: OrderedDict[UUID, asyncio.Future[bytes | None]] = OrderedDict()
        self._changed: set[UUID] = set()
        self._news = asyncio.Event()

    async def of(self, video_ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """Those of the videos that followers of their authors may see: they play, and are not private.

        Raises:
            one of `AWAY`: PostgreSQL cannot tell.
        """
        found: dict[UUID, bytes | None] = {}
        waiting: dict[UUID, asyncio.Future[bytes | None]] = {}
        now = asyncio.get_running_loop().time()
        for video_id in video_ids:
            at, body = self._known.get(video_id, (float("-inf"), None))
            if now - at < FRESH_SECONDS:
                found[video_id] = body
            else:
                waiting[video_id] = self._want(video_id)
        if waiting:
            await asyncio.wait(waiting.values())
        found |= {video_id: future.result() for video_id, future in waiting.items()}
        return {video_id: body for video_id, body in found.items() if body is not None}

    def put(self, video_id: UUID, body: bytes) -> None:
        """What somebody else has just read."""
        self._keep(video_id, body)

    def drop(self, video_id: UUID) -> None:
        """The video was hidden or changed: what is known, or is being read, is no longer so."""
        self._known.pop(video_id, None)
        self._changed.add(video_id)

    async def run(self) -> None:
        """Read what is wanted, batch after batch."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._wanted:
                await self._read_batch()

    def _want(self, video_id: UUID) -> "asyncio.Future[bytes | None]":
        if video_id not in self._wanted:
            self._wanted[video_id] = asyncio.get_running_loop().create_future()
            self._news.set()
        return self._wanted[video_id]

    async def _read_batch(self) -> None:
        asked = list(self._wanted)[:BODIES_AT_ONCE]
        self._changed.clear()
        try:
            async with connection(self._pool) as conn:
                videos = await self._cards.videos(conn, asked)
        except Exception as error:
            # Whatever it is, those who wait are told, and the loop goes on.
            if not isinstance(error, AWAY):
                log.exception("videos cannot be read")
            for video_id in asked:
                self._fail(self._wanted.pop(video_id), error)
            return
        for video_id in asked:
            if video_id in self._changed:
                continue  # it changed while we read: it stays wanted, for the next batch
            video = videos.get(video_id)
            shown = video is not None and video.status in PLAYS and video.visibility != "private"
            body = msgspec.json.encode(video) if shown else None
            self._keep(video_id, body)
            self._wanted.pop(video_id).set_result(body)

    @staticmethod
    def _fail(future: "asyncio.Future[bytes | None]", error: BaseException) -> None:
        future.set_exception(error)
        future.exception()  # whoever waited may have been cancelled: nobody need look at it

    def _keep(self, video_id: UUID, body: bytes | None) -> None:
        self._known[video_id] = (asyncio.get_running_loop().time(), body)
        self._known.move_to_end(video_id)
        if len(self._known) > MOST_BODIES:
            self._known.popitem(last=False)
