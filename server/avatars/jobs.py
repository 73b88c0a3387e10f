"""The job that looks at the picture an account sent: decoded in a child, cut square, stored in two sizes, shown."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from media import avatar, limits
from media.errors import Unreadable
from server.accounts.wire import AVATAR_EDGES, AVATARS
from server.avatars import queries
from server.avatars.actions import objects, photo_key, show
from server.avatars.wire import Wish
from server.kit.work import Work
from server.transcoding.jobs import IMMUTABLE, LeaseLost, Tools, under_lease
from server.videos.actions import STRAGGLER_SECONDS
from server.videos.queries import remove_objects
from server.videos.wire import Failure
from storage import job_trace, jobs
from storage.jobs import Lease
from storage.objects import ObjectMissing, StoreUnavailable


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
        await _tidy(self.tools, self.account_id, wish)

    async def _made(self, wish: Wish, name: str) -> avatar.Portrait:
        original, folder = self.folder / "in" / "picture", self.folder / "out"
        await asyncio.to_thread(original.parent.mkdir)
        await asyncio.to_thread(folder.mkdir)
        try:
            await self.tools.store.download(self.tools.raw_bucket, photo_key(self.account_id, wish.token), original)
        except ObjectMissing:
            raise Unreadable("it had to wait for too long; send it again") from None
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


async def fail(
    tools: Tools,
    lease: Lease,
    failure: Failure,
    *,
    passing: bool = False,  # noqa: ARG001 - as any kind's
    mark: str = "",  # noqa: ARG001 - as any kind's
) -> None:
    """The picture is refused, and what is shown stays as it was. Whoever still wants it sends it again: nothing is kept."""
    with suppress(LeaseLost):
        async with under_lease(tools, lease) as w:
            wish = await queries.wish(w.conn, lease.subject_id)
            if wish is not None and wish.state == "waiting":
                await queries.refused(w.conn, lease.subject_id, failure)
                prefix = objects(lease.subject_id, wish.token)
                await remove_objects(w.conn, lease.subject_id, "media", prefix, seconds=STRAGGLER_SECONDS)
            await job_trace.note(w.conn, lease, "failed", f"{failure.code}: {failure.detail}")
            await jobs.end(w.conn, lease, f"{failure.code}: {failure.detail}")
        if wish is not None:
            await _tidy(tools, lease.subject_id, wish)


async def _tidy(tools: Tools, account_id: UUID, wish: Wish) -> None:
    """Remove the picture that was sent; should the store be away it goes later."""
    with suppress(StoreUnavailable):
        await tools.store.delete(tools.raw_bucket, [photo_key(account_id, wish.token)])
