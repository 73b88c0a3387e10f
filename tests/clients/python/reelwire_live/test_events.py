"""Every event that the server's document names has a class here, and no other."""

from typing import Any, get_args

import pytest

from reelwire_live import Happening, LiveClient, UnknownEvent, VideoProgress, VideoPublished, events
from server.live import asyncapi


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return asyncapi.document("https://reelwire.example")


def names(document: dict[str, Any]) -> set[str]:
    """Of all events in the document."""
    schemas = document["components"]["schemas"].values()
    return {name for schema in schemas for name in schema.get("properties", {}).get("event", {}).get("enum", ())}


def test_every_event_of_the_server_has_a_class(document: dict[str, Any]) -> None:
    assert names(document) == set(events.KINDS)


def test_every_command_of_the_server_has_a_method(document: dict[str, Any]) -> None:
    messages = document["operations"]["say"]["messages"]
    schemas = [document["components"]["schemas"][message["$ref"].rpartition("/")[2]] for message in messages]
    commands = {kind for schema in schemas for kind in schema["properties"]["type"]["enum"]}
    by_itself = {"resume", "auth"}
    assert commands == by_itself | {name for name in ("ping", "watch", "unwatch", "comment", "view") if hasattr(LiveClient, name)}


def test_an_event_is_of_the_class_of_its_name() -> None:
    for name, kind in events.KINDS.items():
        event = events.event_of(name, {"id": "1"})
        assert type(event) is kind
        assert event.event == name
        assert event.data == {"id": "1"}
        assert kind in get_args(Happening)
    assert isinstance(events.event_of("video.published", {}), VideoPublished)
    assert events.event_of("video.ready", {}) == VideoProgress("video.ready", {})  # type: ignore[typeddict-item]


def test_an_event_of_a_newer_server_is_handed_on_as_it_is() -> None:
    assert events.event_of("from.the.future", [1]) == UnknownEvent("from.the.future", [1])
