"""Pictures that somebody has wished for, and a job makes: how one is fetched that was sent, and how such a job ends otherwise."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from media.errors import Unreadable
from server.transcoding.jobs import LeaseLost, Tools, under_lease
from server.videos.actions import STRAGGLER_SECONDS
from server.videos.queries import remove_objects
from server.videos.wire import Failure
from storage import job_trace, jobs
from storage.jobs import Lease
from storage.objects import ObjectMissing, StoreUnavailable
from storage.postgres import Rows


class Wished(Protocol):
    """One wish; objects that are made of it are named after `token`."""

    @property
    def token(self) -> str: ...

    @property
    def state(self) -> str: ...


W = TypeVar("W", bound=Wished)


@dataclass(frozen=True, slots=True)
class Wishes(Generic[W]):
    """One kind of them.

    Attributes:
        find: the wish of a video or an account.
        refused: writes down that it cannot be, and why.
        objects: below this lies what is made of a wish, in the media bucket.
        photo: where the picture that was sent waits, in the raw bucket; None where none was.
    """

    find: Callable[[Rows, UUID], Awaitable[W | None]]
    refused: Callable[[Rows, UUID, Failure], Awaitable[None]]
    objects: Callable[[UUID, str], str]
    photo: Callable[[UUID, W], str | None]

    async def fetch(self, tools: Tools, subject_id: UUID, wish: W, path: Path) -> None:
        """Load the picture that was sent.

        Raises:
            Unreadable: it is gone.
        """
        key = self.photo(subject_id, wish)
        assert key is not None
        try:
            await tools.store.download(tools.raw_bucket, key, path)
        except ObjectMissing:
            raise Unreadable("it had to wait for too long; send it again") from None

    async def fail(
        self,
        tools: Tools,
        lease: Lease,
        failure: Failure,
        *,
        passing: bool = False,  # noqa: ARG002 - as any kind's
        mark: str = "",  # noqa: ARG002 - as any kind's
    ) -> None:
        """The wish is refused, and what is shown stays as it was. Whoever still wants it asks again, so that nothing is kept."""
        with suppress(LeaseLost):
            async with under_lease(tools, lease) as w:
                wish = await self.find(w.conn, lease.subject_id)
                if wish is not None and wish.state == "waiting":
                    await self.refused(w.conn, lease.subject_id, failure)
                    prefix = self.objects(lease.subject_id, wish.token)
                    await remove_objects(w.conn, lease.subject_id, "media", prefix, seconds=STRAGGLER_SECONDS)
                await job_trace.note(w.conn, lease, "failed", f"{failure.code}: {failure.detail}")
                await jobs.end(w.conn, lease, f"{failure.code}: {failure.detail}")
            if wish is not None:
                await self.tidy(tools, lease.subject_id, wish)

    async def tidy(self, tools: Tools, subject_id: UUID, wish: W) -> None:
        """Remove the picture that was sent; should the store be away it goes later."""
        if (key := self.photo(subject_id, wish)) is not None:
            with suppress(StoreUnavailable):
                await tools.store.delete(tools.raw_bucket, [key])
