"""Accounts and videos for benchmarks: made by the same functions that the API and the worker use, without pixels."""

import secrets
from collections.abc import Sequence
from uuid import UUID

import aiohttp
import msgspec

from server.accounts import queries as accounts
from server.kit.work import work
from server.videos import actions, steps
from server.videos.steps import NewRendition, Start
from server.videos.wire import NewVideo, RawObject
from storage.postgres import Pool

BASE = "/api/v1"
START = Start(
    generation=1,
    duration_ms=8000,
    width=720,
    height=1280,
    thumbhash="1QcSHQRnh493V4dIh4eXh1h4kJUI",
    poster="1/poster.jpg",
    progress=0.45,
)
TITLE = "A benchmark's clip #bench"
RENDITIONS = [
    NewRendition("540.mp4", "mp4", 1, 540, 960, 1_400_000, 1_400_000, b'{"start":true}'),
    NewRendition("720.mp4", "mp4", 1, 720, 1280, 2_500_000, 2_500_000, b'{"start":false}'),
    NewRendition("234.mp4", "mp4", 1, 234, 416, 190_000, 190_000, b'{"start":false}'),
]


class Silent:
    """Announces nothing: what a benchmark prepares concerns nobody."""

    def announce(self, event: msgspec.Struct) -> None:
        """Nobody listens."""

    async def settled(self, events: Sequence[msgspec.Struct]) -> None:
        """Nobody is waited for."""


async def sign_up(http: aiohttp.ClientSession, origin: str, name: str) -> tuple[UUID, str]:
    """A fresh account; its id and access token."""
    username = f"{name}_{secrets.token_hex(4)}"
    body = {"username": username, "email": f"{username}@example.org", "password": secrets.token_hex(8)}
    async with http.post(f"{origin}{BASE}/accounts", json=body, raise_for_status=True) as response:
        answer = await response.json()
    return UUID(answer["account"]["id"]), answer["access_token"]


async def follow(http: aiohttp.ClientSession, origin: str, token: str, authors: Sequence[UUID]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    for author_id in authors:
        async with http.put(f"{origin}{BASE}/me/following/{author_id}", headers=headers, raise_for_status=True):
            pass


async def unpublished(pool: Pool, author_id: UUID, title: str = TITLE) -> UUID:
    """A video that is ready to be published."""
    raw = RawObject(f"uploads/{secrets.token_hex(8)}", None, [], 1000)
    new = NewVideo(author_id, title, "", "public", secrets.token_bytes(32), raw)
    async with work(pool, Silent(), author_id) as w:
        video_id = (await actions.create(w, new)).video_id
        await steps.begin(w.conn, video_id)
        await steps.playable(w.conn, video_id, author_id, START, RENDITIONS)
    return video_id


async def publish(pool: Pool, author_id: UUID, video_id: UUID) -> None:
    """As the worker does it, in one transaction with the row of the outbox."""
    async with work(pool, Silent(), None) as w:
        await accounts.lock(w.conn, author_id)
        await actions.publish(w, video_id, author_id)
