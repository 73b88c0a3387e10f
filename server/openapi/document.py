"""The OpenAPI 3.1 document, made of the operations and of the wire types that also validate."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from server.kit.errors import Refusal
from server.kit.paging import DEFAULT_LIMIT, MAX_LIMIT
from server.kit.problems import Problem
from server.openapi.operations import Operation

BASE = "/api/v1"
REF = "#/components/schemas/{name}"
VERSION = "1"

QUERY: dict[str, dict[str, Any]] = {
    "limit": {
        "description": "How many items a page holds.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
    "cursor": {"description": "`next_cursor` of the page before; opaque.", "schema": {"type": "string"}},
    "bandwidth_bps": {
        "description": "Puts the best source that fits 80 % of this bandwidth first; bit/s.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "save_data": {"description": "1 halves the bandwidth to choose for.", "schema": {"type": "string", "enum": ["0", "1"]}},
}
PATH: dict[str, dict[str, Any]] = {
    "id": {"description": "A UUID.", "schema": {"type": "string", "format": "uuid"}},
    "user": {"description": "A user's id or username.", "schema": {"type": "string"}},
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
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
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
        "security": _security(operation),
    }
    if operation.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": known[_key(operation.body)]}}}
    if operation.form is not None:
        found["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": operation.form}}}
    return found


def _name(operation: Operation) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", operation.path.lower()).strip("_")
    return f"{operation.method.lower()}_{words}"


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    return {"required": [{"bearer": []}], "optional": [{}, {"bearer": []}], "none": []}[operation.credentials]  # type: ignore[return-value]


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [{"name": n, "in": "path", "required": True, **PATH[n]} for n in re.findall(r"{(\w+)}", operation.path)]
    return in_path + [{"name": n, "in": "query", "required": False, **QUERY[n]} for n in operation.query]


def _answers(operation: Operation, known: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, type_ in operation.answers.items():
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        if type_ is not None:
            found[str(status)]["content"] = {"application/json": {"schema": known[_key(type_)]}}
    for refusal in operation.all_refusals:
        _add_refusal(found, refusal, known[_key(Problem)])
    return dict(sorted(found.items()))


def _add_refusal(found: dict[str, Any], refusal: type[Refusal], schema: dict[str, Any]) -> None:
    content = {"application/problem+json": {"schema": schema}}
    entry = found.setdefault(str(refusal.status), {"description": "", "content": content})
    meaning = (refusal.__doc__ or "").strip().split("\n")[0]
    entry["description"] = "\n".join(filter(None, [entry["description"], f"`{refusal.code}`: {meaning}"]))
