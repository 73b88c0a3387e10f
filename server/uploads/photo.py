"""A picture as the body of a request: one of three types, small enough to be held in memory."""

from aiohttp import web

from server.kit.body import require_plain
from server.kit.errors import BodyTooLarge, WrongMediaType
from server.uploads.form import chunks

MAX_PHOTO_BYTES = 2_000_000
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")


def require_photo(request: web.Request, *others: str) -> None:
    """Refuse what says of itself that it is no picture, nor one of the `others`.

    Raises:
        WrongMediaType.
    """
    if request.content_type not in PHOTO_TYPES + others:
        either = f"{' or '.join(others)}, or " if others else ""
        raise WrongMediaType(f"Send {either}a picture as {', '.join(PHOTO_TYPES)}.")


async def read_photo(request: web.Request) -> bytes:
    """The body, whatever it is: that is for a worker to find out.

    Raises:
        BodyTooLarge: more than `MAX_PHOTO_BYTES`.
        WrongMediaType: it is compressed.
        BodyCut, Malformed, Unavailable: as `chunks`.
    """
    require_plain(request)
    too_large = BodyTooLarge(f"At most {MAX_PHOTO_BYTES} bytes.")
    if (request.content_length or 0) > MAX_PHOTO_BYTES:
        raise too_large
    photo = bytearray()
    async for chunk in chunks(request):
        photo += chunk
        if len(photo) > MAX_PHOTO_BYTES:
            raise too_large
    return bytes(photo)
