"""Videos for tests that need no pixels: begun and made playable by the same functions that the upload and the worker use."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from server.accounts import queries as accounts
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.videos import actions, steps
from server.videos.steps import NewRendition, Start
from server.videos.wire import Failure, NewVideo, RawObject, Visibility
from tests.people import Client, Person

START = Start(
    generation=1,
    duration_ms=5000,
    width=360,
    height=640,
    thumbhash="1QcSHQRnh493V4dIh4eXh1h4kJUI",
    poster="1/poster.jpg",
    progress=0.45,
)
RENDITIONS = [
    NewRendition("540.mp4", "mp4", 1, 540, 960, 1_400_000, 875_000, b'{"start":true}'),
    NewRendition("234.mp4", "mp4", 1, 234, 416, 190_000, 118_750, b'{"start":false}'),
    NewRendition("720.mp4", "mp4", 1, 720, 1280, 2_500_000, 1_562_500, b'{"start":false}'),
]


@dataclass
class Told:
    """What a video is told to be."""

    title: str = "a clip"
    description: str = ""
    visibility: Visibility = "public"
    sha256: bytes = field(default_factory=lambda: secrets.token_bytes(32))


async def uploaded(client: Client, author: Person, told: Told | None = None) -> UUID:
    """A video whose last byte has just arrived."""
    told = told or Told()
    assert author.id is not None
    raw = RawObject(f"uploads/{secrets.token_hex(8)}", None, [], 1000)
    app = client.app
    async with work(app[POOL], app[ANNOUNCER], author.id) as w:
        new = NewVideo(author.id, told.title, told.description, told.visibility, told.sha256, raw)
        return (await actions.create(w, new)).video_id


async def published(client: Client, author: Person, told: Told | None = None) -> UUID:
    """A video that plays."""
    video_id = await uploaded(client, author, told)
    assert author.id is not None
    app = client.app
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await accounts.lock(w.conn, author.id)
        await steps.begin(w.conn, video_id)
        await steps.playable(w.conn, video_id, author.id, START, RENDITIONS)
        await actions.publish(w, video_id, author.id)
    return video_id


async def failed(client: Client, author: Person) -> UUID:
    """A video that never will."""
    video_id = await uploaded(client, author)
    async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
        await steps.failed(w.conn, video_id, Failure("unreadable", "Not media."))
    return video_id
