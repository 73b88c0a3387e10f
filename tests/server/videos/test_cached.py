"""What the edge has cached of a video goes with its objects, where its cache is here."""

from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import UUID

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from pytest_aiohttp.plugin import AiohttpClient

from edge.cached import file_of
from server.kit.request import POOL, SETTINGS, STORE
from server.settings import Settings
from server.videos import removals
from server.videos.cached import urls
from server.web import application
from storage.postgres import connection
from tests.people import Client, Person, sign_up
from tests.videos import published

USE = "INSERT INTO shared_generation (video_id, generation, media_id, media_generation) VALUES ($1, 2, $2, 1)"
MADE = "INSERT INTO made_file (video_id, digests) VALUES ($1, jsonb_build_object('2/720.mp4', 'x'))"


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, settings: Settings, tmp_path: Path) -> Client:
    """An application that knows the cache of an edge."""
    server = TestServer(application(replace(settings, edge_cache=str(tmp_path))))
    return cast("Client", await aiohttp_client(server, cookie_jar=aiohttp.DummyCookieJar()))


def _cache(client: Client, path: str) -> Path:
    """The edge has cached this path."""
    file = file_of(Path(client.app[SETTINGS].edge_cache), path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"media")
    return file


def _of(video_id: UUID) -> list[str]:
    return [f"/media/{video_id}/o/1/540.mp4", f"/media/{video_id}/s/1/540.mp4", f"/media/{video_id}/o/1/master.m3u8"]


async def test_what_the_edge_has_of_a_deleted_video_goes_and_nothing_else(client: Client) -> None:
    ann: Person = await sign_up(client, "ann")
    video_id, other, shared = [await published(client, ann) for _ in range(3)]
    for owner in (video_id, other):
        await client.app[STORE].put(client.app[SETTINGS].s3_bucket, f"videos/{owner}/1/540.mp4", b"x", content_type="video/mp4")
    gone, stays = [_cache(client, path) for path in _of(video_id)], [_cache(client, path) for path in _of(other)]
    # A file that lies below another video's name is cached below this one's.
    async with connection(client.app[POOL]) as conn:
        await conn.execute(USE, video_id, shared)
        await conn.execute(MADE, video_id)
    gone.append(_cache(client, f"/media/{video_id}/o/2/720.mp4"))
    await ann.delete(f"/videos/{video_id}")
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE object_removal SET due_at = now() WHERE video_id = $1", video_id)
    await removals.remove_due(client.app)
    assert not any(file.exists() for file in gone)
    assert all(file.exists() for file in stays)
    async with connection(client.app[POOL]) as conn:
        assert await conn.fetchval("SELECT count(*) FROM cached_path WHERE video_id = $1", video_id) == 0


def test_only_what_the_edge_serves_has_urls() -> None:
    assert urls(["avatars/a/b-320.jpg", "videos/v", "else/1/2/3"]) == {"/media/avatars/a/b-320.jpg"}
