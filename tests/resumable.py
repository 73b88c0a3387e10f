"""A tus 1.0 client that can misbehave, and what the store holds after it."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec

from server.kit.request import POOL, SETTINGS, STORE
from server.uploads.desk import Desk
from server.videos.wire import Part
from storage.objects import SentPart
from storage.postgres import connection
from tests.people import Answer, Client, Person

VERSION = {"Tus-Resumable": "1.0.0"}
BODY = {"Content-Type": "application/offset+octet-stream"}
PATH = "/api/v1/uploads"
Headers = Mapping[str, str]
NONE: Headers = {}


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode('utf-8', 'surrogatepass')).decode()}" for key, value in values.items())


def checksum(data: bytes, kind: str = "sha256") -> dict[str, str]:
    return {"Upload-Checksum": f"{kind} {base64.b64encode(hashlib.new(kind, data).digest()).decode()}"}


class Resumable:
    """One upload of one person; every method answers what the server did."""

    def __init__(self, person: Person, data: bytes = b"", **said: str) -> None:
        self.person, self.data, self.said, self.url = person, data, said, ""

    async def create(self, first: Any = b"", length: int | None = None, headers: Headers = NONE) -> Answer:
        told = {**VERSION, "Upload-Length": str(len(self.data) if length is None else length), **(BODY if first else {})}
        if self.said:
            told["Upload-Metadata"] = metadata(**self.said)
        answer = await self.person.post(PATH, data=_body(first) if first else None, headers={**told, **headers})
        self.url = answer.headers.get("Location", self.url)
        return answer

    async def patch(self, offset: int, data: Any, person: Person | None = None, headers: Headers = NONE) -> Answer:
        told = {**VERSION, **BODY, "Upload-Offset": str(offset), **headers}
        return await (person or self.person).patch(self.url, data=_body(data), headers=told)

    async def head(self, person: Person | None = None, headers: Headers = NONE) -> Answer:
        return await (person or self.person).call("HEAD", self.url, headers={**VERSION, **headers})

    async def delete(self, person: Person | None = None) -> Answer:
        return await (person or self.person).delete(self.url, headers=VERSION)

    async def offset(self) -> int:
        return int((await self.head()).headers["Upload-Offset"])

    async def cut(self, offset: int, sent: int) -> None:
        """Announce the rest, send only so much of it, and be gone once the server has begun to take it."""
        before: int = await column(self, "writer")
        host, port = self.person.client.host, self.person.client.port
        _, writer = await asyncio.open_connection(host, port)
        headers = {**VERSION, **BODY, "Host": "x", "Upload-Offset": str(offset), "Content-Length": str(len(self.data) - offset)}
        headers["Authorization"] = f"Bearer {self.person.access}"
        head = f"PATCH {self.url} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
        writer.write(head.encode() + self.data[offset : offset + sent])
        await writer.drain()
        async with asyncio.timeout(60):
            while await column(self, "writer") == before:
                await asyncio.sleep(0.01)
        writer.close()
        await writer.wait_closed()

    async def reaches(self, offset: int) -> None:
        """Wait until the server has counted so much."""
        async with asyncio.timeout(60):
            while await self.offset() != offset:
                await asyncio.sleep(0.02)


def _body(data: Any) -> Any:
    # Raw bytes of more than a megabyte would hold up the loop that client and server share here.
    return BytesIO(data) if isinstance(data, bytes) and data else data


async def pieces(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """A body whose length is not announced."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def original(client: Client, video_id: str | UUID) -> bytes:
    """The bytes that a worker would get for this video."""
    app = client.app
    assert app is not None
    bucket = app[SETTINGS].s3_raw_bucket
    async with connection(app[POOL]) as conn:
        row = await conn.fetchrow("SELECT key, multipart_id, parts FROM raw_object WHERE video_id = $1", UUID(str(video_id)))
    assert row is not None
    if row["multipart_id"]:
        parts = [SentPart(part.number, part.etag) for part in msgspec.json.decode(row["parts"], type=list[Part])]
        await app[STORE].complete_multipart(bucket, row["key"], row["multipart_id"], parts)
    return await app[STORE].read(bucket, row["key"])


def desk(client: Client) -> Desk:
    """What the actions of uploads work with in this client's process."""
    assert client.app is not None
    return Desk.of(client.app)


async def column(upload: Resumable, name: str) -> Any:
    """What PostgreSQL holds of the upload."""
    app = upload.person.client.app
    assert app is not None
    async with connection(app[POOL]) as conn:
        return await conn.fetchval(f"SELECT {name} FROM upload WHERE id = $1", UUID(upload.url[-36:]))


async def objects(client: Client, upload_url: str) -> list[str]:
    """The keys of all objects that the store holds of an upload."""
    app, upload_id = client.app, upload_url.rpartition("/")[2]
    assert app is not None
    bucket = app[SETTINGS].s3_raw_bucket
    return [key for place in ("tails", "uploads") async for key in app[STORE].list_prefix(bucket, f"{place}/{upload_id}/")]
