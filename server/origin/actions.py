"""What may be served and to whom: open media of public videos, signed media of all others, pictures that accounts show."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from media import storyboard
from media.playlist import with_query
from server.accounts import queries as accounts
from server.accounts.wire import AVATAR_EDGES, AVATARS, avatar_url
from server.cards.actions import master_playlist
from server.keys import MediaSigner
from server.kit.errors import BadSignature, NotFound
from server.kit.invalidation import Invalidated, Invalidations
from server.origin.blocks import Blocks, Place
from server.origin.once import Once
from server.videos import queries as videos
from server.videos.wire import MediaState
from storage.objects import ObjectMissing
from storage.postgres import Pool, connection

STATE_SECONDS = 1.0
"""With the edge's own X-Accel-Expires this keeps a withdrawn object's last answer below five seconds."""
SIZE_SECONDS = 60.0
MAX_STATES = 50_000
MAX_MASTERS = 1_000
MAX_PLAYLIST_BYTES = 1_000_000
MASTER = "master.m3u8"
TYPES = {
    "audio.mp4": "audio/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".vtt": "text/vtt; charset=utf-8",
}
"""What is served at all, and as what: neither the object's own type nor anybody's guess."""
NOT_STORED = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Master:
    """Names one version of a master playlist: what was read before the video was final is not read again as final."""

    video_id: UUID
    generation: int
    final: bool


class Origin:
    """What this process knows of media."""

    def __init__(self, pool: Pool, blocks: Blocks, signer: MediaSigner, invalidations: Invalidations) -> None:
        self.blocks = blocks
        self._pool = pool
        self._signer = signer
        self._states: Once[UUID, MediaState | None] = Once("media state", self._state, STATE_SECONDS, MAX_STATES)
        self._sizes: Once[Place, int] = Once("size", blocks.ask_size, SIZE_SECONDS, MAX_STATES)
        self._masters: Once[Master, str] = Once("master playlist", self._master, STATE_SECONDS, MAX_MASTERS)
        self._avatars: Once[UUID, str] = Once("avatar", self._avatar, STATE_SECONDS, MAX_STATES)
        invalidations.listen(self._hear)

    async def close(self) -> None:
        """End what is under way."""
        await self._states.close()
        await self._sizes.close()
        await self._masters.close()
        await self._avatars.close()
        await self.blocks.close()

    async def open_to_all(self, video_id: UUID | None) -> MediaState:
        """The state of a public video that plays.

        Raises:
            BadSignature: there is none: hidden and unknown videos alike need a signature.
        """
        state = await self._states.get(video_id) if video_id else None
        if state is None or not state.plays or state.visibility != "public":
            raise BadSignature("These media need a signed URL.", headers=NOT_STORED)
        return state

    async def open_by_signature(self, video_id: UUID, expires: list[str], signature: list[str]) -> MediaState:
        """The state of a video whose media the signature opens.

        Raises:
            BadSignature: it is missing, wrong, repeated, or has expired.
            NotFound: the video is gone, or does not play.
        """
        if len(expires) != 1 or len(signature) != 1 or not self._signer.accepts(video_id, expires[0], signature[0]):
            raise BadSignature("This URL is not signed, was changed, or has expired.", headers=NOT_STORED)
        state = await self._states.get(video_id)
        if state is None or not state.plays:
            raise absent()
        return state

    async def avatar(self, account_id: UUID, name: str) -> Place:
        """Where a picture lies that an account shows, or showed so shortly ago that somebody may hold its URL.

        Raises:
            NotFound: it shows none, or this one is not there any more.
        """
        shown, where = await self._avatars.get(account_id), Place(AVATARS.format(account_id=account_id) + name)
        if f"/media/{where.key}" not in {avatar_url(account_id, shown, edge) for edge in AVATAR_EDGES}:
            try:
                await self.blocks.ask_size(where)
            except ObjectMissing:
                raise absent() from None
        return where

    async def master(self, video_id: UUID, generation: int, state: MediaState) -> str:
        """The master playlist as far as it goes; whether it is final is the state's to tell.

        Raises:
            NotFound: there is no stream of this generation.
        """
        return await self._masters.get(Master(video_id, generation, state.final))

    async def playlist(self, where: Place, query: str) -> str:
        """A stored playlist, or the cues of a storyboard, with the query at every address in it.

        Raises:
            NotFound.
        """
        try:
            size = await self.blocks.size(where)
            chunks = [chunk async for chunk in self.blocks.stream(where, 0, min(size, MAX_PLAYLIST_BYTES))]
        except ObjectMissing:
            raise absent() from None
        signed = storyboard.with_query if where.key.endswith(".vtt") else with_query
        return signed(b"".join(chunks).decode(), query)

    async def size(self, where: Place, *, reading: bool) -> int:
        """Bytes of a stored object; `reading` when its beginning is wanted too, which then tells it.

        Raises:
            NotFound.
        """
        try:
            return await (self.blocks.size(where) if reading else self._sizes.get(where))
        except ObjectMissing:
            raise absent() from None

    async def _state(self, video_id: UUID) -> MediaState | None:
        async with connection(self._pool) as conn:
            return await videos.media_state(conn, video_id)

    async def _avatar(self, account_id: UUID) -> str:
        async with connection(self._pool) as conn:
            shown = await accounts.avatar(conn, account_id)
        if shown is None:
            raise absent()  # which is not remembered: it may be there any moment
        return shown

    async def _master(self, wanted: Master) -> str:
        async with connection(self._pool) as conn:
            text = await master_playlist(conn, wanted.video_id, wanted.generation)
        if text is None:
            raise absent()  # which is not remembered: it may be there any moment
        return text

    def _hear(self, event: Invalidated) -> None:
        if event.kind == "video":
            self._states.forget(event.subject_id)


def absent() -> NotFound:
    """There is no such object."""
    return NotFound("There is no such object.", headers=NOT_STORED)


def etag_of(key: str) -> str:
    """An object never changes under its name, so that the name tells its version without asking the store.

    Of a video's it is the name below its own video: with which others it shares what is stored is nobody's business.
    """
    return f'"{hashlib.sha256(key.encode()).hexdigest()[:24]}"'
