"""Nothing is left of an account that was deleted: in no table, no bucket, and not in Valkey, whatever breaks off meanwhile."""

import asyncio
import logging
import secrets
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from pubsub.commands import Command
from pubsub.opening import open_commands
from server.avatars import actions as avatars
from server.avatars.wire import Wish
from server.departures import jobs as departures
from server.departures.actions import DEPARTURE_JOB
from server.departures.jobs import Departing
from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import work
from server.notifications import jobs as notification_jobs
from server.plays.jobs import fold
from server.suggestions.actions import SUGGESTING
from server.transcoding.jobs import LeaseLost, under_lease
from server.videos import removals
from server.videos.actions import JOB
from server.videos.wire import Failure
from storage import job_trace, jobs
from storage.postgres import connection
from tests.people import Client, Person, sign_up
from tests.resumable import Resumable
from tests.server.departures.leaving import all_tables, count, depart, depart_wholly, leased, leave, tools, traces
from tests.videos import Told, published, uploaded

POPULAR = "INSERT INTO popular_name (beginning, kind, name, weight) VALUES ('', 'user', $1, 1)"
LIST = "INSERT INTO suggestion (account_id, model_id, video_ids, whys) VALUES ($1, $2, $3, '{taste}')"
LATE_COMMENT = "INSERT INTO comment (video_id, id, author_id, text) VALUES ($1, $2, $3, 'late')"
VIEW = {"watched_ms": 3000, "completed": False, "replays": 0, "source": "following"}
ABOUT_NO_ACCOUNT = {
    "event_log", "lease", "listener", "schema_migration", "schema_migration_step", "walk",
    # By video, of those of the account: they go with it.
    "cached_path", "fingerprint", "made_file", "media_user", "play_counted", "play_day", "play_total", "poster_wish",
    "raw_object", "rendition", "shared_generation", "video_remains", "video_tier", "cold_original",
    # By job, as these.
    "job_event", "job_step",
    # About nobody, or by video.
    "suggestion_model", "suggestion_popular", "suggestion_similar",
    # The account's own objects are there after it was deleted alone.
    "departure", "departure_object", "object_removal",
}  # fmt: skip
"""Tables in which no row names an account that is there. A new one is either named here, or `_live` makes a row of it."""
FOLDED = {"count_change", "account_count", "video_count"}
"""What waits in the one is in the others within a second, or not yet."""


async def _picture(client: Client, person: Person) -> None:
    """Shown already, and another one that waits."""
    assert person.id is not None
    app, settings = client.app, client.app[SETTINGS]
    name = f"{secrets.token_hex(8)}-1"
    store = app[STORE]
    await store.put(settings.s3_bucket, f"avatars/{person.id}/{name}-320.jpg", b"picture", content_type="image/jpeg")
    wish = Wish(token=secrets.token_hex(8), photo_sha256=secrets.token_bytes(32))
    await store.put(settings.s3_raw_bucket, avatars.photo_key(person.id, wish.token), b"photo", content_type="image/jpeg")
    async with work(app[POOL], app[ANNOUNCER], person.id) as w:
        await avatars.show(w, person.id, name, 0.0)
        await avatars.ask_for(w, person.id, wish, limited=False)


async def _live(client: Client, ann: Person, ben: Person) -> tuple[UUID, UUID]:
    """Everything that somebody can do, both ways; a video of each."""
    cat, dan = await sign_up(client, "cat"), await sign_up(client, "dan")
    own, of_ben = await published(client, ann, Told("a #clip")), await published(client, ben)
    await uploaded(client, ann)
    app = client.app
    await app[STORE].put(app[SETTINGS].s3_bucket, f"videos/{own}/1/540.mp4", b"media", content_type="video/mp4")
    await ann.follow(ben)
    await ben.follow(ann)
    for one, other in ((ann, cat), (dan, ann)):
        assert (await one.put(f"/me/blocks/{other.id}")).status == 204
    for one, video_id in ((ann, of_ben), (ben, own)):
        assert (await one.delete("/me/suggestions")).status == 204
        key = {"Idempotency-Key": secrets.token_hex(8)}
        assert (await one.post(f"/videos/{video_id}/comments", json={"text": "hello"}, headers=key)).status == 201
        assert (await one.put(f"/videos/{video_id}/like")).status == 204
        assert (await one.post(f"/videos/{video_id}/views", json=VIEW)).status == 202
        assert (await one.post(f"/videos/{video_id}/reports", json={"reason": "spam"})).status == 202
        assert (await one.post(f"/videos/{video_id}/shares")).status == 202
        assert (await one.put(f"/videos/{video_id}/not-interested")).status == 204
    await _picture(client, ann)
    upload = Resumable(ann, b"x" * 20)
    assert (await upload.create(b"x" * 10, 20)).status == 201
    for one, other in ((ann, ben), (ben, ann)) * 2:  # told, and waiting to be
        await notification_jobs.tell(app[POOL])
        assert (await one.post(f"/videos/{own}/comments", json={"text": f"@{other.username}"})).status == 201
    await published(client, ben)  # else all may be seen
    assert len((await ann.get("/feed/suggested?limit=1")).body["items"]) == 1
    await app[SUGGESTING].log.flush()
    await app[POOL].execute(POPULAR, ann.username.lower())
    # Tests run without limits, which leave their rows.
    await app[POOL].execute("INSERT INTO upload_quota (account_id, day, used) VALUES ($1, now()::date, 1)", ann.id)
    await app[POOL].execute("INSERT INTO play_quota (account_id, since, reports) VALUES ($1, now(), 1)", ann.id)
    await app[POOL].execute(LIST, ann.id, uuid4(), [of_ben])
    return own, of_ben


