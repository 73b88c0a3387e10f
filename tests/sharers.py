"""Videos of the same bytes in tests: complete ones without an encoder, uploads of the same file, and what is stored of them."""

import asyncio
import hashlib
import secrets
from typing import Any
from uuid import UUID

from media.fingerprint import FEWEST
from server.accounts import queries as accounts
from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import Work, work
from server.videos import removals, sharing, steps
from server.videos.wire import Visibility
from storage.postgres import connection
from tests.people import Client, Person
from tests.server.uploads.test_form import post
from tests.videos import RENDITIONS, Told, published

FILES = {name: secrets.token_bytes(2000) for name in (*(r.name for r in RENDITIONS), "poster.jpg", "preview.webp")}
FILES["board.vtt"] = b"WEBVTT"
DIGESTS = {f"1/{name}": hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
TABLES = ("shared_generation", "media_user", "file_video", "made_file", "fingerprint")


def work_of(client: Client) -> Any:
    return work(client.app[POOL], client.app[ANNOUNCER], None)


async def make_ready(w: Work, video_id: UUID, author: Person) -> int:
    """As the last step of its job does; how many files are stored once from now on."""
    assert author.id is not None
    await accounts.lock(w.conn, author.id)
    await steps.pictured(w.conn, video_id, "1/preview.webp", "1/board.vtt")
    await steps.ready(w.conn, video_id)
    return await sharing.merge(w.conn, video_id, DIGESTS, 0)


async def complete(client: Client, author: Person, data: bytes, visibility: Visibility = "public") -> UUID:
    """A ready video of these bytes, with its objects."""
    video_id = await published(client, author, Told(visibility=visibility, sha256=hashlib.sha256(data).digest()))
    for name, content in FILES.items():
        await client.app[STORE].put(client.app[SETTINGS].s3_bucket, f"videos/{video_id}/1/{name}", content, content_type="x/y")
    async with work_of(client) as w:
        await make_ready(w, video_id, author)
        keys = list(range(FEWEST))
        await w.conn.execute("INSERT INTO fingerprint (video_id, moments, keys) VALUES ($1, $2, $3)", video_id, b"\x90", keys)
    return video_id


async def upload(author: Person, data: bytes, visibility: Visibility = "public") -> dict[str, Any]:
    made = await post(author, ("file", data), ("visibility", visibility))
    assert (made.status, set(made.body), "Video-Duplicate" in made.headers) == (202, {"video"}, False)
    return dict(made.body["video"])


async def plays(video: dict[str, Any], person: Person) -> None:
    """Everything of it can be had, by its own URLs, as it was made."""
    urls = [source["url"] for source in video["sources"]] + [video["poster_url"], video["preview_url"], video["storyboard_url"]]
    for url in urls:
        assert video["id"] in url
        answer = await person.get(url)
        assert (answer.status, answer.body) == (200, FILES[url.partition("?")[0].rpartition("/")[2]])


async def stored(client: Client, video_id: object) -> set[str]:
    bucket, prefix = client.app[SETTINGS].s3_bucket, f"videos/{video_id}/"
    return {key.removeprefix(prefix) async for key in client.app[STORE].list_prefix(bucket, prefix)}


async def remove_once(client: Client) -> None:
    """One run of removals, as if the time of everything had come."""
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE object_removal SET due_at = now()")
        await conn.execute("UPDATE shared_generation SET until = now() WHERE until IS NOT NULL")
    await removals.remove_due(client.app)


async def remove(client: Client) -> None:
    """Remove all that nobody needs: what the first run releases the second one removes."""
    await remove_once(client)
    await remove_once(client)


async def count(client: Client, table: str, column: str, value: object) -> int:
    async with connection(client.app[POOL]) as conn:
        found: int = await conn.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", value)
    return found


async def somebody_waits(client: Client) -> None:
    """Until a transaction waits for a lock that another one holds."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(60), connection(client.app[POOL]) as conn:
        while not await conn.fetchval(waiting):
            await asyncio.sleep(0.01)
