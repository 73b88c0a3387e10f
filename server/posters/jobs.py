"""The job that makes the poster an author asked for: a moment of a rendition, or a picture of theirs, decoded in a child."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from media import cover, limits
from media.manifest import Still
from server.kit.work import Work
from server.posters import queries
from server.posters.actions import objects, photo_key, show
from server.posters.wire import Wish
from server.transcoding.jobs import IMMUTABLE, Tools, under_lease
from server.transcoding.wishes import Wishes
from server.videos.actions import PREFIX, STRAGGLER_SECONDS
from server.videos.queries import remove_objects
from server.videos.shared import key_of, of
from storage import job_trace, jobs
from storage.jobs import Lease

MOST_SOURCE_BYTES = 50_000_000
"""A rendition is fetched whole for one picture of it; larger ones are left aside."""


def _photo(video_id: UUID, wish: Wish) -> str | None:
    return None if wish.photo_sha256 is None else photo_key(video_id, wish.token)


WISHES = Wishes(queries.wish, queries.refused, objects, _photo)


@dataclass(frozen=True, slots=True)
class PosterMaking:
    """One start of the job of one wish, working in a folder that the caller removes."""

    tools: Tools
    lease: Lease
    folder: Path

    @property
    def video_id(self) -> UUID:
        return self.lease.subject_id

    async def run(self) -> None:
        """From the wish to the poster that is shown.

        Raises:
            MediaError: the picture cannot be a poster, or not now.
            LeaseLost: nobody waits for it any more.
            ConnectionError, TimeoutError and other signs of an outage: try again later.
        """
        async with under_lease(self.tools, self.lease) as w:
            wish = await queries.wish(w.conn, self.video_id)
            source = await queries.best_source(w.conn, self.video_id, MOST_SOURCE_BYTES)
            await job_trace.note(w.conn, self.lease, "started")
            if wish is None or source is None or wish.state != "waiting":
                await jobs.end(w.conn, self.lease)
                return
            shared = await of(w.conn, self.video_id)
        still = await self._made(wish, source, key_of(self.video_id, source.generation, source.name, shared))
        path = self.folder / "out" / still.poster.name
        key = f"{PREFIX.format(video_id=self.video_id)}0/{still.poster.name}"
        bucket = self.tools.media_bucket
        await self.tools.store.put_file(bucket, key, path, content_type="image/jpeg", cache_control=IMMUTABLE)
        async with under_lease(self.tools, self.lease) as w:
            await self._shown(w, wish, still)
        await WISHES.tidy(self.tools, self.video_id, wish)

    async def _made(self, wish: Wish, source: queries.Source, key: str) -> Still:
        original, folder = self.folder / "in" / "picture", self.folder / "out"
        await asyncio.to_thread(original.parent.mkdir)
        await asyncio.to_thread(folder.mkdir)
        name = f"poster-{wish.token}-{self.lease.number}.jpg"
        if wish.at_ms is None:
            await WISHES.fetch(self.tools, self.video_id, wish, original)
            photo = cover.Photo(input=str(original), folder=str(folder), width=source.width, height=source.height, name=name)
            return await self.tools.media.run(cover.poster_from, photo, limits=limits.STILL)
        await self.tools.store.download(self.tools.media_bucket, key, original)
        moment = cover.Moment(input=str(original), folder=str(folder), at_ms=wish.at_ms, name=name)
        return await self.tools.media.run(cover.poster_at, moment, limits=limits.STILL)

    async def _shown(self, w: Work, wish: Wish, still: Still) -> None:
        for number in range(1, self.lease.number):  # what earlier starts may have stored
            stray = f"{objects(self.video_id, wish.token)}{number}."
            await remove_objects(w.conn, self.video_id, "media", stray, seconds=STRAGGLER_SECONDS)
        shown = (f"0/{still.poster.name}", still.poster.thumbhash)
        await show(w, self.video_id, self.lease.account_id, shown, self.tools.url_seconds)
        await queries.done(w.conn, self.video_id)
        await job_trace.note(w.conn, self.lease, "done")
        await jobs.end(w.conn, self.lease)
