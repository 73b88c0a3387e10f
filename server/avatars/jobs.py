"""The job that looks at the picture an account sent: decoded in a child, cut square, stored in two sizes, shown."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from media import avatar, limits
from server.accounts.wire import AVATAR_EDGES, AVATARS
from server.avatars import queries
from server.avatars.actions import objects, photo_key, show
from server.avatars.wire import Wish
from server.kit.work import Work
from server.transcoding.jobs import IMMUTABLE, Tools, under_lease
from server.transcoding.wishes import Wishes
from server.videos.actions import STRAGGLER_SECONDS
from server.videos.queries import remove_objects
from storage import job_trace, jobs
from storage.jobs import Lease

WISHES = Wishes(queries.wish, queries.refused, objects, lambda account_id, wish: photo_key(account_id, wish.token))


@dataclass(frozen=True, slots=True)
class AvatarMaking:
    """One start of the job of one picture, working in a folder that the caller removes."""

    tools: Tools
    lease: Lease
    folder: Path

    @property
    def account_id(self) -> UUID:
        return self.lease.subject_id

    async def run(self) -> None:
        """From the picture to what is shown.

        Raises:
            MediaError: it cannot be shown, or not now.
            LeaseLost: nobody waits for it any more.
            ConnectionError, TimeoutError and other signs of an outage: try again later.
        """
        async with under_lease(self.tools, self.lease) as w:
            wish = await queries.wish(w.conn, self.account_id)
            await job_trace.note(w.conn, self.lease, "started")
            if wish is None or wish.state != "waiting":
                await jobs.end(w.conn, self.lease)
                return
        name = f"{wish.token}-{self.lease.number}"
        portrait = await self._made(wish, name)
        store, bucket = self.tools.store, self.tools.media_bucket
        for file in portrait.files:
            key, path = f"{AVATARS.format(account_id=self.account_id)}{file.name}", self.folder / "out" / file.name
            await store.put_file(bucket, key, path, content_type=file.content_type, cache_control=IMMUTABLE)
        async with under_lease(self.tools, self.lease) as w:
            await self._shown(w, wish, name)
        await WISHES.tidy(self.tools, self.account_id, wish)

    async def _made(self, wish: Wish, name: str) -> avatar.Portrait:
        original, folder = self.folder / "in" / "picture", self.folder / "out"
        await asyncio.to_thread(original.parent.mkdir)
        await asyncio.to_thread(folder.mkdir)
        await WISHES.fetch(self.tools, self.account_id, wish, original)
        sent = avatar.Sent(input=str(original), folder=str(folder), name=name, edges=list(AVATAR_EDGES))
        return await self.tools.media.run(avatar.portrait, sent, limits=limits.STILL)

    async def _shown(self, w: Work, wish: Wish, name: str) -> None:
        for number in range(1, self.lease.number):  # what earlier starts may have stored
            stray = objects(self.account_id, f"{wish.token}-{number}")
            await remove_objects(w.conn, self.account_id, "media", stray, seconds=STRAGGLER_SECONDS)
        await show(w, self.account_id, name, self.tools.url_seconds)
        await queries.done(w.conn, self.account_id)
        await job_trace.note(w.conn, self.lease, "done")
        await jobs.end(w.conn, self.lease)
