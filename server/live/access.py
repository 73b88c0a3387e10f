"""Who may still see what they watch, once somebody blocks somebody or a video changes: nothing is shown until that is known."""

import asyncio
import logging
import random
from collections.abc import Sequence
from uuid import UUID

from server.kit.invalidation import Invalidated
from server.live import changes
from server.live.hub import Hub
from server.live.limits import RETRY_LAST_SECONDS
from server.live.presence import Audience
from server.live.rounds import Rounds
from server.live.watchers import Watched
from server.sight import queries as sight
from server.videos import queries as videos
from server.videos.wire import VideoHead
from storage.postgres import AWAY, Pool, connection

log = logging.getLogger(__name__)

Pair = tuple[UUID, UUID]
"""An account that is online here, and another one."""


class Access:
    """Settles blocks and videos in batches; `run` is a task of the process. Follows are the matter of `Doubts`.

    An account that has blocked somebody, or was blocked, sees nothing of the other from the moment this process hears of it;
    should the block have ended, again once that is known.
    """

    def __init__(self, pool: Pool, hub: Hub, rounds: Rounds) -> None:
        self._pool = pool
        self._hub = hub
        self._rounds = rounds
        self._pairs: dict[Pair, None] = {}
        self._videos: dict[UUID, None] = {}
        self._news = asyncio.Event()

    def hear(self, event: Invalidated) -> None:
        """From the invalidations."""
        if event.kind == "block":
            self._blocked(event.account_id, event.subject_id)
        elif event.kind == "video":
            self._changed(event.subject_id)

    def _blocked(self, account_id: UUID, other_id: UUID) -> None:
        audience = self._hub.presence.audience(account_id)
        if audience is None:
            return
        audience.changes += 1
        for session in audience.sessions:
            session.forget_about(other_id)
        if audience.hidden is not None:  # else whoever loads them will see that there was a change
            audience.hidden.add(other_id)
            self._pairs[account_id, other_id] = None
            self._news.set()

    def _changed(self, video_id: UUID) -> None:
        watched = self._hub.watchers.get(video_id)
        if watched is None:
            return
        watched.changes += 1
        watched.doubtful = True
        self._videos[video_id] = None
        self._news.set()

    async def run(self) -> None:
        """Settle what comes; while PostgreSQL is away nothing more is shown."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._pairs or self._videos:
                pairs, ids = list(self._pairs), list(self._videos)
                self._pairs.clear()
                self._videos.clear()
                try:
                    await self._settle(pairs, ids)
                except Exception as error:
                    log.warning("who may see what cannot be read: %r", error, exc_info=not isinstance(error, AWAY))
                    self._pairs |= dict.fromkeys(pairs)
                    self._videos |= dict.fromkeys(ids)
                    await asyncio.sleep(random.uniform(0.5, 1) * RETRY_LAST_SECONDS)  # noqa: S311 - jitter

    async def _settle(self, pairs: Sequence[Pair], video_ids: Sequence[UUID]) -> None:
        async with connection(self._pool) as conn:
            hidden = await sight.hidden_pairs(conn, pairs) if pairs else set()
            heads = {head.id: head for head in await videos.heads(conn, video_ids)} if video_ids else {}
        for pair in pairs:
            if pair not in self._pairs:  # else it has changed again meanwhile, and the next round knows
                self._settle_pair(*pair, hidden=pair in hidden)
        for video_id in video_ids:
            watched = self._hub.watchers.get(video_id)
            if video_id not in self._videos and watched is not None:
                self._settle_video(watched, heads.get(video_id))

    def _settle_pair(self, account_id: UUID, other_id: UUID, *, hidden: bool) -> None:
        audience = self._hub.presence.audience(account_id)
        if audience is None or audience.hidden is None:
            return  # everybody has left, and perhaps come anew
        if not hidden:
            audience.hidden.discard(other_id)
            return
        for watched in self._of(audience):
            if watched.author_id == other_id:
                self._end(watched, audience)

    def _settle_video(self, watched: Watched, head: VideoHead | None) -> None:
        if head is not None:
            watched.found(head)
        for audience in {watcher.audience for watcher in watched.watchers.values()}:
            if head is None or not ((head.plays and watched.shown_to(audience)) or _unsure(watched, audience)):
                self._end(watched, audience)
        self._rounds.settled(watched)

    def unfollowed(self, audience: Audience, author_id: UUID) -> None:
        """From the doubts: this author is followed no longer."""
        for watched in self._of(audience):
            if watched.author_id == author_id and watched.visibility == "followers":
                self._end(watched, audience)

    def _of(self, audience: Audience) -> list[Watched]:
        """What the account watches here."""
        ids = {video_id for session in audience.sessions for video_id in session.watching}
        return [watched for video_id in ids if (watched := self._hub.watchers.get(video_id)) is not None]

    def _end(self, watched: Watched, audience: Audience) -> None:
        self._hub.watchers.end(watched, audience, changes.removed(watched.id))


def _unsure(watched: Watched, audience: Audience) -> bool:
    """Whether it is only not known yet: its follow is in doubt, or it has not begun to watch, and is being asked about."""
    return audience.hidden is None or (watched.visibility == "followers" and watched.author_id in audience.doubts)
