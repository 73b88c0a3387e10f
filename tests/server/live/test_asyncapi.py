"""The AsyncAPI document says what the socket does: real messages fit its schemas."""

from typing import Any
from uuid import UUID

from aiohttp import ClientSession
from jsonschema import Draft202012Validator

from server.live import asyncapi
from server.live.limits import REAUTHENTICATE_SECONDS
from server.videos.wire import VideoProgressed
from tests.server.live.stage import Node, Somebody, Stage
from tests.sockets import Ear


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
    for code in (1001, 1002, 1007, 1009, 1012, 4001, 4002, 4003, 4008, 4009):
        assert str(code) in description


async def test_what_the_socket_sends_fits_the_document(stage: Stage, node: Node) -> None:
    async with ClientSession() as http, http.get(f"{node.url}/api/v1/asyncapi.json") as answer:
        document = await answer.json()
    ann, ben = await stage.somebody(seconds=REAUTHENTICATE_SECONDS - 5), await stage.somebody()
    await stage.follow(ann, ben)
    own = await stage.publish(ann)
    async with node.listen(ann) as ear:
        await ear.say(type="resume", position=(await ear.of_type("welcome"))["position"])
        await ear.say(type="ping", id=1)
        await ear.say(type="auth", token=ann.token, id=2)
        await ear.say(type="dance")
        stage.announcer.announce(VideoProgressed(ben.id, ann.id, "processing", 0.5))
        published = await stage.publish(ben)
        await ear.heard(published)
        await everything_else(stage, ear, (ann, ben), (own, published))
        for kind in ("caught_up", "pong", "ack", "error", "reauthenticate"):
            await ear.of_type(kind)
        sent = {name for name in messages(document, "send") if any(fits(document, name, frame) for frame in ear.frames)}
        assert sent == messages(document, "send")
        for frame in ear.frames:
            assert any(fits(document, name, frame) for name in messages(document, "send")), frame


async def everything_else(stage: Stage, ear: Ear, people: tuple[Somebody, Somebody], ids: tuple[UUID, UUID]) -> None:
    """What people do, and what is told of it."""
    (ann, ben), (own, published) = people, ids
    await ear.watch(own)
    await stage.follow(ben, ann)
    await stage.like(ben, own)
    answer = await ear.command(type="comment", video_id=str(own), text="mine", key="one")
    await stage.comment(ben, own)
    await stage.delete_comment(ann, UUID(answer["data"]["id"]))
    await stage.edit(ben, published, title="new", visibility="followers")
    await ear.told("video.updated")
    await stage.delete(ben, published)
    for name in ("follower.new", "like.on_yours", "comment.on_yours", "comment.created", "comment.removed", "video.removed"):
        await ear.told(name)


def test_every_event_is_named() -> None:
    description = asyncapi.document("https://reelwire.example")["info"]["description"]
    for name in ("video.published", "video.failed", "comment.on_yours", "counts", "like.on_yours", "video.removed"):
        assert name in description


def messages(document: dict[str, Any], action: str) -> set[str]:
    (operation,) = [o for o in document["operations"].values() if o["action"] == action]
    return {message["$ref"].rpartition("/")[2] for message in operation["messages"]}


def fits(document: dict[str, Any], name: str, frame: dict[str, Any]) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return Draft202012Validator(schema).is_valid(frame)
