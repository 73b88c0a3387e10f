"""Videos of the same bytes: at once where they may be seen, in silence where they may not, and each goes by itself."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from botocore.exceptions import ClientError

from media.fingerprint import FEWEST
from media.pool import Pool as MediaPool
from server.accounts import queries as accounts
from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import Work, work
from server.kit.workfolder import job_folder
from server.posters import actions as posters
from server.posters.jobs import PosterMaking
from server.posters.wire import PosterMoment
from server.transcoding import actions as transcoding
from server.transcoding import lost
from server.transcoding.jobs import Tools
from server.videos import actions, removals, shared, sharing, steps
from server.videos.wire import Failure, NewVideo, RawObject, Visibility
from storage import jobs
from storage.objects import PART_BYTES
from storage.postgres import connection
from tests.media.films import Film, Picture
from tests.people import Answer, Client, Person, sign_up
from tests.resumable import original
from tests.server.uploads.test_form import post
from tests.transcoded import events_of, job_of, lease, run, tools_of
from tests.videos import RENDITIONS, Told, published

pytestmark = pytest.mark.usefixtures("empty_queue")

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


async def test_of_two_jobs_that_end_together_one_shares(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    told = Told(sha256=hashlib.sha256(data).digest())
    hers, his = await published(client, ann, told), await published(client, ben, told)

    async def end_his() -> int:
        async with work_of(client) as other:
            return await make_ready(other, his, ben)

    async with work_of(client) as w:
        assert await make_ready(w, hers, ann) == 0
        ending = asyncio.create_task(end_his())
        await somebody_waits(client)
    assert await ending == len(FILES)
    async with connection(client.app[POOL]) as conn:
        assert [(one.media_id, one.names) for one in await shared.of(conn, his)] == [(hers, frozenset(FILES))]


async def test_other_bytes_are_not_shared(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    """What an encoder made differently stays as it was made: nothing that its author sees came from elsewhere."""
    first = await complete(client, ann, data, "private")
    his = await published(client, ben, Told(sha256=hashlib.sha256(data).digest()))
    digests = DIGESTS | {"1/720.mp4": "0" * 64}
    async with work_of(client) as w:
        await steps.ready(w.conn, his)
        assert await sharing.merge(w.conn, his, digests, 0) == len(FILES) - 1
    async with connection(client.app[POOL]) as conn:
        mapped = await shared.of(conn, his)
    assert shared.key_of(his, 1, "720.mp4", mapped) == f"videos/{his}/1/720.mp4"
    assert shared.key_of(his, 1, "540.mp4", mapped) == f"videos/{first}/1/540.mp4"
    # A copy of that finds both.
    async with work_of(client) as w:
        await steps.pictured(w.conn, his, "1/preview.webp", "1/board.vtt")
    copy = UUID((await upload(await sign_up(client, "cat"), data))["id"])
    async with connection(client.app[POOL]) as conn:
        mapped = await shared.of(conn, copy)
    assert shared.key_of(copy, 1, "720.mp4", mapped) == f"videos/{his}/1/720.mp4"
    assert shared.key_of(copy, 1, "540.mp4", mapped) == f"videos/{first}/1/540.mp4"


async def test_what_others_use_is_not_moved(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    hers = await published(client, ann, Told(sha256=hashlib.sha256(data).digest()))
    his = await complete(client, ben, data)
    await upload(await sign_up(client, "cat"), data)
    async with work_of(client) as w:
        assert await make_ready(w, hers, ann) == len(FILES)
    async with work_of(client) as w:  # his is made again, and the same comes out
        assert await make_ready(w, his, ben) == 0
    await remove(client)
    assert await stored(client, his) == set(DIGESTS)


@pytest.fixture
async def tools(client: Client) -> AsyncIterator[Tools]:
    async with MediaPool(processes=1) as media:
        yield tools_of(client, media)


async def _seen(person: Person, video: dict[str, Any]) -> dict[str, Answer]:
    """Everything that can be had of a video, as its author sees it."""
    urls = [source["url"] for source in video["sources"]] + [video["poster_url"], video["preview_url"], video["storyboard_url"]]
    return {url.partition("?")[0].rpartition("/")[2]: await person.get(url) for url in urls}


async def choose_poster(client: Client, tools: Tools, video_id: UUID, author: Person, folder: Path) -> None:
    """Which is made of a file that lies elsewhere."""
    async with work(client.app[POOL], client.app[ANNOUNCER], author.id) as w:
        await posters.ask_for_moment(w, await actions.own(w, video_id), PosterMoment(500), limited=False)
    async with connection(client.app[POOL]) as conn:
        while (found := await jobs.take(conn, {actions.POSTER_JOB}, "test")) and found.subject_id != video_id:
            await jobs.end(conn, found, "of another test")
    assert found
    async with job_folder(folder) as work_folder:
        await PosterMaking(tools, found, work_folder).run()


def calm(folder: Path) -> bytes:
    """A clip in which nothing moves: all its encodings came out equal, whereas those of a livelier one differ from run to run."""

    def grey(_index: int, width: int, height: int) -> Picture:
        return np.full((height, width, 3), 120, np.uint8)

    film = Film(seconds=2, width=180, height=320, codec="mpeg4", options={}, picture=grey, volume=0.2)
    salt = secrets.token_bytes(16)
    return film.write(folder / "calm.mp4").read_bytes() + (8 + len(salt)).to_bytes(4) + b"free" + salt


async def test_a_job_that_made_the_same_again_stores_it_once(
    client: Client, ann: Person, ben: Person, tools: Tools, tmp_path: Path
) -> None:
    clip = calm(tmp_path)
    hidden = await upload(ann, clip, "private")
    await run(client, tools, UUID(hidden["id"]), tmp_path)
    video_id = UUID((await upload(ben, clip))["id"])
    assert (await ben.get(f"/videos/{video_id}")).body["status"] == "uploaded"
    await run(client, tools, video_id, tmp_path)
    video = (await ben.get(f"/videos/{video_id}")).body
    assert video["status"] == "ready"
    job = await job_of(client, video_id)
    assert "shared" in await events_of(client, job)

    await remove(client)
    assert await stored(client, video_id) == set()
    seen = await _seen(ben, video)
    assert {answer.status for answer in seen.values()} == {200}
    hers = await _seen(ann, (await ann.get(f"/videos/{hidden['id']}")).body)
    for name in set(seen) - {"master.m3u8", "storyboard.vtt"}:  # those of a hidden video are signed
        assert seen[name].body == hers[name].body
        assert seen[name].headers["ETag"] != hers[name].headers["ETag"]

    await choose_poster(client, tools, video_id, ben, tmp_path)
    assert len(await stored(client, video_id)) == 1

    await lost.look(client.app, [job])  # nothing is missing
    assert (await job_of(client, video_id)).state == "done"
    await ann.delete(f"/videos/{hidden['id']}")
    await remove(client)
    assert {answer.status for answer in (await _seen(ben, video)).values()} == {200}
    # What is lost below the other one is made again, as one's own.
    await tools.store.delete(tools.media_bucket, [f"videos/{hidden['id']}/1/preview.webp"])
    await lost.look(client.app, [job])
    assert (await job_of(client, video_id)).state == "queued"
    await run(client, tools, video_id, tmp_path)
    assert "2/preview.webp" in await stored(client, video_id)
    video = (await ben.get(f"/videos/{video_id}")).body
    assert {answer.status for answer in (await _seen(ben, video)).values()} == {200}
    await ben.delete(f"/videos/{video_id}")
    await remove(client)
    assert await stored(client, hidden["id"]) == await stored(client, video_id) == set()


async def test_only_what_is_there_is_shared_and_nothing_that_was_made_again(
    client: Client, ann: Person, ben: Person, tools: Tools, tmp_path: Path
) -> None:
    clip, cat = calm(tmp_path), await sign_up(client, "cat")
    hidden = UUID((await upload(ann, clip, "private"))["id"])
    await run(client, tools, hidden, tmp_path)
    preview = f"videos/{hidden}/1/preview.webp"
    content = await tools.store.read(tools.media_bucket, preview)
    await tools.store.delete(tools.media_bucket, [preview])

    his = UUID((await upload(ben, clip, "private"))["id"])
    await run(client, tools, his, tmp_path)
    await remove(client)
    assert await stored(client, his) == {"1/preview.webp"}
    await lost.look(client.app, [await job_of(client, his)])
    assert (await job_of(client, his)).state == "done"

    await tools.store.put(tools.media_bucket, preview, content, content_type="image/webp")
    third = UUID((await upload(cat, clip, "private"))["id"])
    await run(client, tools, third, tmp_path)
    await remove(client)
    assert await stored(client, third) == set()
    await tools.store.delete(tools.media_bucket, [preview])
    await lost.look(client.app, [await job_of(client, third)])
    await tools.store.put(tools.media_bucket, preview, content, content_type="image/webp")
    await run(client, tools, third, tmp_path)
    await remove(client)
    assert "2/preview.webp" in await stored(client, third)
