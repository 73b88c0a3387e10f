"""Comments by the fast lane are those of the ordinary way, to the byte, limits and keys and all."""

import asyncio
import json
import re
import secrets
from dataclasses import replace
from typing import cast

import aiohttp
import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.kit.posting import Posting, Posts
from server.settings import Settings
from server.web import application
from tests.fronted import Fronted
from tests.people import Client, Person, sign_up
from tests.videos import published

OWN = re.compile(
    rb'"(?:id|username|display_name|created_at)":"[^"]*"|Date: [^\r]*|(?<=[;: ])t=\d+|Retry-After: \d+|again in \d+ s'
)
"""What is of the one comment, its author or the moment."""


def request(person: Person, video_id: object, text: object, *more: str) -> bytes:
    body = json.dumps({"text": text})
    fields = ["Host: x", f"Authorization: Bearer {person.access}", "Content-Type: application/json", *more]
    lines = "".join(f"{field}\r\n" for field in [*fields, f"Content-Length: {len(body)}"])
    return f"POST /api/v1/videos/{video_id}/comments HTTP/1.1\r\n{lines}\r\n{body}".encode()


async def told(client: Client, requests: list[bytes]) -> list[bytes]:
    """What is answered to each, on one connection."""
    answers = []
    reader, writer = await asyncio.open_connection(client.server.host, client.server.port)
    async with asyncio.timeout(20):
        for one in requests:
            writer.write(one)
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            answers.append(OWN.sub(b"", head + await reader.readexactly(size)))
        writer.close()
        await writer.wait_closed()
    return answers


async def test_both_ways_say_the_same_and_count_the_same(
    aiohttp_client: AiohttpClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", 10.0)  # nothing goes uncounted on a slow machine
    limits = {"rate_limits": True, "secret_keys": (secrets.token_hex(32),), "limits": ("comments=8/86400",)}
    server = Fronted(application(replace(settings, **limits)))  # type: ignore[arg-type]
    await server.start_server()
    client = cast("Client", await aiohttp_client(server, cookie_jar=aiohttp.DummyCookieJar()))
    ann, ben, cat = await sign_up(client, "ann"), await sign_up(client, "ben"), await sign_up(client, "cat")
    video_id, private = await published(client, ann), await published(client, ann)
    assert (await ann.patch(f"/videos/{private}", json={"visibility": "private"})).status == 200
    taken: list[Posting] = []
    begin = Posts.begin

    def noted(*args: object) -> Posting:
        taken.append(begin(*args))  # type: ignore[arg-type]
        return taken[-1]

    monkeypatch.setattr(Posts, "begin", noted)
    texts: list[tuple[object, object, str]] = [
        (video_id, "first", "a"), (video_id, "first", "a"), (video_id, "other", "a"), (video_id, "", "b"),
        (private, "unseen", "c"), ("0190f3a2-5b7c-7def-8123-456789abcdef", "nowhere", "d"), (video_id, 5, "e"),
        (video_id, "last", "f"), (video_id, "too many", "g"),
    ]  # fmt: skip

    def asked(person: Person, *more: str) -> list[bytes]:
        return [request(person, where, text, f"Idempotency-Key: {key}", *more) for where, text, key in texts]

    ordinary = await told(client, asked(ben, "X-Ordinary: yes"))
    assert not taken
    assert await told(client, asked(cat)) == ordinary
    assert len(taken) >= len(texts) - 1  # the first one may have made the token known
    statuses = [answer.split(b" ", 2)[1] for answer in ordinary]
    assert statuses == [b"201", b"201", b"422", b"422", b"404", b"404", b"422", b"201", b"429"]
    assert (await ann.get(f"/videos/{video_id}")).body["counts"]["comments"] == 4
