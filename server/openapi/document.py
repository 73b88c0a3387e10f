"""The OpenAPI 3.1 document, made of the operations and of the wire types that also validate."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from server.accounts import cookie
from server.kit.errors import Refusal
from server.kit.problems import Problem
from server.openapi.operations import Credentials, Operation
from server.openapi.parameters import HEADERS, PATH, QUERY
from server.uploads import tus

BASE = "/api/v1"
REF = "#/components/schemas/{name}"
VERSION = "1"
BINARY = {"type": "string", "format": "binary"}
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
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(BASE + operation.path, {})[operation.method.lower()] = _operation(operation, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "reelwire", "version": VERSION, "description": "Short videos, live. Errors are RFC 9457 documents."},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": SCHEMES},
    }


def _types(operations: Iterable[Operation]) -> list[Any]:
    found = [Problem]
    for operation in operations:
        found += [t for t in (operation.body, *operation.answers.values()) if t is not None]
    return list({_key(t): t for t in found}.values())


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
    if content := _content(operation, known):
        found["requestBody"] = {"required": operation.body_required, "content": content}
    return found


def _content(operation: Operation, known: dict[str, Any]) -> dict[str, Any]:
    pictures = {type_: {"schema": BINARY} for type_ in operation.pictures}
    if operation.body is not None:
        return {"application/json": {"schema": known[_key(operation.body)]}} | pictures
    if operation.form is not None:
        return {"multipart/form-data": {"schema": operation.form}}
    return {tus.MEDIA_TYPE: {"schema": BINARY}} if operation.takes_bytes else pictures


def _name(operation: Operation) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", operation.path.lower()).strip("_")
    return f"{operation.method.lower()}_{words}"


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    named = [("path", True, re.findall(r"{(\w+)}", operation.path), PATH), ("query", False, operation.query, QUERY)]
    named += [("header", True, operation.headers, HEADERS), ("header", False, operation.all_optional_headers, HEADERS)]
    return [
        {"name": name, "in": where, "required": required, **known[name]}
        for where, required, names, known in named
        for name in names
    ]


def _answers(operation: Operation, known: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, type_ in operation.answers.items():
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        if type_ is not None:
            found[str(status)]["content"] = {"application/json": {"schema": known[_key(type_)]}}
        if names := operation.answer_headers.get(status):
            found[str(status)]["headers"] = {name: HEADERS[name] for name in names}
    for refusal in operation.all_refusals:
        _add_refusal(found, refusal, known[_key(Problem)])
    return dict(sorted(found.items()))


def _add_refusal(found: dict[str, Any], refusal: type[Refusal], schema: dict[str, Any]) -> None:
    content = {"application/problem+json": {"schema": schema}}
    entry = found.setdefault(str(refusal.status), {"description": "", "content": content})
    meaning = (refusal.__doc__ or "").strip().split("\n")[0]
    entry["description"] = "\n".join(filter(None, [entry["description"], f"`{refusal.code}`: {meaning}"]))
