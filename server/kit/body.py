"""JSON bodies: read with limits, then validated field by field, so that one answer names every invalid field."""

import json
import re
from functools import cache
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from msgspec import structs

from server.kit.errors import BodyTooLarge, FieldError, Invalid, Malformed, WrongMediaType
from server.kit.text import depth, unstorable

MAX_JSON_BYTES = 64 * 1024
MAX_JSON_DEPTH = 32
MOST_EXACT = 2**53
"""Beyond that not every whole number is a float."""

T = TypeVar("T", bound=msgspec.Struct)
_PATH = re.compile(r" - at `\$(.*)`$")


async def read_json(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body, parsed and not yet validated.

    Raises:
        WrongMediaType, BodyTooLarge, Malformed: in this order.
    """
    return parse_json(await read_body(request))


async def read_body(request: web.Request) -> bytes:
    """The body, which says that it is JSON.

    Raises:
        WrongMediaType, BodyTooLarge: in this order.
    """
    if request.content_type != "application/json":
        raise WrongMediaType("Send application/json.")
    require_plain(request)
    if (request.content_length or 0) > MAX_JSON_BYTES:
        raise BodyTooLarge(f"At most {MAX_JSON_BYTES} bytes.")
    return await _read(request)


def require_plain(request: web.Request) -> None:
    """Bodies come as they are: one that must be unpacked first is of another size than it says.

    Raises:
        WrongMediaType: it has a Content-Encoding (RFC 9110, 15.5.16).
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise WrongMediaType("Send the body without Content-Encoding.", headers={"Accept-Encoding": "identity"})


async def _read(request: web.Request) -> bytes:
    if request.content.is_eof():  # all of it has come already, as mostly
        whole = request.content.read_nowait()
        if len(whole) > MAX_JSON_BYTES:
            raise BodyTooLarge(f"At most {MAX_JSON_BYTES} bytes.")
        return whole
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise BodyTooLarge(f"At most {MAX_JSON_BYTES} bytes.")
    return bytes(body)


def parse_json(text: bytes) -> dict[str, Any]:
    """A JSON object (RFC 8259).

    Raises:
        Malformed: it is none, or nested deeper than MAX_JSON_DEPTH.
    """
    try:
        # The standard library's parser keeps lone surrogates, which are 422 and not 400.
        value = json.loads(text.decode(), parse_constant=_no_constant, parse_float=_number)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("The body is not a JSON object.")
    if depth(value, MAX_JSON_DEPTH) > MAX_JSON_DEPTH:
        raise Malformed(f"Nested deeper than {MAX_JSON_DEPTH}.")
    return value


def _number(text: str) -> float | int:
    """A number without a fraction is a whole one, also where it is written as 2.0 (JSON Schema, 6.1.1)."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= MOST_EXACT else value


def _no_constant(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are not JSON


def validated(values: dict[str, Any], shape: type[T]) -> T:
    """The values as `shape`.

    Raises:
        Invalid: names every field that is missing, unknown, or of another type or value than allowed.
    """
    known = _fields(shape)
    errors = [FieldError(_printable(name), "is not known here") for name in values if name not in known]
    for name, f in known.items():
        if name in values:
            errors += _field_errors(name, values[name], f.type)
        elif f.required:
            errors.append(FieldError(name, "is missing"))
    if errors:
        raise Invalid("; ".join(f"{e.field} {e.detail}" for e in errors[:5]), errors=errors[:50])
    return msgspec.convert(values, shape)


@cache  # of shapes, of which there are few
def _fields(shape: type[msgspec.Struct]) -> dict[str, structs.FieldInfo]:
    return {f.encode_name: f for f in structs.fields(shape)}


def _field_errors(name: str, value: Any, expected: Any) -> list[FieldError]:
    # First of all: a conversion fails on half of a surrogate pair in ways of its own.
    if found := [FieldError(name, why) for text in _texts(value) if (why := unstorable(text))]:
        return found
    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError as error:
        text = str(error)
        path = _PATH.search(text)
        return [FieldError(name + (path[1] if path else ""), _PATH.sub("", text).lower())]
    return []


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in _texts(child)]


def _printable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()[:100]
