"""Liking and taking back: what many do at once is one transaction of a fixed number of statements."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

from aiohttp import web

from server.counts import queries as counts
from server.counts.wire import Change
from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.commits import PATIENT, Commits
from server.kit.deadline import SECONDS
from server.kit.errors import Refusal
from server.kit.request import nothing_there
from server.kit.work import Announcer, Work, work
from server.likes import queries
from server.likes.wire import Liked, Unliked
from server.videos import actions as videos
from server.videos import among
from server.videos.among import Seen
from server.videos.wire import VideoHead
from storage.postgres import Pool

AT_ONCE = 1000
"""Likes that are one transaction, at the most."""

Done: TypeAlias = Literal["done", "busy"]
"""What comes of a like: it is as was wished, or its video is being changed or deleted at this moment."""


class Wish(NamedTuple):
    """Somebody wants to like a video, or not to like it any more."""

    account_id: UUID
    video_id: UUID
    liked: bool


class Liking:
    """One for each process."""

    def __init__(self, pool: Pool, announcer: Announcer) -> None:
        self._pool = pool
        self._announcer = announcer
        self._patience = asyncio.Semaphore(PATIENT)
        self._commits: Commits[Wish, Done] = Commits("likes", pool, announcer, self._do, AT_ONCE)

    async def close(self) -> None:
        """End what runs."""
        await self._commits.close()

    async def like(self, account_id: UUID, video_id: UUID) -> None:
        """Like a video; liking it again changes nothing. It is committed when this returns.

        Raises:
            NotFound: the video is absent, or not visible to the account.
            NotPlayable: it is the account's own, and does not play.
        """
        await self._wish(Wish(account_id, video_id, liked=True))

    async def unlike(self, account_id: UUID, video_id: UUID) -> None:
        """Take a like back; taking back what is not there is fine. Raises as `like`."""
        await self._wish(Wish(account_id, video_id, liked=False))

    async def _wish(self, wish: Wish) -> None:
        done = await self._commits.put(wish)
        if done == "busy":
            async with asyncio.timeout(SECONDS), self._patience, work(self._pool, self._announcer, wish.account_id) as w:
                (done,) = await self._do(w, [wish], wait=True)
        if isinstance(done, BaseException):
            raise done

    async def _do(self, w: Work, wishes: Sequence[Wish], *, wait: bool = False) -> Sequence[Done | Refusal]:
        seen = await among.seen(w.conn, [(wish.video_id, wish.account_id) for wish in wishes], wait=wait)
        done = [_decided(one) for one in seen]
        # Of several wishes about the same like the last one holds.
        wanted = {(wish.video_id, wish.account_id): wish.liked for wish, what in zip(wishes, done, strict=True) if what == "done"}
        liked = await queries.insert(w.conn, [pair for pair, on in wanted.items() if on])
        unliked = await queries.delete(w.conn, [pair for pair, on in wanted.items() if not on])
        more = Counter(video_id for video_id, _ in liked)
        more.subtract(video_id for video_id, _ in unliked)
        await counts.append(w.conn, [Change(video_id, "like", n) for video_id, n in more.items() if n])
        heads = {one.video.id: one.video for one in seen if one.video}
        await deeds.keep(w.conn, *(Deed(heads[video].author_id, "like", video, account) for video, account in liked))
        _tell(w, heads, liked, unliked)
        return done


def _decided(seen: Seen) -> Done | Refusal:
    if seen.busy:
        return "busy"
    if seen.video is None:
        return nothing_there()
    try:
        videos.require_playable(seen.video)
    except Refusal as refusal:
        return refusal
    return "done"


def _tell(
    w: Work, heads: dict[UUID, VideoHead], liked: Sequence[tuple[UUID, UUID]], unliked: Sequence[tuple[UUID, UUID]]
) -> None:
    for video_id, account_id in liked:
        w.emit(Liked(video_id, heads[video_id].author_id, account_id))
    for video_id, account_id in unliked:
        w.emit(Unliked(video_id, account_id))


LIKING: web.AppKey[Liking] = web.AppKey("liking", Liking)
