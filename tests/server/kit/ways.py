"""One application whose connections have the fast lane or not, and what either way says to the same bytes."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import msgspec
from aiohttp import web

from server import resources
from server.kit import answer, serving
from server.kit.auth import AUTHENTICATOR, authentication
from server.kit.body import parse_json, read_body
from server.kit.deadline import deadline
from server.kit.errors import Invalid, RateLimited
from server.kit.idempotency import key_of
from server.kit.ids import new_id
from server.kit.invalidation import INVALIDATIONS
from server.kit.kept import Answer
from server.kit.lane import Lane
from server.kit.paging import DEFAULT_LIMIT
from server.kit.posting import Post, Posting, Posts
from server.kit.problems import problems
from server.kit.request import TOKENS, nothing_there, paging, signed_in
from server.settings import Settings
from tests.waiting import until

PATH = "/api/v1/feed/following"
DATE = re.compile(rb"Date: [^\r]*")
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
TURNS = 25


def body_of(account_id: UUID, limit: int | None) -> bytes:
    return b'{"account":"%b","limit":%d}' % (str(account_id).encode(), limit or DEFAULT_LIMIT)


def page(account_id: UUID | None, _name: str, limit: int | None) -> bytes | None:
    return body_of(account_id, limit) if account_id is not None else None


async def get_page(request: web.Request) -> web.Response:
    """The ordinary way."""
    account_id = signed_in(request)
    limit, _ = paging(request)
    return answer.encoded(body_of(account_id, limit))


SAY = "/api/v1/things/{id}/words"
THING = "0190f3a2-5b7c-7def-8123-456789abcdef"


async def say(account_id: UUID, name: str, body: bytes, key: str | None) -> Answer:
    """Does something with what is posted, or does not; what it answers tells what it was given."""
    words = parse_json(body)
    await asyncio.sleep(0)
    match words.get("text"):
        case "none":
            raise nothing_there()
        case "again":
            raise RateLimited("words", 3, {"RateLimit": '"words";r=0;t=3'})
        case "away":
            raise ConnectionError("the database")
        case "slow":
            raise TimeoutError
        case "bug":
            raise ZeroDivisionError
        case "kept":
            return Answer(201, b"{}", {"Retry-After": "1"})
        case str(text):
            return Answer(201, msgspec.json.encode([str(account_id), name, text, key]))
    raise Invalid.field("text", "is missing")


async def post_words(request: web.Request) -> web.Response:
    """The ordinary way."""
    account_id = signed_in(request)
    body = await read_body(request)
    return answer.of(await say(account_id, request.match_info["id"], body, key_of(request)))


async def post_echo(request: web.Request) -> web.Response:
    """Something with a body."""
    return web.Response(body=await request.read())


class Wire(asyncio.Transport):
    """What one connection says, in memory, so that each piece arrives by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.said = b""
        self.ended = False
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.said += bytes(data)

    def writelines(self, pieces: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(pieces))

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.ended

    def close(self) -> None:
        self.ended = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Noted(Lane):
    """A lane that remembers what it has answered."""

    taken = 0

    def answer(self, data: bytes) -> bytes | None:
        found = super().answer(data)
        self.taken += found is not None
        return found

    def begin(self, data: bytes) -> "Posting | None":
        found = super().begin(data)
        self.taken += found is not None
        return found


@dataclass
class Ways:
    """One application; its connections have the lane or not."""

    server: web.Server
    lane: Noted
    posts: Posts
    token: str

    async def both(self, pieces: list[bytes]) -> tuple[tuple[bytes, bool], tuple[bytes, bool]]:
        """What comes back by either way, and whether the connection was ended."""
        return await self.told(self.lane, pieces), await self.told(None, pieces)

    def connection(self, lane: Lane | None) -> tuple[serving.Connection, Wire]:
        made = serving.Connection(self.server, loop=asyncio.get_running_loop(), **self.server._kwargs)
        made.lane = lane
        wire = Wire()
        made.connection_made(wire)
        return made, wire

    async def told(self, lane: Lane | None, pieces: list[bytes]) -> tuple[bytes, bool]:
        made, wire = self.connection(lane)
        await rest()
        for piece in pieces:
            if not wire.ended:
                made.data_received(piece)
                await rest()
        ended = wire.ended
        made.connection_lost(None)
        await rest()
        return DATE.sub(b"Date: now", wire.said), ended


async def rest() -> None:
    """Until all that can be done is done: nothing here waits for anything but the loop's next turn."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


@asynccontextmanager
async def open_ways(settings: Settings) -> AsyncIterator[Ways]:
    """Both ways, within the block."""
    app = web.Application(middlewares=[problems, deadline, authentication])
    resources.provide(app, settings)
    app.cleanup_ctx.extend([resources.postgres, resources.invalidations])
    app.router.add_get(PATH, get_page)
    app.router.add_post("/echo", post_echo)
    app.router.add_post(SAY, post_words)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False, lingering_time=0.0, max_field_size=serving.HEADER_BYTES)
    await runner.setup()
    await until(lambda: app[INVALIDATIONS].fresh)
    app[INVALIDATIONS]._read_at = float("inf")  # believed for as long as these tests last
    token = app[TOKENS].access(new_id(), new_id())
    await app[AUTHENTICATOR].claims(token)
    posts = Posts(None)
    lane = Noted(app[AUTHENTICATOR], posts)
    lane.add(PATH, PATH, page)
    lane.add_post(SAY.replace("{id}", "([0-9a-f-]{36})"), Post(SAY, say))
    assert runner.server is not None
    yield Ways(runner.server, lane, posts, token)
    await posts.close()
    await runner.cleanup()


def request(token: str, query: str = "", *more: str) -> bytes:
    fields = ["Host: x", "X-Forwarded-For: 127.0.0.1", f"Authorization: Bearer {token}", "Accept: */*", *more]
    return f"GET {PATH}{query} HTTP/1.1\r\n".encode() + "".join(f"{field}\r\n" for field in fields).encode() + b"\r\n"


def posted(token: str, body: str = '{"text":"hi"}', *more: str) -> bytes:
    fields = ["Host: x", f"Authorization: Bearer {token}", "Content-Type: application/json", *more]
    if not any(field.lower().startswith("content-length") for field in more):
        fields.append(f"Content-Length: {len(body)}")
    lines = "".join(f"{field}\r\n" for field in fields)
    return f"POST {SAY.replace('{id}', THING)} HTTP/1.1\r\n{lines}\r\n{body}".encode("latin-1")


TEXTS = ["hi", "none", "again", "away", "slow", "bug", "kept"]
"""What `say` makes of each is another answer."""
