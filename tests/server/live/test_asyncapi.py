"""The AsyncAPI document says what the socket does: real messages fit its schemas."""

from typing import Any

from aiohttp import ClientSession
from jsonschema import Draft202012Validator

from server.live import asyncapi
from server.videos.wire import VideoProgressed
from tests.server.live.stage import Node, Stage


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []


def resolved(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi.document("https://reelwire.example")
    assert document["asyncapi"] == "3.0.0"
    assert document["servers"]["here"] == {"host": "reelwire.example", "protocol": "wss"}
    assert len(references(document)) > 20
    for reference in references(document):
        assert resolved(document, reference)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_close_code_is_named() -> None:
    description = asyncapi.document("https://reelwire.example")["info"]["description"]
    for code in (1009, 1012, 4001, 4002, 4003, 4008, 4009):
        assert str(code) in description


async def test_what_the_socket_sends_fits_the_document(stage: Stage, node: Node) -> None:
    async with ClientSession() as http, http.get(f"{node.url}/api/v1/asyncapi.json") as answer:
        document = await answer.json()
    ann, ben = await stage.somebody(seconds=30), await stage.somebody()
    await stage.follow(ann, ben)
    async with node.listen(ann) as ear:
        await ear.say(type="resume", position=(await ear.of_type("welcome"))["position"])
        await ear.say(type="ping", id=1)
        await ear.say(type="auth", token=ann.token, id=2)
        await ear.say(type="dance")
        stage.announcer.announce(VideoProgressed(ben.id, ann.id, "processing", 0.5))
        await ear.heard(await stage.publish(ben))
        for kind in ("caught_up", "pong", "ack", "error", "reauthenticate"):
            await ear.of_type(kind)
        sent = {name for name in messages(document, "send") if any(fits(document, name, frame) for frame in ear.frames)}
        assert sent == messages(document, "send")
        for frame in ear.frames:
            assert any(fits(document, name, frame) for name in messages(document, "send")), frame


def messages(document: dict[str, Any], action: str) -> set[str]:
    (operation,) = [o for o in document["operations"].values() if o["action"] == action]
    return {message["$ref"].rpartition("/")[2] for message in operation["messages"]}


def fits(document: dict[str, Any], name: str, frame: dict[str, Any]) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return Draft202012Validator(schema).is_valid(frame)
