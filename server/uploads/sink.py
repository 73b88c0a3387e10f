"""Takes the bytes of one request into the object store: whole parts while they arrive, what is left over as a tail.

S3 takes parts of 5 MiB and more, clients send requests of any size. So the rest of a request lies in an object of its own, a
tail, until later bytes fill it up to a part: every byte is written twice at the most, plus once for each level of tails that are
joined (FAN_IN of one level make one of the next). At most two parts are in memory: one being filled, one on its way; where
memory is short, what is there goes away early, as a tail.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from server.uploads import queries
from server.uploads.digest import Sha256
from server.uploads.gate import Gate
from server.uploads.tus import UploadExpired, UploadTooLarge
from server.uploads.wire import StoredPart, Tail, Upload
from server.videos.wire import Part, RawObject
from storage.objects import MAX_PARTS, PART_BYTES, ObjectStore, SentPart, StoreUnavailable
from storage.postgres import Pool, connection

FAN_IN = 8
SPILL_BYTES = 1024 * 1024
"""Less than this is not put away early."""
WAIT_SECONDS = 4.8
"""For a statement and its connection together."""
TIDY_SECONDS = 1.0
"""Deleting what is no longer needed may not hold up an answer; what stays is removed when the upload is forgotten."""
STORED_TYPE = "application/octet-stream"
"""Of every original: what a client says of its file is not believed (dependable.md, U9)."""

log = logging.getLogger(__name__)


class Overtaken(Exception):
    """Another request writes to the upload now: nothing of this one counts from here on."""


def originals(upload_id: UUID) -> str:
    """Below this lies what becomes the original."""
    return f"uploads/{upload_id}/"


def leftovers(upload_id: UUID) -> str:
    """Below this lie the tails."""
    return f"tails/{upload_id}/"


@dataclass(slots=True)
class _Sending:
    """A part on its way: what counts once it has arrived."""

    task: "asyncio.Task[SentPart]"
    size: int
    offset: int
    state: bytes


class Sink:
    """The bytes of one request, in order. Use it as a context: leaving it ends whatever is on its way.

    Args:
        store: where the bytes go.
        bucket: the raw bucket.
        gate: shared by all sinks of this process.
        pool: where it is counted which of them are safe.
        upload: as it stood when this request became its writer.
        max_bytes: of the whole upload.
        provisional: count nothing before `keep` or `complete`, because a checksum has to hold first.
    """

    def __init__(
        self, store: ObjectStore, bucket: str, gate: Gate, pool: Pool, upload: Upload, max_bytes: int, *, provisional: bool
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._gate = gate
        self._pool = pool
        self._upload = upload
        self._limit = max_bytes if upload.length is None else upload.length
        self._provisional = provisional
        self._hash = Sha256(upload.state)
        self._multipart = upload.multipart_id
        self._parts = list(upload.parts)
        self._tails = list(upload.tails)
        self._superseded: list[str] = []
        self._made: list[str] = []
        self._tails_made = 0
        self._chunks: list[bytes] = []
        self._held = 0
        self._sending: _Sending | None = None
        self.offset = upload.offset

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._sending is not None:
            self._sending.task.cancel()
            await asyncio.gather(self._sending.task, return_exceptions=True)
        self._gate.release(self._held)

    @property
    def sha256(self) -> bytes:
        """Of all bytes so far, those of earlier requests too."""
        return self._hash.digest()

    async def write(self, data: bytes) -> None:
        """Take the next bytes; returns when there is room for more.

        Raises:
            UploadTooLarge: there are more than there may be.
            Overtaken: another request writes now.
            ConnectionError and other signs of an outage: what was not counted is lost.
        """
        if self.offset + len(data) > self._limit:
            raise UploadTooLarge(f"More than {self._limit} bytes.")
        while data:
            room = PART_BYTES - self._tail_bytes() - self._held
            piece, data = data[:room], data[room:]
            self._hash.update(piece)
            self._chunks.append(piece)
            self._held += len(piece)
            self._gate.hold(len(piece))
            self.offset += len(piece)
            if len(piece) == room:
                await self._send_part()
            elif self._gate.crowded and self._held >= SPILL_BYTES:
                await self._spill()

    async def keep(self) -> None:
        """Make everything so far safe, and count it.

        Raises:
            As `write`.
        """
        await self._arrived()
        if self._held:
            await self._put_tail()
        if self.offset != self._upload.offset:
            await self._commit(self.offset, self._hash.state())

    async def complete(self) -> RawObject:
        """After the last byte: everything is in the store as one object, or as all the parts of one. Counting it is the caller's.

        Raises:
            As `write`.
        """
        await self._arrived()
        if self._multipart is None:
            # The number of the writer keeps requests that race for the end from overwriting each other's object.
            key = f"{originals(self._upload.id)}{self._upload.writer}"
            await self._put(key, self._tails)
            self._superseded += [tail.key for tail in self._tails]
            return RawObject(key, None, [], self.offset)
        if self._held or self._tails:
            await self._send_part()
            await self._arrived(last=True)
        parts = [Part(part.number, part.etag) for part in self._parts]
        return RawObject(self._parts_key, self._multipart, parts, self.offset)

    async def tidy(self) -> None:
        """Delete tails that count no more, if that goes quickly."""
        gone, self._superseded = self._superseded, []
        await self._delete(gone)

    async def disown(self) -> None:
        """Delete what this request stored and what will never count, if that goes quickly."""
        await self._delete(self._made)

    async def _delete(self, keys: Sequence[str]) -> None:
        if keys:
            with suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(TIDY_SECONDS):
                    await self._store.delete(self._bucket, keys)

    @property
    def _parts_key(self) -> str:
        return f"{originals(self._upload.id)}parts"

    def _tail_bytes(self) -> int:
        return sum(tail.bytes for tail in self._tails)

    async def _send_part(self) -> None:
        """Begin to send tails and buffer as a part, after the one on its way has arrived."""
        await self._arrived()
        tails, self._tails = self._tails, []
        chunks, size = self._chunks, self._held
        self._chunks, self._held = [], 0
        self._superseded += [tail.key for tail in tails]
        task = asyncio.create_task(self._part(tails, chunks), name=f"upload {self._upload.id} to {self.offset}")
        # Not in the task itself, which may be cancelled before it begins.
        task.add_done_callback(lambda _: self._gate.release(size))
        self._sending = _Sending(task, sum(tail.bytes for tail in tails) + size, self.offset, self._hash.state())

    async def _part(self, tails: Sequence[Tail], chunks: list[bytes]) -> SentPart:
        async with self._gate.writing():
            number, multipart = await self._reserve()
            content = await self._joined(tails, chunks)
            return await self._store.upload_part(self._bucket, self._parts_key, multipart, number, content)

    async def _arrived(self, *, last: bool = False) -> None:
        """Wait for the part on its way and count it, unless counting it is left for later."""
        if self._sending is None:
            return
        sent, sending = await self._sending.task, self._sending
        self._sending = None
        self._parts.append(StoredPart(sent.number, sent.etag, sending.size))
        # The last byte is counted only together with the video that it completes.
        if not (last or self._provisional or sending.offset == self._upload.length):
            await self._commit(sending.offset, sending.state)
            await self.tidy()

    async def _spill(self) -> None:
        """Put away what is in memory, and count it unless that is left for later."""
        await self._arrived()
        if self._held:
            await self._put_tail()
            if not self._provisional and self.offset != self._upload.length:
                await self._commit(self.offset, self._hash.state())
                await self.tidy()

    async def _put_tail(self) -> None:
        joined: list[Tail] = []
        level = 0
        while len(group := self._tails[-(FAN_IN - 1) :]) == FAN_IN - 1 and all(tail.level == level for tail in group):
            joined = group + joined
            del self._tails[-(FAN_IN - 1) :]
            level += 1
        size = sum(tail.bytes for tail in joined) + self._held
        self._tails_made += 1
        key = f"{leftovers(self._upload.id)}{self._upload.writer}.{self._tails_made}"
        await self._put(key, joined)
        self._superseded += [tail.key for tail in joined]
        self._tails.append(Tail(key, level, size))

    async def _put(self, key: str, tails: Sequence[Tail]) -> None:
        """Store these tails and the buffer, which is empty then, as one object."""
        self._made.append(key)
        async with self._gate.writing():
            content = await self._joined(tails, self._chunks)
            await self._store.put(self._bucket, key, content, content_type=STORED_TYPE)
        self._gate.release(self._held)
        self._held = 0

    async def _joined(self, tails: Sequence[Tail], chunks: list[bytes]) -> bytes:
        """All of it in one piece; the chunks are gone then, so that they are not in memory twice."""
        earlier = [await self._store.read(self._bucket, tail.key) for tail in tails]
        content = b"".join([*earlier, *chunks])
        chunks.clear()
        return content

    async def _reserve(self) -> tuple[int, str]:
        """A part number that nobody had, and the multipart upload."""
        fresh = None
        if self._multipart is None:
            fresh = await self._store.create_multipart(self._bucket, self._parts_key, content_type=STORED_TYPE)
        async with asyncio.timeout(WAIT_SECONDS), connection(self._pool) as conn:
            reserved = await queries.reserve_part(conn, self._upload, fresh)
        if fresh is not None and (reserved is None or reserved[1] != fresh):
            await self._store.abort_multipart(self._bucket, self._parts_key, fresh)
        if reserved is None:
            raise Overtaken
        if reserved[0] > MAX_PARTS:
            raise UploadExpired("This upload was begun anew too often; make another one.")
        self._multipart = reserved[1]
        return reserved

    async def _commit(self, offset: int, state: bytes) -> None:
        async with asyncio.timeout(WAIT_SECONDS), connection(self._pool) as conn:
            counted = await queries.commit(conn, self._upload, offset, self._parts, self._tails, state)
        if not counted:
            raise Overtaken
        self._made = []