async def _keys(client: Client, person: Person) -> list[str]:
    """Of objects below the names of the person and of these."""
    assert person.id is not None
    store, settings = client.app[STORE], client.app[SETTINGS]
    return [
        key
        for bucket in (settings.s3_bucket, settings.s3_raw_bucket)
        async for key in store.list_prefix(bucket, f"avatars/{person.id}/")
    ]


async def test_no_table_bucket_or_cache_names_a_deleted_account(
    client: Client, ann: Person, ben: Person, no_stragglers: None, caplog: pytest.LogCaptureFixture
) -> None:
    own, of_ben = await _live(client, ann, ben)
    store, settings = client.app[STORE], client.app[SETTINGS]
    assert await traces(client, ann) - FOLDED == await all_tables(client) - ABOUT_NO_ACCOUNT - FOLDED
    async with connection(client.app[POOL]) as conn:
        upload_ids = [row["id"] for row in await conn.fetch("SELECT id FROM upload WHERE account_id = $1", ann.id)]
    await leave(ann)
    with caplog.at_level(logging.INFO, "server.departures"):
        await depart_wholly(client)
    assert f"account.deleted {ann.id}" in caplog.text
    assert await traces(client, ann) == set()
    assert await _keys(client, ann) == []
    assert [key async for key in store.list_prefix(settings.s3_bucket, f"videos/{own}/")] == []
    for upload_id in upload_ids:
        for folder in ("uploads", "tails"):
            assert [key async for key in store.list_prefix(settings.s3_raw_bucket, f"{folder}/{upload_id}/")] == []
    async with open_commands(settings.valkey_url) as commands:
        told = str(await commands.run([Command("", ("KEYS", "*"))]))
    assert str(ann.id) not in told
    await fold(client.app[POOL])
    left = (await ben.get(f"/videos/{of_ben}")).body
    assert left["counts"] == {"views": 1, "likes": 0, "comments": 0}


