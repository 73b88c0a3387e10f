"""The web client's types of the socket's messages (web_client/src/live/messages.ts) are those of the AsyncAPI document."""

import re
from pathlib import Path
from typing import Any

import pytest

import server
from server.live import asyncapi

SOURCES = Path(server.__file__).parent.parent / "web_client" / "src"
MESSAGES = (SOURCES / "live" / "messages.ts").read_text()
WHOLE = {
    "ChangedVideo": "ChangedVideo",
    "RemovedVideo": "RemovedVideo",
    "RemovedComment": "RemovedComment",
    "Counts": "Counts",
    "LikeOfYours": "LikeOfYours",
    "VideoProgress": "VideoState",
}
"""Interfaces, and the schemas whose fields they have, all of them."""
GENERATED = {"Comment": "Comment", "Video": "Video", "User": "User"}
"""Those that are made of the OpenAPI document, of the same structs (web_client/src/api/schema.ts)."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return asyncapi.document("https://reelwire.example")


def interface(name: str) -> dict[str, str]:
    """Fields and their types, those of an interface that it extends included."""
    found = re.search(rf"^export interface {name}(?: extends (\w+))? {{\n(.*?)^}}", MESSAGES, re.DOTALL | re.MULTILINE)
    assert found, name
    inherited = interface(found[1]) if found[1] else {}
    return inherited | dict(re.findall(r"^  '?([\w.]+)'?\??: (.+);$", found[2], re.MULTILINE))


def kinds(name: str) -> set[str]:
    """The values of `type` in a union of messages."""
    found = re.search(rf"^export type {name} =\n(.*?);\n\n", MESSAGES + "\n", re.DOTALL | re.MULTILINE)
    assert found, name
    return set(re.findall(r"\btype: '(\w+)'", found[1]))


def schemas(document: dict[str, Any], operation: str) -> list[dict[str, Any]]:
    names = [message["$ref"].rpartition("/")[2] for message in document["operations"][operation]["messages"]]
    return [document["components"]["schemas"][name] for name in names]


def test_every_event_has_its_type(document: dict[str, Any]) -> None:
    events = {
        name: schema["properties"]["data"]["$ref"].rpartition("/")[2]
        for schema in schemas(document, "hear")
        for name in schema["properties"].get("event", {}).get("enum", ())
    }
    assert {name: (WHOLE | GENERATED)[kind] for name, kind in interface("LiveEvents").items()} == events


@pytest.mark.parametrize(("union", "operation"), [("ServerFrame", "hear"), ("ClientFrame", "say")])
def test_every_message_is_known(document: dict[str, Any], union: str, operation: str) -> None:
    assert kinds(union) == {kind for schema in schemas(document, operation) for kind in schema["properties"]["type"]["enum"]}


@pytest.mark.parametrize("name", WHOLE)
def test_shapes_have_the_fields_of_the_document(document: dict[str, Any], name: str) -> None:
    fields, properties = set(interface(name)), set(document["components"]["schemas"][WHOLE[name]]["properties"])
    assert fields == properties
