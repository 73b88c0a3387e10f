"""What schemathesis has to know of reelwire beyond the document: hooks that schemathesis.toml names.

A document tells which requests are well formed, and not which make sense: a cursor has to come from the page before, a picture
has to be one, an Idempotency-Key belongs to one content. Requests that are meant to be wrong stay as they are.
"""

import base64
import hashlib
import io
import json
import os
import secrets
from typing import Any
from urllib.request import Request, urlopen

import schemathesis
from hypothesis import strategies
from PIL import Image

from server.uploads.photo import PHOTO_TYPES
from server.uploads.tus import MEDIA_TYPE

EDGE = 64
WITHIN_SECONDS = 20.0
PASSWORD = "correct horse battery"
TOKEN = "REELWIRE_SCHEMATHESIS_TOKEN"
"""The variable with an access token; without it nobody asks."""
SESSIONS = "/api/v1/sessions/"


def sent(body: Any) -> bytes:
    """Bytes of an upload go as they are."""
    return body if isinstance(body, bytes) else str(body).encode(errors="replace")


schemathesis.serializer(MEDIA_TYPE)(lambda _context, body: sent(body))


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Put right what is meant to be right and cannot be made up."""
    if case.meta is not None and case.meta.generation.mode.is_positive:
        if case.query:
            case.query.pop("cursor", None)
        if case.headers:
            case.headers.update({name: value for name, value in _sensible(case.body).items() if name in case.headers})


def _sensible(body: Any) -> dict[str, str]:
    """Headers that have to fit a body, or to be new each time."""
    data = sent(body)
    return {
        "Idempotency-Key": secrets.token_hex(8),
        "Upload-Length": str(max(1, len(data))),
        "Upload-Metadata": f"title {_base64(b'Low tide')}",
        "Upload-Checksum": f"sha1 {_base64(hashlib.sha1(data).digest())}",
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def picture(media_type: str) -> bytes:
    """A small one."""
    file = io.BytesIO()
    Image.new("RGB", (EDGE, EDGE), "teal").save(file, media_type.removeprefix("image/"))
    return file.getvalue()


def token(url: str) -> str:
    """The access token of somebody new."""
    name = f"u{secrets.token_hex(8)}"
    form = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    asked = Request(f"{url.rstrip('/')}/api/v1/accounts", json.dumps(form).encode(), {"Content-Type": "application/json"})
    with urlopen(asked, timeout=WITHIN_SECONDS) as answer:
        return str(json.load(answer)["access_token"])


for _type in PHOTO_TYPES:
    schemathesis.openapi.media_type(_type, strategies.just(picture(_type)))


class Somebody:
    """Whoever the token belongs to; log-ins are ended by others, or all that is asked afterwards would be refused."""

    def get(self, case: Any, _context: Any) -> str:
        """A token."""
        ends = case.method == "DELETE" and case.path.startswith(SESSIONS)
        return token(case.operation.base_url) if ends else os.environ[TOKEN]

    def set(self, case: Any, data: str, _context: Any) -> None:
        """Send it."""
        case.headers["Authorization"] = f"Bearer {data}"


if TOKEN in os.environ:
    schemathesis.auth(refresh_interval=None)(Somebody)
