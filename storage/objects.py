"""The object store: any S3 server. Bytes go in whole or in parts and come out as streams; it knows nothing of users or videos.

Every call ends: it is tried again, after pauses that double, until the patience that the store was opened with is over.
Bytes are handed over as BytesIO, which shares them and is sent in small pieces; raw ones would hold up the event loop.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import ClientError

from storage.object_errors import BROKEN, OURS, ObjectMissing, RangeBeyond, StoreFull, StoreUnavailable, code_of, meaning
from storage.object_facts import Body, Entry, Facts, Page, SentPart, Unfinished, UnfinishedPage

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

__all__ = [
    "PART_BYTES",
    "Body",
    "Entry",
    "Facts",
    "ObjectMissing",
    "ObjectStore",
    "Page",
    "RangeBeyond",
    "SentPart",
    "StoreFull",
    "StoreUnavailable",
]

PATIENCE_SECONDS = 4.5
"""For a process that answers requests: below the five seconds that a request may wait for a dependency."""
CONNECT_SECONDS = 2.0
SILENCE_SECONDS = 15.0
"""After so long without a byte a try is given up, where the patience is longer than this."""
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
CONNECTIONS = 64

PART_BYTES = 8 * 1024 * 1024
MAX_PARTS = 10_000  # S3's own limit, as is the least size of a part but the last: 5 MiB
WHOLE_BYTES = 2 * PART_BYTES
"""Files up to this size are put in one piece."""
PARTS_AT_ONCE = 3
CHUNK_BYTES = 256 * 1024
KEYS_AT_ONCE = 1000

log = logging.getLogger(__name__)
T = TypeVar("T")


class ObjectStore:
    """One S3 client; one per process, for a client costs a tenth of a second of CPU to make."""

    def __init__(self, client: "S3Client", patience: float) -> None:
        self._client = client
        self._patience = patience

    @classmethod
    @asynccontextmanager
    async def open(
        cls, endpoint: str, region: str, key: str, secret: str, *, patience: float = PATIENCE_SECONDS
    ) -> AsyncIterator["ObjectStore"]:
        """Connect lazily: the store need not be there yet.

        Args:
            endpoint: URL of the S3 server.
            region: as it is configured there.
            key: access key.
            secret: secret access key.
            patience: seconds that a call may take in all, tries and pauses together.
        """
        session = get_session()
        # Reading botocore's service model from disk takes longer than a loop may stand still.
        loader = session.get_component("data_loader")
        await asyncio.to_thread(loader.load_service_model, "s3", "service-2")
        async with session.create_client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=_config(min(patience, SILENCE_SECONDS)),
        ) as client:
            yield cls(client, patience)

    async def check(self, bucket: str) -> None:
        """Whether the store answers and has the bucket.

        Raises:
            StoreUnavailable, ObjectMissing.
        """
        await self._try(lambda: self._client.head_bucket(Bucket=bucket))

    async def ensure_bucket(self, bucket: str) -> None:
        """Create the bucket if it is not there."""
        try:
            await self._try(lambda: self._client.create_bucket(Bucket=bucket))
        except ClientError as error:
            if code_of(error) not in OURS:
                raise

    async def put(self, bucket: str, key: str, data: bytes, *, content_type: str, cache_control: str = "") -> None:
        """Store an object whole; it is there after this returns, and not at all or as before when this raises.

        Raises:
            StoreFull, StoreUnavailable.
        """
        call, headers = self._client.put_object, _headers(content_type, cache_control)
        await self._write(bucket, lambda: call(Bucket=bucket, Key=key, Body=BytesIO(data), **headers))

    async def put_file(self, bucket: str, key: str, path: Path, *, content_type: str, cache_control: str = "") -> None:
        """Store a file, a large one in parts of which a few are under way at once; memory stays flat.

        Raises:
            StoreFull, StoreUnavailable: nothing of it is left in the store.
        """
        size = (await asyncio.to_thread(path.stat)).st_size
        if size <= WHOLE_BYTES:
            data = await asyncio.to_thread(path.read_bytes)
            return await self.put(bucket, key, data, content_type=content_type, cache_control=cache_control)
        async with self.in_parts(bucket, key, content_type=content_type, cache_control=cache_control) as (upload, parts):
            parts.extend(await self._send_file(bucket, key, upload, path, size))
        return None

    @asynccontextmanager
    async def in_parts(
        self, bucket: str, key: str, *, content_type: str, cache_control: str = ""
    ) -> AsyncIterator[tuple[str, list[SentPart]]]:
        """A multipart upload and a list for its parts: it is complete after the block, or nothing of it is left in the store.

        Raises:
            StoreFull, StoreUnavailable.
        """
        upload = await self.create_multipart(bucket, key, content_type=content_type, cache_control=cache_control)
        parts: list[SentPart] = []
        complete = False
        try:
            yield upload, parts
            await self.complete_multipart(bucket, key, upload, parts)
            complete = True
        finally:
            if not complete:
                with suppress(StoreUnavailable):
                    await self.abort_multipart(bucket, key, upload)

    async def _send_file(self, bucket: str, key: str, upload: str, path: Path, size: int) -> list[SentPart]:
        part_bytes = max(PART_BYTES, -(-size // MAX_PARTS))
        waiting = iter(range(-(-size // part_bytes)))
        sent: dict[int, SentPart] = {}

        async def send() -> None:
            for index in waiting:  # shared: each takes the next one
                data = await asyncio.to_thread(_slice, path, index * part_bytes, part_bytes)
                sent[index] = await self.upload_part(bucket, key, upload, index + 1, data)

        try:
            async with asyncio.TaskGroup() as group:
                for number in range(PARTS_AT_ONCE):
                    group.create_task(send(), name=f"put {key} {number}")
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [sent[index] for index in sorted(sent)]

    async def head(self, bucket: str, key: str) -> Facts | None:
        """What is known of the object; None when there is none."""
        try:
            found = await self._try(lambda: self._client.head_object(Bucket=bucket, Key=key))
        except ObjectMissing:
            return None
        return Facts(found["ContentLength"], found["ETag"], found.get("ContentType", ""))

    @asynccontextmanager
    async def get(self, bucket: str, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[Body]:
        """The object's bytes from `start` up to, not including, `stop`. A body that is not read to its end is closed.

        Raises:
            ObjectMissing, StoreUnavailable.
            RangeBeyond: `start` is at or beyond the end (of an empty object, 0 with a `stop` is).
        """
        asked: dict[str, Any] = {}
        if start or stop is not None:
            asked["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        answer = await self._try(lambda: self._client.get_object(Bucket=bucket, Key=key, **asked))
        # "bytes 0-9/100": where a range was asked for, the whole size stands behind the slash (RFC 9110, 14.4).
        size = int(answer["ContentRange"].rpartition("/")[2]) if "ContentRange" in answer else answer["ContentLength"]
        async with answer["Body"] as stream:
            yield Body(size, answer["ETag"], _chunks(stream))

    async def read(self, bucket: str, key: str, start: int = 0, stop: int | None = None) -> bytes:
        """The same at once, for what is small; begun again when it breaks off.

        Raises:
            As `get`.
        """

        async def whole() -> bytes:
            async with self.get(bucket, key, start, stop) as body:
                return b"".join([chunk async for chunk in body.chunks])

        return await self._try(whole)

    async def download(self, bucket: str, key: str, path: Path) -> Facts:
        """Write the object to a file, range by range, so that a broken connection costs one range.

        Raises:
            ObjectMissing, StoreUnavailable: the file may hold a part of it.
        """
        facts = await self.head(bucket, key)
        if facts is None:
            raise ObjectMissing(key)
        with await asyncio.to_thread(path.open, "wb") as file:
            for start in range(0, facts.size, PART_BYTES):
                data = await self.read(bucket, key, start, min(start + PART_BYTES, facts.size))
                await asyncio.to_thread(file.write, data)
            await asyncio.to_thread(file.flush)
        return facts

    async def create_multipart(self, bucket: str, key: str, *, content_type: str, cache_control: str = "") -> str:
        """Begin an upload in parts; its id."""
        call, headers = self._client.create_multipart_upload, _headers(content_type, cache_control)
        return (await self._write(bucket, lambda: call(Bucket=bucket, Key=key, **headers)))["UploadId"]

    async def upload_part(self, bucket: str, key: str, upload: str, number: int, data: bytes) -> SentPart:
        """Store one part; one that is sent again under the same number takes the other's place.

        Raises:
            ObjectMissing: the upload was completed or aborted.
            StoreFull, StoreUnavailable.
        """
        call = self._client.upload_part
        where: dict[str, Any] = {"Bucket": bucket, "Key": key, "UploadId": upload}
        answer = await self._write(bucket, lambda: call(**where, PartNumber=number, Body=BytesIO(data)))
        return SentPart(number, answer["ETag"])

    async def complete_multipart(self, bucket: str, key: str, upload: str, parts: Sequence[SentPart]) -> None:
        """Make the parts, in this order, the object; parts that are not named are dropped. Doing it again changes nothing.

        Raises:
            ObjectMissing: the upload was aborted.
            StoreFull, StoreUnavailable.
        """
        named: Any = {"Parts": [{"PartNumber": part.number, "ETag": part.etag} for part in parts]}
        call = self._client.complete_multipart_upload
        try:
            await self._write(bucket, lambda: call(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload=named))
        except ObjectMissing:
            # Servers forget a completed upload sooner or later; then the object itself is the proof.
            if await self.head(bucket, key) is None:
                raise

    async def abort_multipart(self, bucket: str, key: str, upload: str) -> None:
        """Drop the parts; an upload that is not there any more is fine."""
        try:
            await self._try(lambda: self._client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload))
        except ObjectMissing:
            log.debug("multipart upload of %s was gone before it was aborted", key)

    async def list_prefix(self, bucket: str, prefix: str) -> AsyncIterator[str]:
        """The keys below the prefix, in order."""
        page = Page([], more=True)
        while page.more:
            page = await self.page(bucket, prefix, page.entries[-1].key if page.entries else "")
            for entry in page.entries:
                yield entry.key

    async def page(self, bucket: str, prefix: str, after: str = "", limit: int = KEYS_AT_ONCE) -> Page:
        """The next objects below the prefix, in the order of keys, `limit` at the most, behind the key `after`."""
        call = self._client.list_objects_v2
        found = await self._try(lambda: call(Bucket=bucket, Prefix=prefix, StartAfter=after, MaxKeys=limit))
        entries = [Entry(one["Key"], one["LastModified"], one["Size"]) for one in found.get("Contents", [])]
        return Page(entries, more=bool(entries) and found.get("IsTruncated", False))

    async def unfinished(self, bucket: str, prefix: str, after: str = "", limit: int = KEYS_AT_ONCE) -> UnfinishedPage:
        """The next multipart uploads below the prefix that are not over, `limit` at the most, behind where a page has ended."""
        upload, _, key = after.partition(" ")
        # SeaweedFS orders them by their ids and tells no key to go on from: what a server tells, and only that, is told it again.
        markers: Any = {name: at for name, at in (("UploadIdMarker", upload), ("KeyMarker", key)) if at}
        call = self._client.list_multipart_uploads
        found = await self._try(lambda: call(Bucket=bucket, Prefix=prefix, MaxUploads=limit, **markers))
        there = [Unfinished(one["Key"], one["UploadId"], one["Initiated"]) for one in found.get("Uploads", [])]
        at = f"{found.get('NextUploadIdMarker', '')} {found.get('NextKeyMarker', '')}" if found.get("IsTruncated") else ""
        return UnfinishedPage([one for one in there if one.key.startswith(prefix)], at if at != after and at.strip() else "")

    async def delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete these objects; those that are not there are fine.

        Raises:
            StoreUnavailable: some of them may still be there.
        """
        for begin in range(0, len(keys), KEYS_AT_ONCE):
            named: Any = {"Objects": [{"Key": key} for key in keys[begin : begin + KEYS_AT_ONCE]], "Quiet": True}
            answer = await self._try(lambda: self._client.delete_objects(Bucket=bucket, Delete=named))  # noqa: B023
            if answer.get("Errors"):
                raise StoreUnavailable(f"not deleted: {answer['Errors'][:3]}")

    async def delete_prefix(self, bucket: str, prefix: str, keep: tuple[str, ...] = ()) -> None:
        """Delete every object below the prefix and abort every unfinished multipart upload there, but for those below `keep`.

        Raises:
            StoreUnavailable: some of it may still be there; call again.
        """
        keys = [key async for key in self.list_prefix(bucket, prefix) if not key.startswith(keep)]
        await self.delete(bucket, keys)
        after, more = "", True
        while more:
            page = await self.unfinished(bucket, prefix, after)
            for one in page.uploads:
                if not one.key.startswith(keep):
                    await self.abort_multipart(bucket, one.key, one.upload)
            after, more = page.after, bool(page.after)

    async def ask(self, call: Callable[["S3Client"], Awaitable[T]], *, writes: str = "") -> T:
        """A call that only one of our callers needs, tried again as all are; `writes`: to this bucket.

        Raises:
            ObjectMissing, ObjectFrozen, StoreFull, StoreUnavailable.
        """
        return await (self._write(writes, lambda: call(self._client)) if writes else self._try(lambda: call(self._client)))

    async def _write(self, bucket: str, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await self._try(call)
        except StoreFull:
            raise
        except StoreUnavailable as failure:
            # SeaweedFS says InternalError when it is full: a store that answers but does not take our bytes is full to us.
            if isinstance(failure.__cause__, ClientError) and await self._answers(bucket):
                raise StoreFull(str(failure)) from failure
            raise

    async def _answers(self, bucket: str) -> bool:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._client.head_bucket(Bucket=bucket)
        except (*BROKEN, ClientError):
            return False
        return True

    async def _try(self, call: Callable[[], Awaitable[T]]) -> T:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        pause = FIRST_PAUSE_SECONDS
        failure: Exception | None = None
        while True:
            try:
                async with asyncio.timeout_at(end):
                    return await call()
            except ClientError as error:
                failure = meaning(error)
            except BROKEN as error:
                # A try that only our own end has cut says less than the server's answer to the one before.
                if failure is None or loop.time() < end:
                    failure = error
            wait = pause * random.uniform(0.5, 1)  # noqa: S311 - jitter
            if loop.time() + wait >= end:
                raise StoreUnavailable(f"the object store: {failure!r}") from failure
            await asyncio.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _config(silence: float) -> AioConfig:
    return AioConfig(
        signature_version="s3v4",
        # Hashing every part once more for its signature would hold up the loop; TLS guards what leaves the machine.
        s3={"addressing_style": "path", "payload_signing_enabled": False},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        max_pool_connections=CONNECTIONS,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=silence,
        retries={"total_max_attempts": 1, "mode": "standard"},  # `_try` does it, with an end
    )


async def _chunks(stream: Any) -> AsyncIterator[bytes]:
    try:
        while chunk := await stream.read(CHUNK_BYTES):
            yield chunk
    except BROKEN as error:
        raise StoreUnavailable(f"the object store broke off: {error!r}") from error


def _headers(content_type: str, cache_control: str) -> dict[str, Any]:
    return {"ContentType": content_type} | ({"CacheControl": cache_control} if cache_control else {})


def _slice(path: Path, start: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(length)
