"""Reads the form of a one-shot upload (multipart/form-data, RFC 7578), its fields in any order, the file streamed."""

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from server.kit.body import require_plain
from server.kit.errors import Invalid, Malformed, WrongMediaType
from server.uploads.described import MAX_FIELD_BYTES, of_fields
from server.uploads.desk import PATIENCE
from server.uploads.patience import Patience
from server.uploads.tus import BodyCut, UploadTooLarge
from server.videos.wire import Described

FORM_BYTES = 64 * 1024
"""What a form may have beside its file."""
CHUNK_BYTES = 64 * 1024
MAX_FIELDS = 16
BROKEN = (ValueError, AssertionError, RuntimeError, HttpProcessingError)
"""What aiohttp's reader raises where the bytes are no form."""


async def chunks(request: web.Request) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises:
        BodyCut: it broke off or went silent.
        Unavailable: the process stops.
        Malformed: its chunks are none (RFC 9112, 7.1).
    """
    patience = request.app[PATIENCE]
    try:
        while chunk := await patience.wait(request.content.readany()):
            yield chunk
    except HttpProcessingError:
        raise Malformed("The body is not what its headers say.") from None
    except BodyCut:
        # aiohttp hands out nothing more once the connection broke, though it still holds what had come before.
        if rest := request.content._read_nowait(-1):
            yield rest
        raise


def require_form(request: web.Request, max_bytes: int) -> None:
    """Refuse what need not be read.

    Raises:
        UploadTooLarge, WrongMediaType.
    """
    if (request.content_length or 0) > max_bytes + FORM_BYTES:
        raise UploadTooLarge(f"At most {max_bytes} bytes.")
    if request.content_type != "multipart/form-data":
        raise WrongMediaType("Send multipart/form-data.")
    require_plain(request)


async def read_form(request: web.Request, write: Callable[[bytes], Awaitable[None]], max_bytes: int) -> Described:
    """Hand the file's bytes to `write` as they come; what the fields say.

    Raises:
        Malformed: it is no such form.
        Invalid: a field is; see `of_fields`.
        UploadTooLarge, BodyCut, Unavailable.
    """
    values: dict[str, bytes] = {}
    filename: str | None = None
    async for part in _parts(request):
        if request.content.total_bytes > max_bytes + FORM_BYTES:
            raise UploadTooLarge(f"At most {max_bytes} bytes.")
        if part.name is None or len(values) >= MAX_FIELDS:
            raise Malformed("Every part needs a name, and there are few of them.")
        if part.name in values:
            raise Invalid.field(part.name, "is given twice")
        values[part.name] = b""
        if part.name == "file":
            filename = part.filename
            async for chunk in _content(part, request.app[PATIENCE]):
                await write(chunk)
        else:
            values[part.name] = await _field(part, request.app[PATIENCE])
    if values.pop("file", None) is None:
        raise Invalid.field("file", "is missing")
    return of_fields(values, filename)


async def _parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    try:
        reader = await request.multipart()
        while (part := await request.app[PATIENCE].wait(reader.next())) is not None:
            if not isinstance(part, BodyPartReader):
                raise Malformed("Forms do not nest.")
            yield part
    except BROKEN:
        raise Malformed("The body is no multipart/form-data.") from None


async def _content(part: BodyPartReader, patience: Patience) -> AsyncIterator[bytes]:
    try:
        while chunk := await patience.wait(part.read_chunk(CHUNK_BYTES)):
            yield bytes(chunk)
    except BROKEN:
        raise Malformed("The body is no multipart/form-data.") from None


async def _field(part: BodyPartReader, patience: Patience) -> bytes:
    value = bytearray()
    async for chunk in _content(part, patience):
        value += chunk
        if len(value) > MAX_FIELD_BYTES:
            raise Invalid.field(part.name or "", f"is longer than {MAX_FIELD_BYTES} bytes")
    return bytes(value)
