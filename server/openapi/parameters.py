"""What may stand in a path, behind a question mark, or in a header: by name, with what it means."""

from typing import Any

from server.kit.idempotency import HEADER, MAX_KEY
from server.kit.paging import DEFAULT_LIMIT, MAX_LIMIT
from server.search.actions import MAX_CHARACTERS
from server.uploads import tus

Described = dict[str, dict[str, Any]]

BYTES = {"type": "integer", "minimum": 0}
UUID = {"type": "string", "format": "uuid"}
TEXT = {"type": "string"}

PATH: Described = {
    "id": {"description": "A UUID.", "schema": UUID},
    "tag": {"description": "A hashtag without its `#`, in upper or lower case.", "schema": TEXT},
    "user": {"description": "A user's id or username.", "schema": TEXT},
}
QUERY: Described = {
    "limit": {
        "description": "How many items a page holds.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
    "q": {
        "description": "How a username or a hashtag begins, in upper or lower case; with `@` before it users alone, with `#` "
        "hashtags alone.",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS, "pattern": r"\S"},
    },
    "cursor": {"description": "`next_cursor` of the page before; opaque.", "schema": TEXT},
    "from_video": {"description": "A video of this user.", "schema": UUID},
    "bandwidth_bps": {
        "description": "Puts the best source that fits 80 % of this bandwidth first; bit/s.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "save_data": {"description": "1 halves the bandwidth to choose for.", "schema": {"type": "string", "enum": ["0", "1"]}},
}
HEADERS: Described = {
    HEADER: {
        "description": "Chosen by the client, another one for each thing that it creates. For 24 hours the request can be "
        "repeated with it, is done once, and answered alike.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": r"^[\x21-\x7e]+$"},
    },
    "Tus-Resumable": {"description": "The version of tus that is spoken.", "schema": {"type": "string", "const": tus.VERSION}},
    "Upload-Length": {"description": "Bytes of the whole upload.", "schema": BYTES},
    "Upload-Offset": {"description": "Bytes that are safe already; the next ones begin there.", "schema": BYTES},
    "Upload-Metadata": {
        "description": "Pairs of a key and a value in base64, separated by commas: "
        "`filename`, `filetype`, `title`, `description`, `visibility`.",
        "schema": TEXT,
    },
    "Upload-Checksum": {
        "description": f"{' or '.join(tus.ALGORITHMS)}, a space, and the hash of this request's bytes in base64.",
        "schema": TEXT,
    },
    "Upload-Expires": {"description": "Until when an unfinished upload can be gone on with (RFC 9110, 5.6.7).", "schema": TEXT},
    "X-HTTP-Method-Override": {
        "description": "The method that is meant, where a proxy lets only GET and POST through.",
        "schema": {"type": "string", "enum": ["HEAD", "PATCH", "DELETE"]},
    },
    "Location": {"description": "The path of the upload.", "schema": {"type": "string", "format": "uri-reference"}},
    "Video-Id": {"description": "The video that a finished upload became.", "schema": UUID},
    "Video-Duplicate": {
        "description": "`true` where the account had uploaded these bytes before.",
        "schema": {"type": "string", "const": "true"},
    },
}
