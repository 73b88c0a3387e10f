"""The archive: a bucket, perhaps of another server, perhaps of a storage class that must be asked before it is read.

What is put there is checked on the way in: the server checks each part (Content-MD5), we check the whole (SHA-256), and where it
can be read at once it is read back. Whether it can only its server knows, which refuses or does not: some accept the name of a
class, and keep what has it like anything else.
"""

import asyncio
import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from storage.object_errors import ObjectFrozen, ObjectMissing, StoreUnavailable, code_of
from storage.objects import PART_BYTES, ObjectStore, SentPart

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

ALREADY = "RestoreAlreadyInProgress"
DIGEST = "sha256"
"""Metadata of each object there."""
THAWED_DAYS = 2
"""So long what has thawed can be read."""


class Damaged(Exception):
    """Bytes are not those that they should be."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of an object in the archive: its size, and the SHA-256 of what was put there, '' where that is not known."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One object at hand."""

    store: ObjectStore
    bucket: str
    key: str


def cold_key(bucket: str, key: str) -> str:
    """Where an object, or a prefix, of the `media` or the `raw` bucket lies in the archive."""
    return f"cold/{bucket}/{key}"


@dataclass(frozen=True, slots=True)
class Cold:
    """The archive.

    Attributes:
        store: the server.
        bucket: there.
        storage_class: which objects are put there with; '' for the server's own.
    """

    store: ObjectStore
    bucket: str
    storage_class: str = ""

    async def find(self, key: str) -> Kept | None:
        """What is known of the object; None where there is none."""
        try:
            found = await self.store.ask(lambda client: client.head_object(Bucket=self.bucket, Key=key))
        except ObjectMissing:
            return None
        return Kept(found["ContentLength"], found.get("Metadata", {}).get(DIGEST, ""))

    async def keep(self, source: Spot, key: str, sha256: str) -> int:
        """Have a copy of the object in the archive, whole and proven; its size. One that is there is not copied again.

        Raises:
            ObjectMissing: there is nothing to copy.
            Damaged: what is there is not what it should be, or does not arrive so.
            StoreFull, StoreUnavailable.
        """
        facts = await source.store.head(source.bucket, source.key)
        if facts is None:
            raise ObjectMissing(source.key)
        if await self.holds(key, sha256, facts.size):
            return facts.size
        await self._put(source, key, facts.size, facts.content_type, sha256)
        if not await self.holds(key, sha256, facts.size):
            raise Damaged(f"{source.key} does not arrive in the archive as it is")
        return facts.size

    async def holds(self, key: str, sha256: str, size: int | None = None) -> bool:
        """Whether the object is there as it should be: read and hashed where it can be, else by what was noted when it came."""
        kept = await self.find(key)
        if kept is None or kept.sha256 != sha256 or size not in (None, kept.size):
            return False
        try:
            return await digest(Spot(self.store, self.bucket, key), kept.size) == sha256
        except ObjectFrozen:
            return True

    async def ask(self, key: str) -> None:
        """Have the object thaw, for THAWED_DAYS; asking again while it does changes nothing.

        Raises:
            ObjectMissing, StoreUnavailable.
        """
        request: Any = {"Days": THAWED_DAYS, "GlacierJobParameters": {"Tier": "Standard"}}
        try:
            await self.store.ask(
                lambda client: client.restore_object(Bucket=self.bucket, Key=key, RestoreRequest=request), writes=self.bucket
            )
        except ClientError as error:
            if code_of(error) != ALREADY:
                raise

    async def bring(self, key: str, target: Spot, sha256: str, *, content_type: str, cache_control: str = "") -> None:
        """Copy the object back, if it is what was put there; one that is at hand is not copied again.

        Raises:
            ObjectMissing, Damaged: there is none, or not as it should be.
            ObjectFrozen: it has to be asked for first.
            StoreFull, StoreUnavailable.
        """
        kept = await self.find(key)
        facts = await target.store.head(target.bucket, target.key)
        if facts is not None and (kept is None or facts.size == kept.size) and await digest(target, facts.size) == sha256:
            return
        if kept is None:
            raise ObjectMissing(key)
        whole = hashlib.sha256()
        data = await self.store.read(self.bucket, key, 0, min(PART_BYTES, kept.size)) if kept.size else b""
        headers = {"content_type": content_type, "cache_control": cache_control}
        if kept.size <= PART_BYTES:
            await _prove(key, whole, data, sha256)
            await target.store.put(target.bucket, target.key, data, **headers)
            return
        async with target.store.in_parts(target.bucket, target.key, **headers) as (upload, parts):
            for number, start in enumerate(range(0, kept.size, PART_BYTES), start=1):
                if start:
                    data = await self.store.read(self.bucket, key, start, min(start + PART_BYTES, kept.size))
                await asyncio.to_thread(whole.update, data)
                parts.append(await target.store.upload_part(target.bucket, target.key, upload, number, data))
            await _prove(key, whole, b"", sha256)

    async def _put(self, source: Spot, key: str, size: int, content_type: str, sha256: str) -> None:
        headers: dict[str, Any] = {"ContentType": content_type, "Metadata": {DIGEST: sha256}}
        if self.storage_class:
            headers["StorageClass"] = self.storage_class
        if size <= PART_BYTES:
            data = await source.store.read(source.bucket, source.key)
            await _prove(source.key, hashlib.sha256(), data, sha256)
            md5 = await asyncio.to_thread(_md5, data)

            async def put(client: "S3Client") -> Any:
                return await client.put_object(Bucket=self.bucket, Key=key, Body=BytesIO(data), ContentMD5=md5, **headers)

            await self.store.ask(put, writes=self.bucket)
            return

        async def begin(client: "S3Client") -> Any:
            return await client.create_multipart_upload(Bucket=self.bucket, Key=key, **headers)

        upload, complete = (await self.store.ask(begin, writes=self.bucket))["UploadId"], False
        try:
            parts = await self._parts(source, key, size, upload, sha256)
            await self.store.complete_multipart(self.bucket, key, upload, parts)
            complete = True
        finally:
            if not complete:
                with suppress(StoreUnavailable):
                    await self.store.abort_multipart(self.bucket, key, upload)

    async def _parts(self, source: Spot, key: str, size: int, upload: str, sha256: str) -> list[SentPart]:
        whole, parts = hashlib.sha256(), []
        for number, start in enumerate(range(0, size, PART_BYTES), start=1):
            data = await source.store.read(source.bucket, source.key, start, min(start + PART_BYTES, size))
            await asyncio.to_thread(whole.update, data)
            md5 = await asyncio.to_thread(_md5, data)

            async def send(client: "S3Client", number: int = number, data: bytes = data, md5: str = md5) -> Any:
                named: Any = {"Bucket": self.bucket, "Key": key, "UploadId": upload, "PartNumber": number}
                return await client.upload_part(**named, Body=BytesIO(data), ContentMD5=md5)

            parts.append(SentPart(number, (await self.store.ask(send, writes=self.bucket))["ETag"]))
        await _prove(source.key, whole, b"", sha256)
        return parts


async def digest(spot: Spot, size: int) -> str:
    """The SHA-256 of an object of this size, hexadecimal.

    Raises:
        ObjectMissing, ObjectFrozen, StoreUnavailable.
    """
    whole = hashlib.sha256()
    for start in range(0, size, PART_BYTES):
        data = await spot.store.read(spot.bucket, spot.key, start, min(start + PART_BYTES, size))
        await asyncio.to_thread(whole.update, data)
    return whole.hexdigest()


async def _prove(key: str, whole: "hashlib._Hash", rest: bytes, sha256: str) -> None:
    await asyncio.to_thread(whole.update, rest)
    if whole.hexdigest() != sha256:
        raise Damaged(f"{key} is not what was put there")


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
