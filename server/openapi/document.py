"""The OpenAPI 3.1 document, made of the operations and of the wire types that also validate."""

import re
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from server.accounts import cookie
from server.kit.errors import Refusal
from server.kit.idempotency import HEADER, MAX_KEY
from server.kit.limits import limit_of
from server.kit.problems import Problem
from server.openapi.examples import EXAMPLES
from server.openapi.operation import Credentials, Operation
from server.openapi.parameters import HEADERS, NO_NUL, PATH, QUERY
from server.uploads import tus

BASE = "/api/v1"
REF = "#/components/schemas/{name}"
VERSION = "1"
KEY = (
    f"May have the header `{HEADER}`: 1 to {MAX_KEY} characters of visible ASCII that the client chooses, others for each "
    "thing that it creates. For 24 hours the request can be repeated with it, is done once, and answered alike."
)
"""No parameter: tools take parameters for independent of each other, and a key is bound to all that comes with it."""
BYTES = (
    f"Bytes of the upload, as `{tus.MEDIA_TYPE}`. The header `Upload-Checksum` may tell what they hash to: "
    f"{' or '.join(f'`{name}`' for name in tus.ALGORITHMS)}, a space, and the hash in base64."
)
BINARY = {"type": "string", "format": "binary"}
NEEDS = {"PatchMe": {name: ["current_password"] for name in ("username", "email", "password")}}
"""Fields that are nothing without another one, by the name of the body."""
LIMITED = ("RateLimit", "RateLimit-Policy")
"""Headers of a call that has a limit."""
TOLD = {409: ("Retry-After",), 412: ("Tus-Version",), 429: ("Retry-After",), 503: ("Retry-After",)}
"""Headers of refusals, by their status."""
ALWAYS = frozenset({412, 429, 503})
"""Where each refusal has them."""
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": cookie.NAME, "description": "A refresh token; only for pages of ours."},
}
SECURITY: dict[Credentials, list[dict[str, list[str]]]] = {
    "required": [{"bearer": []}],
    "optional": [{}, {"bearer": []}],
    "cookie": [{}, {"cookie": []}],
    "none": [],
}


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    types = _types(operations)
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    known = dict(zip(map(_key, types), schemas, strict=True))
    for name, needs in NEEDS.items():
        components.get(name, {}).update(dependentRequired=needs)
    taken = _reached(components, [known[_key(o.body)] for o in operations if o.body is not None])
    _tell_of_nul(components, taken)
    _tell_of_all(components, taken)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(BASE + operation.path, {})[operation.method.lower()] = _operation(operation, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "reelwire",
            "version": VERSION,
            "description": "Short videos, live. Errors are RFC 9457 documents; their `code` is a stable word to branch on.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The origin that this document came from."}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": SCHEMES},
    }


def _types(operations: Iterable[Operation]) -> list[Any]:
    found = [Problem]
    for operation in operations:
        found += [t for t in (operation.body, *operation.answers.values()) if t is not None]
    return list({_key(t): t for t in found}.values())


def _reached(components: dict[str, Any], schemas: Sequence[Any]) -> set[str]:
    """The names of the components that these schemas are made of."""
    found, waiting = set[str](), list(schemas)
    while waiting:
        for name in {part["$ref"].rpartition("/")[2] for part in _parts(waiting.pop()) if "$ref" in part} - found:
            found.add(name)
            waiting.append(components[name])
    return found


def _tell_of_nul(components: dict[str, Any], taken: Iterable[str]) -> None:
    """No text that comes in may hold NUL (`server/kit/text.py`); half of a surrogate pair is no text to JSON Schema anyway."""
    for part in (part for name in taken for part in _parts(components[name])):
        if part.get("type") == "string" and not part.keys() & {"pattern", "format", "enum", "const"}:
            part["pattern"] = NO_NUL


def _tell_of_all(components: dict[str, Any], taken: set[str]) -> None:
    """What goes out has all its members, those with a default too."""
    for name in components.keys() - taken - {Problem.__name__}:
        if "properties" in components[name]:
            components[name]["required"] = list(components[name]["properties"])


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema, and those within it."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _parts(value)


def _key(type_: Any) -> str:
    return repr(type_)


def _operation(operation: Operation, known: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tags": [operation.tag],
        "summary": operation.summary,
        "operationId": _name(operation),
        "parameters": _parameters(operation),
        "responses": _answers(operation, known),
        "security": SECURITY[operation.credentials],
    }
    if operation.takes_key:
        found["description"] = KEY
    if operation.takes_bytes:  # generators and test tools cannot write this media type: a body in words alone stops none of them
        found["requestBody"] = {"description": BYTES, "content": {}}
    elif content := _content(operation, known):
        found["requestBody"] = {"required": operation.body_required, "content": content}
    return found


def _content(operation: Operation, known: dict[str, Any]) -> dict[str, Any]:
    pictures = {type_: {"schema": BINARY} for type_ in operation.pictures}
    if operation.body is not None:
        told = {"examples": {"one": {"value": EXAMPLES[operation.body]}}} if operation.body in EXAMPLES else {}
        return {"application/json": {"schema": known[_key(operation.body)], **told}} | pictures
    if operation.form is not None:
        return {"multipart/form-data": {"schema": operation.form}}
    return pictures


def _name(operation: Operation) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", operation.path.lower()).strip("_")
    return f"{operation.method.lower()}_{words}"


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    named = [("path", True, re.findall(r"{(\w+)}", operation.path), PATH), ("query", False, operation.query, QUERY)]
    named += [("header", True, operation.headers, HEADERS), ("header", False, operation.optional_headers, HEADERS)]
    found = [
        {"name": name, "in": where, "required": required, **known[name]}
        for where, required, names, known in named
        for name in names
    ]
    of_list = {"schema": {"type": "string", "pattern": operation.cursors(BASE + operation.path)}}
    return [each | of_list if each["name"] == "cursor" else each for each in found]


def _answers(operation: Operation, known: dict[str, Any]) -> dict[str, Any]:
    limited = LIMITED if limit_of(operation.method, BASE + operation.path) else ()
    found: dict[str, Any] = {}
    for status, type_ in operation.answers.items():
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        if type_ is not None:
            found[str(status)]["content"] = {"application/json": {"schema": known[_key(type_)]}}
        if names := (*operation.answer_headers.get(status, ()), *limited):
            found[str(status)]["headers"] = {name: HEADERS[name] for name in names}
    kinds: dict[int, list[type[Refusal]]] = {}
    for refusal in operation.all_refusals:
        kinds.setdefault(refusal.status, []).append(refusal)
    found |= {str(status): _refused(status, each, known[_key(Problem)], limited) for status, each in kinds.items()}
    return dict(sorted(found.items()))


def _refused(status: int, refusals: Sequence[type[Refusal]], schema: dict[str, Any], limited: Sequence[str]) -> dict[str, Any]:
    """The answer to one or several refusals, told apart by `code`."""
    codes = {"type": "object", "properties": {"code": {"enum": sorted({refusal.code for refusal in refusals})}}}
    told: dict[str, Any] = {
        "description": "\n".join(f"`{refusal.code}`: {(refusal.__doc__ or '').strip().splitlines()[0]}" for refusal in refusals),
        "content": {"application/problem+json": {"schema": {"allOf": [schema, codes]}}},
    }
    names: tuple[str, ...] = TOLD.get(status, ())
    headers = {name: HEADERS[name] | ({"required": True} if status in ALWAYS else {}) for name in names}
    headers |= {name: HEADERS[name] for name in limited} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
    return told | ({"headers": headers} if headers else {})
