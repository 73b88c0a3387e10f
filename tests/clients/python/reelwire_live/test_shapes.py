"""The shapes here are those of the server's document: same fields, same types."""

from types import UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from reelwire_live import events, shapes
from server.live import asyncapi

Schema: TypeAlias = dict[str, Any]
JSON = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


@pytest.fixture(scope="module")
def schemas() -> dict[str, Schema]:
    return dict(asyncapi.document("https://reelwire.example")["components"]["schemas"])


def differences(kind: Any, schema: Schema, schemas: dict[str, Schema], where: str) -> list[str]:
    """Where a type is not what a schema says."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if get_origin(kind) in (Union, UnionType):
        return _unions(kind, schema, schemas, where)
    if is_typeddict(kind):
        return _objects(kind, schema, schemas, where)
    if get_origin(kind) is list:
        return differences(get_args(kind)[0], schema.get("items", {}), schemas, f"{where}[]")
    if get_origin(kind) is Literal:
        return [] if set(get_args(kind)) == set(schema.get("enum", ())) else [f"{where}: {kind} is not {schema}"]
    return [] if schema.get("type") == JSON[kind] else [f"{where}: {kind} is not {schema}"]


def _unions(kind: Any, schema: Schema, schemas: dict[str, Schema], where: str) -> list[str]:
    some = [part for part in get_args(kind) if part is not type(None)]
    other = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    if len(some) != 1 or len(other) != 1 or len(schema["anyOf"]) != 2:
        return [f"{where}: {kind} is not {schema}"]
    return differences(some[0], other[0], schemas, where)


def _objects(kind: Any, schema: Schema, schemas: dict[str, Schema], where: str) -> list[str]:
    fields, properties = get_type_hints(kind), schema.get("properties", {})
    apart = [f"{where}.{name}: on one side alone" for name in set(fields) ^ set(properties)]
    apart += [f"{where}.{name}: always there" for name in set(schema.get("required", ())) - kind.__required_keys__]
    shared = sorted(set(fields) & set(properties))
    return apart + [found for name in shared for found in differences(fields[name], properties[name], schemas, f"{where}.{name}")]


def test_events_carry_what_the_document_says(schemas: dict[str, Schema]) -> None:
    found = [
        difference
        for schema in schemas.values()
        for name in schema.get("properties", {}).get("event", {}).get("enum", ())
        for difference in differences(get_type_hints(events.KINDS[name])["data"], schema["properties"]["data"], schemas, name)
    ]
    assert found == []


def test_views_are_what_the_document_takes(schemas: dict[str, Schema]) -> None:
    assert differences(list[shapes.View], schemas["View"]["properties"]["views"], schemas, "views") == []


def test_the_comparison_sees_what_differs(schemas: dict[str, Schema]) -> None:
    assert differences(shapes.Comment, schemas["Video"], schemas, "video")
    assert differences(int, {"type": "string"}, schemas, "x")
    assert differences(str | None, {"type": "string"}, schemas, "x")
    assert differences(Literal["a"], {"enum": ["a", "b"]}, schemas, "x")
