"""Those who make things happen: authors publish, hide and delete; followers change whom they follow."""

import asyncio
import random
from collections.abc import Sequence
from uuid import UUID

from bench.people import publish, unpublished
from soak.history import Deed, Did, Followed, History, Numbered
from soak.people import PATIENCE_SECONDS, PAUSE_SECONDS, Person
from storage.postgres import AWAY, Pool, connection

BETWEEN_SECONDS = (0.05, 0.8)
"""An author's pauses."""
FICKLE_SECONDS = (0.3, 2.5)
"""The pauses of somebody who follows and stops following."""
HIDES, DELETES = 0.06, 0.06
"""How likely an author does this with one of his videos after a publication."""

FOLLOWS = 0.6
"""How often a change is a follow."""

WAITING = "SELECT count(*) FROM publication WHERE author_id = ANY($1) AND seq IS NULL"
NUMBERED = "SELECT author_id, video_id, seq FROM publication WHERE author_id = ANY($1) AND seq IS NOT NULL ORDER BY seq"
FOLLOWED = "SELECT account_id, author_id FROM following WHERE account_id = ANY($1)"


class Author:
    """Publishes as the worker does, in one transaction with the row of the log; everything else he does over HTTP."""

    def __init__(self, person: Person, pool: Pool, history: History, chance: random.Random) -> None:
        self._pool = pool
        self._history = history
        self._chance = chance
        self._shown: list[str] = []
        self.person = person

    async def run(self) -> None:
        """Publish, until cancelled."""
        while True:
            self._shown.append(await self.publish())
            if self._chance.random() < HIDES:
                await self._put_away("hide")
            if self._shown and self._chance.random() < DELETES:
                await self._put_away("delete")
            await asyncio.sleep(self._chance.uniform(*BETWEEN_SECONDS))

    async def publish(self) -> str:
        """One more video; its id."""
        began = self._history.now
        video: UUID | None = None
        known = False
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not known:
                    try:
                        if video is None:
                            video = await unpublished(self._pool, self._id)
                            began = self._history.now
                        await publish(self._pool, self._id, video)  # as often as it takes: it publishes once
                        known = True
                    except AWAY:
                        await asyncio.sleep(PAUSE_SECONDS)
        finally:
            if video is not None:
                self._history.note(Did(self.person.id, "publish", str(video), began, self._history.now if known else None))
        return str(video)

    @property
    def _id(self) -> UUID:
        return UUID(self.person.id)

    async def _put_away(self, deed: Deed) -> None:
        """Hide or delete a video that was shown a while ago, or this very moment."""
        video = self._shown.pop(self._chance.randrange(len(self._shown)))
        if deed == "hide":
            await self.person.surely(deed, video, "PATCH", f"/videos/{video}", json={"visibility": "private"})
        else:
            await self.person.surely(deed, video, "DELETE", f"/videos/{video}")


async def fickle(person: Person, authors: Sequence[Person], chance: random.Random) -> None:
    """Follow and stop following some authors, until cancelled."""
    while True:
        author = chance.choice(authors)
        if chance.random() < FOLLOWS:
            await person.surely("follow", author.id, "PUT", f"/me/following/{author.id}")
        else:
            await person.surely("unfollow", author.id, "DELETE", f"/me/following/{author.id}")
        await asyncio.sleep(chance.uniform(*FICKLE_SECONDS))


async def waiting(pool: Pool, ids: Sequence[UUID]) -> int:
    """How many publications of these accounts wait for their number."""
    async with connection(pool) as conn:
        found: int = await conn.fetchval(WAITING, ids)
    return found


async def truth(pool: Pool, ids: Sequence[UUID], history: History) -> None:
    """Write down what PostgreSQL has of these accounts in the end."""
    async with connection(pool) as conn:
        for row in await conn.fetch(NUMBERED, ids):
            history.note(Numbered(str(row["author_id"]), str(row["video_id"]), row["seq"]))
        for row in await conn.fetch(FOLLOWED, ids):
            history.note(Followed(str(row["account_id"]), str(row["author_id"])))