async def test_it_is_not_over_before_objects_are_gone_and_stragglers_had_their_time(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(client, ann)
    await leave(ann)
    await depart(client)
    due = "SELECT ceil(extract(epoch FROM run_at - now()))::integer FROM job WHERE kind = 'departure' AND subject_id = $1"
    assert await count(client, due, ann.id) in range(20, int(departures.GRACE_SECONDS) + 1)
    monkeypatch.setattr(departures, "GRACE_SECONDS", 0.0)
    await client.app[POOL].execute("UPDATE job SET run_at = now() WHERE kind = 'departure'")
    await depart(client)  # objects may still be there
    assert await count(client, "SELECT count(*) FROM departure WHERE account_id = $1", ann.id) == 1
    await client.app[POOL].execute("UPDATE object_removal SET due_at = now()")
    await removals.remove_due(client.app)
    await client.app[POOL].execute("UPDATE job SET run_at = now() WHERE kind = 'departure'")
    await depart(client)
    assert await traces(client, ann) == set()


async def test_what_comes_while_the_account_goes_is_found_by_the_next_look(
    client: Client, ann: Person, ben: Person, no_stragglers: None
) -> None:
    video_id = await published(client, ben)
    await leave(ann)
    await depart(client)
    # A transaction that had begun before, and is committed only now.
    async with connection(client.app[POOL]) as conn:
        await conn.execute(LATE_COMMENT, video_id, uuid4(), ann.id)
        await conn.execute("INSERT INTO following (account_id, author_id) VALUES ($1, $2)", ben.id, ann.id)
        await conn.execute("INSERT INTO follower (author_id, account_id) VALUES ($1, $2)", ann.id, ben.id)
    await removals.remove_due(client.app)
    await depart(client)
    assert await traces(client, ann) == set()


async def test_many_rows_go_in_batches(
    client: Client, ann: Person, ben: Person, no_stragglers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(departures, "VIDEOS_AT_ONCE", 2)
    own = [await published(client, ann) for _ in range(5)]
    of_ben = [await published(client, ben) for _ in range(7)]
    others = [await sign_up(client, "other") for _ in range(4)]
    to_ann, to_ben = ({"text": f"hi @{person.username}"} for person in (ann, ben))
    for other in others:
        await other.follow(ann)
        assert (await other.put(f"/videos/{own[0]}/like")).status == 204
        assert (await other.post(f"/videos/{own[0]}/comments", json=to_ann)).status == 201
    for video_id in of_ben:
        assert (await ann.put(f"/videos/{video_id}/like")).status == 204
        assert (await ann.post(f"/videos/{video_id}/comments", json=to_ben)).status == 201
        assert (await ann.post(f"/videos/{video_id}/views", json=VIEW)).status == 202
    await notification_jobs.tell(client.app[POOL])
    await leave(ann)
    await depart_wholly(client)
    assert await traces(client, ann) == set()
    for other in others:
        assert (await other.get("/me")).body["counts"]["following"] == 0


async def test_one_who_breaks_off_anywhere_is_followed_by_another(
    client: Client, ann: Person, ben: Person, no_stragglers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _live(client, ann, ben)
    await leave(ann)
    steps = departures.STEPS
    for last in range(len(steps)):

        async def killed(*_: object) -> int:
            raise asyncio.CancelledError

        monkeypatch.setattr(departures, "STEPS", (*steps[:last], killed))
        with pytest.raises(asyncio.CancelledError):
            await depart(client)
        await client.app[POOL].execute("UPDATE job SET leased_until = now() - interval '1 s' WHERE kind = 'departure'")
    monkeypatch.setattr(departures, "STEPS", steps)
    await depart_wholly(client)
    assert await traces(client, ann) == set()


async def test_who_lost_the_lease_finishes_nothing(client: Client, ann: Person, no_stragglers: None) -> None:
    await leave(ann)
    first = await leased(client)
    await client.app[POOL].execute("UPDATE job SET leased_until = now() - interval '1 s' WHERE kind = 'departure'")
    second = await leased(client)
    assert second.number == first.number + 1
    with pytest.raises(LeaseLost):
        await Departing(tools(client), first, Path()).run()
    assert await count(client, "SELECT count(*) FROM departure WHERE account_id = $1", ann.id) == 1


async def test_a_worker_that_transcodes_meanwhile_writes_nothing_more(client: Client, ann: Person, no_stragglers: None) -> None:
    video_id = await uploaded(client, ann)
    async with connection(client.app[POOL]) as conn:
        lease = await jobs.take(conn, {JOB}, "test")
    assert lease is not None
    assert lease.subject_id == video_id
    await leave(ann)
    with pytest.raises(LeaseLost):
        async with under_lease(tools(client), lease):
            pytest.fail("the account is gone")
    await depart(client)
    async with connection(client.app[POOL]) as conn:
        assert not await jobs.extend(conn, lease)


async def test_what_fails_again_and_again_is_tried_later(client: Client, ann: Person) -> None:
    await leave(ann)
    lease = await leased(client)
    await departures.fail(tools(client), lease, Failure("internal", "Every try broke off."), passing=True, mark="here")
    await departures.retry(client.app)
    state = "SELECT state FROM job WHERE kind = 'departure' AND subject_id = $1"
    async with connection(client.app[POOL]) as conn:
        assert await conn.fetchval(state, ann.id) == "failed"
        assert [event.event for event in await job_trace.events(conn, lease.id)][-1] == "failed"
        await conn.execute("UPDATE job SET ended_at = now() - interval '11 minutes' WHERE kind = 'departure'")
    await departures.retry(client.app)
    async with connection(client.app[POOL]) as conn:
        assert await conn.fetchval(state, ann.id) == "queued"
        assert await jobs.pending(conn, DEPARTURE_JOB, lease.subject_id)


async def test_what_fails_for_long_is_tried_each_hour_for_as_long_as_it_takes(client: Client, ann: Person) -> None:
    await leave(ann)
    pool, ended = client.app[POOL], "UPDATE job SET ended_at = now() - interval '61 minutes' WHERE kind = 'departure'"
    for _ in range(8):
        await departures.fail(tools(client), await leased(client), Failure("internal", "Every try broke off."))
        await pool.execute(ended)
        await departures.retry(client.app)
