"""Videos of the same bytes: ready at once where they may be seen, and each goes by itself."""

import asyncio
import hashlib
import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from botocore.exceptions import ClientError

from media.pool import Pool as MediaPool
from server.kit.request import POOL, SETTINGS, STORE
from server.transcoding import actions as transcoding
from server.videos import actions, shared, steps
from server.videos.wire import Failure, NewVideo, RawObject, Visibility
from storage.objects import PART_BYTES
from storage.postgres import connection
from tests.people import Client, Person, sign_up
from tests.resumable import original
from tests.sharers import DIGESTS, TABLES, complete, count, plays, remove, remove_once, somebody_waits, stored, upload, work_of
from tests.transcoded import job_of, lease, tools_of
from tests.videos import Told, published

pytestmark = pytest.mark.usefixtures("empty_queue")


@pytest.fixture
def data() -> bytes:
    return secrets.token_bytes(1000)


async def test_what_everybody_may_see_is_ready_at_once(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    first = await complete(client, ann, data)
    video = await upload(ben, data)
    assert (video["status"], video["progress"], video["author"]["id"]) == ("ready", 1, str(ben.id))
    assert video["published_at"] is not None
    hers = (await ben.get(f"/videos/{first}")).body
    for field in ("duration_ms", "width", "height", "thumbhash"):
        assert video[field] == hers[field]
    assert [source["bytes"] for source in video["sources"]] == [source["bytes"] for source in hers["sources"]]
    await plays(video, ann)
    assert await stored(client, video["id"]) == set()
    assert await original(client, video["id"]) == data
    own = UUID(video["id"])
    assert await count(client, "job", "subject_id", own) == 0
    assert [await count(client, table, "video_id", own) for table in ("publication", "fingerprint")] == [1, 1]
    listed = (await ann.get(f"/users/{ben.id}/videos")).body["items"]
    assert [item["id"] for item in listed] == [video["id"]]


async def test_its_original_is_made_whole(client: Client, ann: Person, ben: Person) -> None:
    data = secrets.token_bytes(PART_BYTES + 1)
    await complete(client, ann, data)
    video = await upload(ben, data)
    assert video["status"] == "ready"
    async with connection(client.app[POOL]) as conn:
        row = await conn.fetchrow("SELECT key, multipart_id FROM raw_object WHERE video_id = $1", UUID(video["id"]))
    assert row is not None
    assert row["multipart_id"] is None
    assert await client.app[STORE].read(client.app[SETTINGS].s3_raw_bucket, row["key"]) == data


@pytest.mark.parametrize("error", [asyncpg.ConnectionDoesNotExistError("gone"), ClientError({"Error": {}}, "complete")])
async def test_what_follows_the_last_byte_does_not_take_the_video_back(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    data = secrets.token_bytes(PART_BYTES + 1)
    await complete(client, ann, data)

    async def breaks_off(*_: object) -> None:
        raise error

    monkeypatch.setattr(steps, "raw_is_whole", breaks_off)
    assert (await upload(ben, data))["status"] == "ready"


async def test_followers_see_what_is_for_followers(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    await complete(client, ann, data, "followers")
    cat = await sign_up(client, "cat")
    await ben.follow(ann)
    assert (await upload(ben, data))["status"] == "ready"
    other = await sign_up(client, "dan")
    await cat.follow(other)
    # What Ben has made of it is public: for Cat it is there.
    assert (await upload(cat, data))["status"] == "ready"


@pytest.mark.parametrize("visibility", ["private", "followers"])
async def test_a_hidden_one_leaves_no_trace(
    client: Client, ann: Person, ben: Person, data: bytes, visibility: Visibility
) -> None:
    hidden = await complete(client, ann, data, visibility)
    video, unknown = await upload(ben, data), await upload(ben, secrets.token_bytes(1000))
    changing = ("id", "created_at")
    assert {k: v for k, v in video.items() if k not in changing} == {k: v for k, v in unknown.items() if k not in changing}
    assert video["status"] == "uploaded"
    for one in (video, unknown):
        assert await count(client, "job", "subject_id", UUID(one["id"])) == 1
        assert await count(client, "shared_generation", "video_id", UUID(one["id"])) == 0
    assert await count(client, "media_user", "media_id", hidden) == 0


@pytest.mark.parametrize("blocks", ["author", "uploader"])
async def test_what_a_block_hides_leaves_no_trace(client: Client, ann: Person, ben: Person, data: bytes, blocks: str) -> None:
    hidden = await complete(client, ann, data)
    who, whom = (ann, ben) if blocks == "author" else (ben, ann)
    assert (await who.put(f"/me/blocks/{whom.id}")).status == 204
    video = await upload(ben, data)
    assert video["status"] == "uploaded"
    assert await count(client, "job", "subject_id", UUID(video["id"])) == 1
    assert await count(client, "media_user", "media_id", hidden) == 0
    assert (await who.delete(f"/me/blocks/{whom.id}")).status == 204
    assert (await upload(await sign_up(client, "cat"), data))["status"] == "ready"


async def test_what_is_not_complete_is_not_copied(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    settled = await published(client, ann, Told(sha256=hashlib.sha256(data).digest()))
    assert (await upload(ben, data))["status"] == "uploaded"
    async with work_of(client) as w:
        await steps.settled(w.conn, settled)
    assert (await upload(await sign_up(client, "cat"), data))["status"] == "uploaded"


@pytest.mark.parametrize(("missing", "status"), [({"probe", "first", "ladder"}, "playable"), ({"pictures"}, "ready")])
async def test_what_has_lost_something_is_not_copied(
    client: Client, ann: Person, ben: Person, data: bytes, missing: set[str], status: str
) -> None:
    first = await complete(client, ann, data)
    async with work_of(client) as w:
        await w.conn.execute("UPDATE job SET state = 'done', ended_at = now() WHERE subject_id = $1", first)
    job = await job_of(client, first)
    async with work_of(client) as w:
        assert await transcoding.make_again(w, job, missing, [])
    assert (await ann.get(f"/videos/{first}")).body["status"] == status
    assert (await upload(ben, data))["status"] == "uploaded"
    # Nor is it when that comes to nothing.
    broken = Failure("unreadable", "It does not decode.")
    await transcoding.fail(tools_of(client, MediaPool(processes=1)), await lease(client, first), broken)
    assert (await ann.get(f"/videos/{first}")).body["status"] == "ready"
    assert (await upload(await sign_up(client, "cat"), data))["status"] == "uploaded"


async def test_a_private_copy_is_published_when_it_is_opened(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    await complete(client, ann, data)
    video = await upload(ben, data, "private")
    assert (video["status"], video["published_at"]) == ("ready", None)
    await plays(video, ben)
    assert (await ann.get(f"/videos/{video['id']}")).status == 404
    opened = await ben.patch(f"/videos/{video['id']}", json={"visibility": "public"})
    assert opened.body["published_at"] is not None
    await plays(opened.body, ann)


async def test_hiding_one_hides_no_other(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    first = await complete(client, ann, data)
    video = await upload(ben, data)
    hers = (await ann.get(f"/videos/{first}")).body["sources"][0]["url"]
    await ann.patch(f"/videos/{first}", json={"visibility": "private"})
    assert (await ben.get(hers)).status == 403
    await plays(video, ben)
    # A copy of a copy looks for the bytes where they lie, though the one they came from is hidden.
    copy = await upload(await sign_up(client, "cat"), data)
    assert copy["status"] == "ready"
    await ben.patch(f"/videos/{video['id']}", json={"visibility": "private"})
    await plays(copy, ben)
    assert await count(client, "media_user", "media_id", first) == 2


async def test_the_bytes_go_with_the_last_who_uses_them(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    first, cat = await complete(client, ann, data), await sign_up(client, "cat")
    store, bucket = client.app[STORE], client.app[SETTINGS].s3_bucket
    await store.put(bucket, f"videos/{first}/0/poster-own.jpg", b"hers alone", content_type="image/jpeg")
    his = await upload(ben, data)
    await ann.delete(f"/videos/{first}")
    await remove(client)
    assert await stored(client, first) == set(DIGESTS)
    copy = await upload(cat, data)
    assert copy["status"] == "ready"
    await ben.delete(f"/videos/{his['id']}")
    await remove(client)
    await plays(copy, ann)
    await cat.delete(f"/videos/{copy['id']}")
    await remove(client)
    assert await stored(client, first) == set()
    for table in TABLES:
        for video_id in (first, his["id"], copy["id"]):
            assert await count(client, table, "video_id", UUID(str(video_id))) == 0
    assert (await upload(ben, data))["status"] == "uploaded"


async def test_a_copy_that_goes_takes_nothing_along(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    first = await complete(client, ann, data)
    his = await upload(ben, data)
    await ben.delete(f"/videos/{his['id']}")
    await remove(client)
    assert await stored(client, first) == set(DIGESTS)
    await plays((await ben.get(f"/videos/{first}")).body, ben)
    assert await count(client, "media_user", "media_id", first) == 0


async def test_who_leaves_during_a_removal_is_heard(
    client: Client, ann: Person, ben: Person, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, cat = await complete(client, ann, data), await sign_up(client, "cat")
    his, copy = await upload(ben, data), await upload(cat, data)
    await ann.delete(f"/videos/{first}")
    await remove(client)
    await ben.delete(f"/videos/{his['id']}")  # now there is a removal that finds the last user
    looked = shared.used

    async def then_leave(conn: Any, media_ids: Iterable[UUID]) -> dict[UUID, set[int]]:
        found = await looked(conn, list(media_ids))
        if found.get(first):
            await cat.delete(f"/videos/{copy['id']}")
        return found

    with monkeypatch.context() as leaving:
        leaving.setattr(shared, "used", then_leave)
        await remove_once(client)
    assert await stored(client, first) == set(DIGESTS)
    await remove(client)
    assert await stored(client, first) == set()


def new_video(author: Person, data: bytes) -> NewVideo:
    assert author.id is not None
    raw = RawObject(f"uploads/{secrets.token_hex(8)}", None, [], len(data))
    return NewVideo(author.id, "", "", "public", hashlib.sha256(data).digest(), raw)


async def test_a_deletion_waits_for_who_shares(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    first = await complete(client, ann, data)
    async with work_of(client) as w:
        made = await actions.create(w, new_video(ben, data))
        assert made.ready
        deleting = asyncio.create_task(ann.delete(f"/videos/{first}"))
        await somebody_waits(client)
        assert not deleting.done()
    assert (await deleting).status == 204
    await remove(client)
    await plays((await ben.get(f"/videos/{made.video_id}")).body, ben)


async def test_what_is_hidden_meanwhile_is_not_shared(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    first = await complete(client, ann, data)
    async with work_of(client) as w:
        held = await w.conn.fetchval("UPDATE video SET visibility = 'private' WHERE id = $1 RETURNING true", first)
        assert held
        uploading = asyncio.create_task(upload(ben, data))
        await somebody_waits(client)
    assert (await uploading)["status"] == "uploaded"
    assert await count(client, "media_user", "media_id", first) == 0


async def test_what_breaks_off_leaves_nothing(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    first = await complete(client, ann, data)
    made: list[UUID] = []

    async def break_off() -> None:
        async with work_of(client) as w:
            made.append((await actions.create(w, new_video(ben, data))).video_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    assert await count(client, "media_user", "media_id", first) == 0
    for table in (*TABLES, "rendition", "publication"):
        assert await count(client, table, "video_id", made[0]) == 0
