"""Comments by the fast lane, in front of aiohttp."""

from uuid import UUID

from aiohttp import web

from server.comments.actions import COMMENTS
from server.comments.saying import SAYING
from server.kit.ids import parse_id
from server.kit.kept import Answer
from server.kit.lane import Lane
from server.kit.posting import Post


def add_to(lane: Lane, app: web.Application) -> None:
    """Let the fast lane take comments."""

    async def say(account_id: UUID, name: str, body: bytes, key: str | None) -> Answer:
        return await app[SAYING].say(account_id, parse_id(name), body, key)

    lane.add_post(COMMENTS.replace("{id}", r"([0-9a-fA-F-]{36})"), Post(COMMENTS, say))
