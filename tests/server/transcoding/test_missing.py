"""What is not in the store is told, and whoever shows it is marked, nobody else."""

import secrets
from uuid import UUID

import pytest

from server.kit.request import POOL, SETTINGS, STORE
from server.transcoding.missing import missing
from server.videos import shared
from storage.postgres import connection
from tests.people import Client, Person, sign_up
from tests.sharers import DIGESTS, complete, upload, work_of


async def _marked(client: Client, *video_ids: UUID) -> list[bool]:
    async with connection(client.app[POOL]) as conn:
        return [await conn.fetchval("SELECT lost FROM made_file WHERE video_id = $1", video_id) for video_id in video_ids]


async def _lose(client: Client, key: str) -> None:
    await client.app[STORE].delete(client.app[SETTINGS].s3_bucket, [key])


async def test_all_who_show_a_lost_file_are_marked(client: Client, ann: Person, ben: Person) -> None:
    data, cat = secrets.token_bytes(1000), await sign_up(client, "cat")
    first, other = await complete(client, ann, data, "private"), await complete(client, ann, secrets.token_bytes(1000))
    silent = await complete(client, cat, data, "private")
    await ann.patch(f"/videos/{first}", json={"visibility": "public"})
    copy = UUID((await upload(ben, data))["id"])
    everyone = (first, copy, silent, other)
    assert await missing(client.app, copy, DIGESTS) == []
    assert await _marked(client, *everyone) == [False] * 4

    # Who shows others since then is not concerned, though it may be looked up yet.
    async with work_of(client) as w:
        await shared.retire(w.conn, silent, [], 3600)
        await shared.keep_digests(w.conn, silent, {path.replace("1/", "2/", 1): digest for path, digest in DIGESTS.items()})
    await _lose(client, f"videos/{first}/1/720.mp4")
    assert await missing(client.app, copy, DIGESTS) == ["1/720.mp4"]
    assert await _marked(client, *everyone) == [True, True, False, False]


@pytest.mark.parametrize(("lost", "marked"), [("540.mp4", True), ("720.mp4", False)])
async def test_who_shares_only_some_files_is_marked_for_those(
    client: Client, ann: Person, ben: Person, lost: str, marked: bool
) -> None:
    data = secrets.token_bytes(1000)
    first, his = await complete(client, ann, data, "private"), await complete(client, ben, data)
    async with work_of(client) as w:
        names = [path.removeprefix("1/") for path in DIGESTS if path != "1/720.mp4"]
        await w.conn.execute("UPDATE shared_generation SET names = $2 WHERE video_id = $1", his, names)
    await _lose(client, f"videos/{first}/1/{lost}")
    assert await missing(client.app, first, DIGESTS) == [f"1/{lost}"]
    assert await _marked(client, first, his) == [True, marked]
