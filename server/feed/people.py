"""Profiles out of memory, and the newest videos of each: exact as the feed is, and by the same news."""

import time
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from server.accounts import queries as accounts
from server.accounts.actions import USERNAME
from server.cards.kept import KeptCards
from server.feed.readers import Readers
from server.feed.recents import DOUBT_SECONDS, Place, Recents
from server.kit.ids import parse_id
from server.kit.invalidation import Invalidated
from server.kit.memory import Memory
from server.kit.paging import DEFAULT_LIMIT
from server.profiles import actions as profiles
from server.videos import queries as videos
from server.videos.wire import Visibility
from storage.postgres import Pool, connection

MOST = 20_000
"""Profiles, names and lists: some 20 MB in all."""
AT_ONCE = 200
KEPT_SECONDS = 10.0
"""What changes is told, but for what goes with a deleted account."""
MOST_PUBLISHING = 10_000
VISIBLE: dict[bool, tuple[Visibility, ...]] = {False: ("public",), True: ("public", "followers")}

Shelf = tuple[UUID, bool]
"""The videos of an author that everybody sees, or that followers see."""
_encode = msgspec.json.Encoder().encode


class People:
    """The profiles and lists that one process has in memory."""

    def __init__(self, pool: Pool, readers: Readers, recents: Recents, cards: KeptCards) -> None:
        self._pool = pool
        self._readers = readers
        self._recents = recents
        self._cards = cards
        self._publishing: dict[UUID, float] = {}
        self.names: Memory[str, UUID] = Memory("names", self._read_names, MOST, AT_ONCE, _kept, lambda account_id: (account_id,))
        self.profiles: Memory[UUID, bytes] = Memory("profiles", self._read_profiles, MOST, AT_ONCE, _kept)
        self.shelves: Memory[Shelf, list[Place]] = Memory("lists of authors", self._read_shelves, MOST, AT_ONCE, _kept)

    def hear(self, event: Invalidated) -> None:
        """From the invalidations."""
        if event.kind in ("follow", "account", "video"):
            self.profiles.drop(event.account_id)
        if event.kind == "follow":
            self.profiles.drop(event.subject_id)
        if event.kind == "account":
            self.names.drop_tagged(event.account_id)
        if event.kind in ("account", "video"):
            self._unshelve(event.account_id)

    def publishing(self, author_id: UUID) -> None:
        """The author is about to publish: until that is heard of, or has failed, PostgreSQL is asked."""
        now = time.monotonic()
        if len(self._publishing) >= MOST_PUBLISHING:
            self._publishing = {one: until for one, until in self._publishing.items() if until > now}
        self._publishing[author_id] = now + DOUBT_SECONDS

    def published(self, author_id: UUID) -> None:
        """The author has published."""
        self._publishing.pop(author_id, None)
        self.profiles.drop(author_id)
        self._unshelve(author_id)

    def forget(self) -> None:
        """Nothing is to be believed."""
        for memory in (self.names, self.profiles, self.shelves):
            memory.clear()

    async def close(self) -> None:
        """End what is being read."""
        for memory in (self.names, self.profiles, self.shelves):
            await memory.close()

    def profile(self, viewer_id: UUID | None, id_or_username: str) -> bytes | None:
        """The profile as this viewer sees it, where all of it is here."""
        account_id = self._who(id_or_username)
        head = self.profiles.get(account_id) if account_id is not None else None
        if account_id is None or head is None:
            return None
        if viewer_id is None:
            return head + b"null}"
        follows = self._follows(viewer_id, account_id)
        return None if follows is None else head + (b'{"following":true}}' if follows else b'{"following":false}}')

    def videos(
        self, viewer_id: UUID | None, id_or_username: str, limit: int, cursor: Callable[[list[Place]], str | None]
    ) -> bytes | None:
        """The newest videos of somebody else that this viewer sees, where all of it is here."""
        author_id = self._who(id_or_username)
        if author_id is None or author_id == viewer_id or limit > DEFAULT_LIMIT:
            return None
        follows = self._follows(viewer_id, author_id) if viewer_id is not None else False
        places = self.shelves.get((author_id, follows)) if follows is not None else None
        reader = self._readers.known.get(viewer_id) if viewer_id is not None else None
        if places is None:
            return None
        found = []
        for _, video_id in places[:limit]:
            card = self._cards.alone(video_id, VISIBLE[bool(follows)])
            liked = reader.believed().get(video_id) if reader is not None else None
            if card is None or (reader is not None and liked is None):
                return None
            found.append(card[0] + _VIEWER[liked] + card[1])
        return b'{"items":[%b],"next_cursor":%b}' % (b",".join(found), _encode(cursor(places)))

    async def learn(self, viewer_id: UUID | None, id_or_username: str, *, videos: bool) -> None:
        """Read what `profile` or `videos` needs."""
        account_id = parse_id(id_or_username)
        if account_id is None and USERNAME.fullmatch(id_or_username):
            account_id = (await self.names.of([id_or_username.lower()])).get(id_or_username.lower())
        if account_id is None:
            return
        reader = (await self._readers.known.of([viewer_id])).get(viewer_id) if viewer_id is not None else None
        if not videos:
            await self.profiles.of([account_id])
            return
        follows = bool(viewer_id is not None and self._follows(viewer_id, account_id))
        places = (await self.shelves.of([(account_id, follows)])).get((account_id, follows), [])
        shown = [video_id for _, video_id in places[:DEFAULT_LIMIT]]
        await self._cards.of(shown)
        if viewer_id is not None and reader is not None:
            await self._readers.learn_liked(viewer_id, reader, shown)

    def _who(self, id_or_username: str) -> UUID | None:
        account_id = parse_id(id_or_username) or self.names.get(id_or_username.lower())
        if account_id is None or self._publishing.get(account_id, 0.0) > time.monotonic():
            return None
        return account_id

    def _follows(self, viewer_id: UUID, account_id: UUID) -> bool | None:
        """None where that is not known, or a block stands between the two."""
        reader = self._readers.known.get(viewer_id)
        if reader is None or reader.hides((account_id,)) or reader.generation != self._recents.generation:
            return None
        return account_id != viewer_id and self._recents.has(reader.authors, account_id)

    def _unshelve(self, author_id: UUID) -> None:
        for follows in (False, True):
            self.shelves.drop((author_id, follows))

    async def _read_names(self, names: Sequence[str]) -> Mapping[str, UUID]:
        async with connection(self._pool) as conn:
            return await accounts.ids_of_usernames(conn, names)

    async def _read_profiles(self, account_ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
        async with connection(self._pool) as conn:
            users = await profiles.users(conn, account_ids, None)
        return {user.id: _encode(replace(user, viewer=None)).removesuffix(b"null}") for user in users}

    async def _read_shelves(self, shelves: Sequence[Shelf]) -> Mapping[Shelf, list[Place]]:
        found: dict[Shelf, list[Place]] = {}
        async with connection(self._pool) as conn:
            for follows, visible in VISIBLE.items():
                authors = [author_id for author_id, followed in shelves if followed == follows]
                listed = await videos.recent_of_each(conn, authors, DEFAULT_LIMIT + 1, visible) if authors else {}
                found |= {(author_id, follows): places for author_id, places in listed.items()}
            # Last, so that who goes after it is heard of, and dropped.
            there = await accounts.get(conn, list({author_id for author_id, _ in shelves}))
        return {shelf: places for shelf, places in found.items() if shelf[0] in there}


_VIEWER = {None: b"null", True: b'{"liked":true}', False: b'{"liked":false}'}


def _kept(_: object) -> float:
    return KEPT_SECONDS
