"""What may stand in a path, behind a question mark, or in a header: by name, with what it means."""

from typing import Any

from server.cards.sources import MAX_DIGITS
from server.kit.paging import DEFAULT_LIMIT, MAX_LIMIT
from server.search.actions import MAX_CHARACTERS
from server.settings import Settings
from server.uploads import tus

Described = dict[str, dict[str, Any]]


def up_to(most: int) -> str:
    """A regular expression of the numbers from 1 to `most`, without zeros in front."""
    digits = str(most)
    found = [f"[1-9][0-9]{{0,{len(digits) - 2}}}"] if len(digits) > 1 else []
    for at, digit in enumerate(digits):
        lowest, left = 0 if at else 1, len(digits) - at - 1
        if int(digit) > lowest:
            found.append(f"{digits[:at]}[{lowest}-{int(digit) - 1}][0-9]{{{left}}}")
    return "|".join([*found, digits])


BYTES = {"type": "string", "pattern": f"^[0-9]{{1,{tus.MAX_DIGITS}}}$"}
"""A number as it stands in a header."""
SOME_BYTES = {"type": "string", "pattern": rf"^(?=[0-9]{{1,{tus.MAX_DIGITS}}}$)0*(?:{up_to(Settings().upload_max_bytes)})$"}
UUID = {"type": "string", "format": "uuid"}
TEXT = {"type": "string"}
NO_NUL = r"^[^\u0000]*$"
BASE64 = "[A-Za-z0-9+/]"
KEY = r"[\x21-\x2b\x2d-\x7e]+"
PAIR = rf"[ \t]*(?:{KEY}(?: [ \t]*(?:{BASE64}{{4}})*(?:{BASE64}{{2}}==|{BASE64}{{3}}=)?)?)?[ \t]*"
TWICE = rf"(?:.*,)?[ \t]*({KEY})(?=[ \t,])[^,]*,(?:.*,)?[ \t]*\1(?:[ \t,]|$)"
"""What has a key twice."""

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
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_CHARACTERS,
            "pattern": r"^[^\u0000]*[^\s\u0085\u0000][^\u0000]*$",
        },
    },
    "cursor": {
        "description": "`next_cursor` of the page before of the same list; opaque, and of no other making.",
        "schema": TEXT,  # its pattern is that of the list
    },
    "from_video": {"description": "A video of this user.", "schema": UUID},
    "bandwidth_bps": {
        "description": "Puts the best source that fits 80 % of this bandwidth first; bit/s.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 10**MAX_DIGITS - 1},
    },
    "save_data": {"description": "1 halves the bandwidth to choose for.", "schema": {"type": "string", "enum": ["0", "1"]}},
}
HEADERS: Described = {
    "Tus-Resumable": {"description": "The version of tus that is spoken.", "schema": {"type": "string", "const": tus.VERSION}},
    "Upload-Length": {
        "description": "Bytes of the whole upload. `GET /uploads/limits` tells how many there may be here.",
        "schema": SOME_BYTES,
    },
    "Upload-Offset": {"description": "Bytes that are safe already; the next ones begin there.", "schema": BYTES},
    "Upload-Metadata": {
        "description": "Pairs of a key and a value in base64, separated by commas: "
        "`filename`, `filetype`, `title`, `description`, `visibility`; each at most once.",
        "schema": {"type": "string", "pattern": f"^(?!{TWICE}){PAIR}(?:,{PAIR})*$"},
        "example": "title TG93IHRpZGU=,visibility cHVibGlj",
    },
    "Upload-Expires": {"description": "Until when an unfinished upload can be gone on with (RFC 9110, 5.6.7).", "schema": TEXT},
    "Retry-After": {
        "description": "Seconds until another try helps (RFC 9110, 10.2.3).",
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit": {
        "description": "Of the limit of this call: `r` are left, after `t` seconds there is one more "
        "(draft-ietf-httpapi-ratelimit-headers). Missing where limits are off or cannot be asked.",
        "schema": TEXT,
    },
    "RateLimit-Policy": {"description": "The limit of this call: `q` within `w` seconds.", "schema": TEXT},
    "Set-Cookie": {"description": "The refresh token once more, as a cookie that no script can read.", "schema": TEXT},
    "Tus-Version": {"description": "The version of tus that is spoken here.", "schema": {"type": "string", "const": tus.VERSION}},
    "Location": {"description": "The path of the upload.", "schema": {"type": "string", "format": "uri-reference"}},
    "Video-Id": {"description": "The video that a finished upload became.", "schema": UUID},
    "Video-Duplicate": {
        "description": "`true` where the account had uploaded these bytes before.",
        "schema": {"type": "string", "const": "true"},
    },
}
