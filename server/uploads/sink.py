"""Takes the bytes of one request into the object store: whole parts while they arrive, what is left over as a tail.

S3 takes parts of 5 MiB and more, clients send requests of any size. So the rest of a request lies in an object of its own, a
tail, until later bytes fill it up to a part: every byte is written twice at the most, plus once for each level of tails that are
joined (FAN_IN of one level make one of the next). At most two parts are in memory: one being filled, one on its way.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from types import TracebackType
from typing import Self
from uuid import UUID

from server.uploads import queries
from server.uploads.digest import Sha256
from server.uploads.tus import UploadExpired, UploadTooLarge
from server.uploads.wire import StoredPart, Tail, Upload
from server.videos.wire import Part, RawObject
from storage.objects import MAX_PARTS, PART_BYTES, ObjectStore, SentPart, StoreUnavailable
from storage.postgres import Pool, connection

FAN_IN = 16
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
        pool: where it is counted which of them are safe.
        upload: as it stood when this request became its writer.
        max_bytes: of the whole upload.
        provisional: count nothing before `keep` or `complete`, because a checksum has to hold first.
    """

    def __init__(
        self, store: ObjectStore, bucket: str, pool: Pool, upload: Upload, max_bytes: int, *, provisional: bool = False
    ) -> None:
        self._store = store
        self._bucket = bucket
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
        self._buffer = BytesIO()
        self._sending: _Sending | None = None
        self.offset = upload.offset

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._sending is not None:
            self._sending.task.cancel()
            await asyncio.gather(self._sending.task, return_exceptions=True)

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
            room = PART_BYTES - self._tail_bytes() - self._buffer.tell()
            piece, data = data[:room], data[room:]
            self._hash.update(piece)
            self._buffer.write(piece)
            self.offset += len(piece)
            if len(piece) == room:
                await self._send_part()

    async def keep(self) -> None:
        """Make everything so far safe, and count it.

        Raises:
            As `write`.
        """
        await self._arrived()
        if self._buffer.tell():
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
            await self._put(key, await self._filled())
            return RawObject(key, None, [], self.offset)
        if self._buffer.tell() or self._tails:
            await self._send_part()
            await self._arrived(last=True)
        parts = [Part(part.number, part.etag) for part in self._parts]
        return RawObject(self._parts_key, self._multipart, parts, self.offset)

    async def tidy(self) -> None:
        """Delete tails that count no more, if that goes quickly."""
        gone, self._superseded = self._superseded, []
        await self._delete(gone)

    async def disown(self) -> None:
        """Another request took over: delete what this one stored and what will never count, if that goes quickly."""
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
        """Begin to send what is full, after what is on its way has arrived."""
        await self._arrived()
        content = await self._filled()
        number = await self._reserve()
        assert self._multipart is not None
        sending = self._store.upload_part(self._bucket, self._parts_key, self._multipart, number, content)
        task = asyncio.create_task(sending, name=f"upload {self._upload.id} part {number}")
        self._sending = _Sending(task, len(content), self.offset, self._hash.state())

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

    async def _filled(self) -> bytes:
        """Tails and buffer together, which are empty then."""
        content = await self._read(self._tails) + self._taken() if self._tails else self._taken()
        self._superseded += [tail.key for tail in self._tails]
        self._tails = []
        return content

    def _taken(self) -> bytes:
        taken, self._buffer = self._buffer.getvalue(), BytesIO()
        return taken

    async def _read(self, tails: Sequence[Tail]) -> bytes:
        return b"".join([await self._store.read(self._bucket, tail.key) for tail in tails])

    async def _put_tail(self) -> None:
        content, level = self._taken(), 0
        while len(group := self._tails[-(FAN_IN - 1) :]) == FAN_IN - 1 and all(tail.level == level for tail in group):
            content = await self._read(group) + content
            del self._tails[-(FAN_IN - 1) :]
            self._superseded += [tail.key for tail in group]
            level += 1
        tail = Tail(f"{leftovers(self._upload.id)}{self._upload.writer}", level, len(content))
        await self._put(tail.key, content)
        self._tails.append(tail)

    async def _put(self, key: str, content: bytes) -> None:
        self._made.append(key)
        await self._store.put(self._bucket, key, content, content_type=STORED_TYPE)

    async def _reserve(self) -> int:
        fresh = None
        if self._multipart is None:
            fresh = await self._store.create_multipart(self._bucket, self._parts_key, content_type=STORED_TYPE)
        async with asyncio.timeout(WAIT_SECONDS), connection(self._pool) as conn:
            reserved = await queries.reserve_part(conn, self._upload, fresh)
        if fresh is not None and (reserved is None or reserved[1] != fresh):
            await self._store.abort_multipart(self._bucket, self._parts_key, fresh)
        if reserved is None:
            raise Overtaken
        number, self._multipart = reserved
        if number > MAX_PARTS:
            raise UploadExpired("This upload was begun anew too often; make another one.")
        return number

    async def _commit(self, offset: int, state: bytes) -> None:
        async with asyncio.timeout(WAIT_SECONDS), connection(self._pool) as conn:
            counted = await queries.commit(conn, self._upload, offset, self._parts, self._tails, state)
        if not counted:
            raise Overtaken
