"""Requests that begin an upload and come again with their `Idempotency-Key`: read again, compared, stored never."""

from collections.abc import AsyncIterator, Awaitable, Callable

from msgspec import structs

from server.kit.idempotency import fingerprint
from server.uploads.digest import Sha256
from server.uploads.tus import UploadTooLarge
from server.uploads.wire import Outcome
from server.videos.wire import Described


class Weighed:
    """Takes the bytes of a repeat instead of a sink; at most `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._hash = Sha256()

    @property
    def sha256(self) -> bytes:
        """Of all bytes so far."""
        return self._hash.digest()

    async def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            UploadTooLarge: there are more than there may be.
        """
        self._left -= len(data)
        if self._left < 0:
            raise UploadTooLarge("More bytes than there may be.")
        self._hash.update(data)


async def form_again(read: Callable[[Callable[[bytes], Awaitable[None]]], Awaitable[Described]], limit: int) -> bytes:
    """The content of a one-shot form; `read` hands on its file, of at most `limit` bytes, and tells what its fields say.

    Raises:
        UploadTooLarge, and whatever `read` raises.
    """
    file = Weighed(limit)
    said = await read(file.write)
    return _content(None, said, file.sha256)


async def creation_again(length: int, said: Described, body: AsyncIterator[bytes] | None) -> bytes:
    """The content of a tus creation.

    Raises:
        UploadTooLarge, and whatever reading the body raises.
    """
    if body is None:
        return _content(length, said, None)
    first = Weighed(length)
    async for chunk in body:
        await first.write(chunk)
    return _content(length, said, first.sha256)


def content(outcome: Outcome) -> bytes:
    """What the first request asked for, of whichever kind it was."""
    return _content(outcome.upload.length, outcome.said, outcome.sha256)


def _content(length: int | None, said: Described, sha256: bytes | None) -> bytes:
    return fingerprint([length, structs.asdict(said), sha256.hex() if sha256 else None])
