"""The following feed out of memory: pulled when it is read from what those one follows have published, ready-made cards and all.

PostgreSQL is asked for what is missing, a fixed number of statements for all who miss something at the same time, and for all
of it while this process does not hear what it must not believe any more.
"""

import time
from collections.abc import AsyncIterator, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec
from aiohttp import web

from server.cards.actions import CARDS
from server.cards.kept import Card, KeptCards, joined, with_bandwidth
from server.comments.wire import Commented
from server.feed import actions
from server.feed.people import People
from server.feed.readers import Newest, Reader, Readers
from server.feed.recents import Place, Recents
from server.feed.wire import PRELOAD
from server.kit.invalidation import INVALIDATIONS, Invalidated, Invalidations
from server.kit.paging import EPOCH, FIRST, After
from server.kit.request import POOL, SETTINGS
from server.kit.tasks import running
from server.likes.wire import Liked, Unliked
from server.videos.wire import VideoPublishing, Visibility
from storage.postgres import Pool, connection

TRIES = 3
"""So often what was read may be out of date before it is shown; then PostgreSQL is asked for the page."""

SHOWN: tuple[Visibility, ...] = ("public", "followers")
"""To whoever follows."""

Cursor = Callable[[After], str]
_encode = msgspec.json.Encoder().encode
_PRELOAD = _encode(PRELOAD)
_TRUTH = {True: b"true", False: b"false"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of a feed.

    Attributes:
        limit: so many items at the most.
        after: where the page before ended.
        bandwidth: bit/s that the client has, if it said so.
    """

    limit: int
    after: After
    bandwidth: int | None


class FeedMemory:
    """What one process has in memory of feeds.

    Attributes:
        recents: what authors have published.
        readers: who reads.
        people: whose profiles are read.
        heard_up_to: the position up to which publications were told to `recents`, if they are told at the moment.
    """

    def __init__(self, pool: Pool, cards: KeptCards, invalidations: Invalidations) -> None:
        self._pool = pool
        self._cards = cards
        self._invalidations = invalidations
        self.recents = Recents(pool)
        self.readers = Readers(pool, self.recents.number)
        self.people = People(pool, self.readers, self.recents, cards)
        self.heard_up_to: Callable[[], str | None] = lambda: None

    def position(self) -> str | None:
        """Up to where publications have been heard of here; None where memory must not be believed now."""
        return self.heard_up_to() if self._invalidations.fresh else None

    def hear(self, event: Invalidated) -> None:
        """From the invalidations."""
        self._cards.hear(event)
        self.readers.hear(event)
        self.people.hear(event)
        if event.kind in ("video", "account"):
            self.recents.changed(event.account_id)

    def forget(self) -> None:
        """Nothing is to be believed."""
        self._cards.forget()
        self.readers.known.clear()
        self.people.forget()
        self.recents.forget()

    def tap(self, event: msgspec.Struct) -> None:
        """Something was done in this process: whoever did it sees it at once."""
        match event:
            case VideoPublishing(author_id):
                self.recents.publishing(author_id)
                self.people.publishing(author_id)
            case Commented(comment):
                self._cards.commented(comment.video_id)
            case Liked(video_id=video_id, account_id=account_id) | Unliked(video_id=video_id, account_id=account_id):
                self._cards.moved(video_id)
                self.readers.touched([account_id])

    def published(self, author_id: UUID) -> None:
        """A publication of this author was applied."""
        self.recents.published(author_id)
        self.people.published(author_id)

    def touched(self, commented: Iterable[UUID], liked: Iterable[UUID], account_ids: Iterable[UUID]) -> None:
        """Videos were commented on, and liked by these accounts or not any more, in another process."""
        for video_id in commented:
            self._cards.commented(video_id)
        for video_id in liked:
            self._cards.moved(video_id)
        self.readers.touched(account_ids)

    def missed(self) -> None:
        """Some may have commented or liked unheard; nothing else is told by the broker alone."""
        self._cards.missed()
        self.readers.missed()

    async def close(self) -> None:
        """End what is being read."""
        await self.readers.known.close()
        await self.people.close()
        await self.recents.close()

    def now(self, account_id: UUID, limit: int, position: str, cursor: Cursor) -> bytes | None:
        """The first page, where all of it is in memory. `position` as in `page`."""
        reader = self.readers.known.get(account_id)
        newest = self._newest(reader, limit, cursor) if reader is not None else None
        if reader is None or newest is None:
            return None
        at, card, liked = time.monotonic(), self._cards.now, reader.believed()
        hides = reader.hides if reader.hidden is None or reader.hidden else None
        items = []
        for _, video_id in newest.places[:limit]:
            whole = card(video_id, at)
            if whole is None or video_id not in liked or (hides and hides(whole.commenters)):
                return None
            items.append(b'%b{"liked":%b}%b' % (whole.before, _TRUTH[liked[video_id]], whole.behind))
        return _page(b",".join(items), newest.cursor, position)

    async def page(self, account_id: UUID, asked: Asked, position: str, cursor: Cursor) -> bytes:
        """The page, with what is missing read.

        Args:
            account_id: whose feed.
            asked: which page of it.
            position: as `position()` has just told.
            cursor: writes the cursor of the next page.

        Raises:
            one of `AWAY`: what is missing cannot be read.
        """
        reader = await self._reader(account_id)
        places, following = await self._places(account_id, reader, asked, cursor)
        items = await self.items([i for _, i in places], account_id, asked.bandwidth, reader)
        return _page(items, following, position)

    async def items(
        self, video_ids: Sequence[UUID], viewer_id: UUID | None, bandwidth: int | None, reader: Reader | None = None
    ) -> bytes:
        """JSON of the items of a feed, with commas between, without those that others must not see any more."""
        return b",".join((await self.each(video_ids, viewer_id, bandwidth, SHOWN, reader)).values())

    async def each(
        self,
        video_ids: Sequence[UUID],
        viewer_id: UUID | None,
        bandwidth: int | None,
        visible: Container[Visibility],
        reader: Reader | None = None,
    ) -> dict[UUID, bytes]:
        """JSON of each item that is so visible, in this order."""
        cards = {i: card for i, card in (await self._cards.of(video_ids)).items() if card.face.item.visibility in visible}
        if viewer_id is None:
            return _items(video_ids, cards, {}, bandwidth)
        reader = reader or await self._reader(viewer_id)
        if hiding := [i for i, card in cards.items() if reader.hides(card.newest.commenters)]:
            own = await self._cards.newest_seen_by(viewer_id, hiding)
            cards |= {i: cards[i]._replace(newest=own[i]) for i in hiding}
        return _items(video_ids, cards, await self.readers.learn_liked(viewer_id, reader, video_ids), bandwidth)

    def _newest(self, reader: Reader, limit: int, cursor: Cursor) -> Newest | None:
        recents, known = self.recents, reader.newest
        if reader.generation != recents.generation:
            return None
        if known is not None and known.version == recents.version and known.limit == limit:
            return known
        places = recents.newest(reader.authors, limit + 1)
        if places is not None:
            reader.newest = Newest(recents.version, limit, places, next_cursor(places, limit, cursor))
            return reader.newest
        return None

    async def _reader(self, account_id: UUID) -> Reader:
        reader = (await self.readers.known.of([account_id]))[account_id]
        if reader.generation != self.recents.generation:
            self.readers.known.drop(account_id)
            reader = (await self.readers.known.of([account_id]))[account_id]
        return reader

    async def _places(self, account_id: UUID, reader: Reader, asked: Asked, cursor: Cursor) -> tuple[list[Place], str | None]:
        if asked.after == FIRST:
            for _ in range(TRIES):
                newest = self._newest(reader, asked.limit, cursor)
                if newest is not None:
                    return newest.places[: asked.limit], newest.cursor
                if reader.generation == self.recents.generation:
                    await self.recents.learn(reader.authors, asked.limit + 1)
        async with connection(self._pool) as conn:
            listed = await actions.following(conn, account_id, asked.after, asked.limit + 1)
        places = [((one.at - EPOCH) // timedelta(microseconds=1), one.video_id) for one in listed]
        return places[: asked.limit], next_cursor(places, asked.limit, cursor)


FEED_MEMORY: web.AppKey[FeedMemory] = web.AppKey("feed_memory", FeedMemory)


async def feed_memory(app: web.Application) -> AsyncIterator[None]:
    """The memory of a process; who takes the log tells it of publications."""
    invalidations, pool = app[INVALIDATIONS], app[POOL]
    cards = KeptCards(pool, app[CARDS], app[SETTINGS].media_url_seconds)
    app[FEED_MEMORY] = memory = FeedMemory(pool, cards, invalidations)
    invalidations.listen(memory.hear)
    invalidations.on_lost(memory.forget)
    async with running("kept cards", cards.run()):
        yield
    await memory.close()
    await cards.close()


def _items(
    video_ids: Sequence[UUID], cards: Mapping[UUID, Card], liked: Mapping[UUID, bool], bandwidth: int | None
) -> dict[UUID, bytes]:
    found = {}
    for video_id in video_ids:
        card = cards.get(video_id)
        if card is not None and card.face.shown:
            before, behind = joined(card, card.face.head if bandwidth is None else with_bandwidth(card.face, bandwidth))
            viewer = b"null" if video_id not in liked else b'{"liked":%b}' % _TRUTH[liked[video_id]]
            found[video_id] = before + viewer + behind
    return found


def next_cursor(places: Sequence[Place], limit: int, cursor: Cursor) -> str | None:
    """Of the page after, where there is one."""
    if len(places) <= limit:
        return None
    at, video_id = places[limit - 1]
    return cursor(After(EPOCH + timedelta(microseconds=at), video_id))


def _page(items: bytes, cursor: str | None, position: str) -> bytes:
    told = b'"%b"' % cursor.encode() if cursor is not None else b"null"
    return b'{"items":[%b],"next_cursor":%b,"position":"%b","preload":%b}' % (items, told, position.encode(), _PRELOAD)
