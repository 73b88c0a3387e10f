"""Commands: each is answered, and a client that only errs is sent away."""

from typing import Any

import pytest

from tests.server.live.stage import Node, Stage


async def error(node: Node, stage: Stage, message: str | bytes) -> dict[str, Any]:
    async with node.listen(await stage.somebody()) as ear:
        await ear.wire.send(message)
        found: dict[str, Any] = await ear.of_type("error")
        return found


async def test_a_ping_is_answered_with_its_number(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.say(type="ping", id=7)
        assert await ear.of_type("pong") == {"type": "pong", "id": 7}


async def test_a_protocol_ping_is_answered_with_its_payload(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await (await ear.wire.ping(b"are you there"))


@pytest.mark.parametrize(
    ("message", "code", "number"),
    [
        ("{", "bad_json", None),
        ("[]", "bad_json", None),
        ('"ping"', "bad_json", None),
        ("NaN", "bad_json", None),
        ("[" * 2000, "bad_json", None),
        ('{"id": 1}', "invalid", 1),
        ('{"type": 5, "id": 1}', "invalid", 1),
        ('{"type": "dance", "id": 2}', "unknown_type", 2),
        ('{"type": "ping", "id": "one"}', "invalid", None),
        ('{"type": "ping", "id": 1e400}', "invalid", None),
        ('{"type": "ping", "id": true}', "invalid", None),
        ('{"type": "ping", "id": 99999999999999999999999}', "invalid", None),
        ('{"type": "ping", "id": 3, "more": 1}', "invalid", 3),
        ('{"type": "resume"}', "invalid", None),
        ('{"type": "resume", "position": 5}', "invalid", None),
        ('{"type": "auth", "token": "not.a.token", "id": 4}', "invalid_token", 4),
        ('{"type": "auth", "id": 5, "token": "\\ud800"}', "invalid", 5),
        (b'{"type": "ping", "id": 1}', "text_only", None),
    ],
)
async def test_what_is_wrong_is_told_with_a_code(
    stage: Stage, node: Node, message: str | bytes, code: str, number: int | None
) -> None:
    answer = await error(node, stage, message)
    assert (answer["code"], answer["id"]) == (code, number)
    assert answer["detail"]


async def test_only_the_first_message_can_resume(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.answered()
        await ear.say(type="resume", position=ear.position)
        assert (await ear.of_type("error"))["code"] == "resume_too_late"


async def test_the_tenth_error_in_a_minute_ends_the_session(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        for _ in range(9):
            await ear.wire.send("no")
        await ear.answered()
        await ear.wire.send("no")
        assert (await ear.closed())[0] == 4008
        assert [frame["type"] for frame in ear.frames].count("error") == 10


async def test_a_message_over_the_limit_ends_the_session(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.wire.send('{"type": "ping", "id": 1}'.ljust(4096))
        await ear.of_type("pong")
        await ear.wire.send('{"type": "ping", "id": 1}'.ljust(4097))
        assert (await ear.closed())[0] == 1009


async def test_fragments_cannot_pass_the_limit_together(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.wire.send(["x" * 2000] * 3)
        assert (await ear.closed())[0] == 1009
