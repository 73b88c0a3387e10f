"""Views over HTTP."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.kit.idempotency import HEADER
from server.kit.request import POOL
from server.plays import actions
from server.plays.windows import WINDOWS
from server.settings import Settings
from server.web import application
from storage.postgres import Pool
from tests.people import Client, Person, sign_up
from tests.server.plays.conftest import Views, watched
from tests.videos import Told, failed, published, uploaded


async def _until_viewed(nobody: Person, video_id: object, views: int) -> None:
    async with asyncio.timeout(60):
        while (await nobody.get(f"/videos/{video_id}")).body["counts"]["views"] != views:
            await asyncio.sleep(0.05)


async def test_a_view_is_on_the_card_soon(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    video_id = await published(client, ann)
    answer = await ben.post(f"/videos/{video_id}/views", json=watched())
    assert (answer.status, answer.body) == (202, b"")
    await _until_viewed(nobody, video_id, 1)


async def test_a_hundred_reports_of_one_account_in_an_hour_count_one(
    client: Client, ann: Person, ben: Person, views: Views, pool: Pool
) -> None:
    video_id = await published(client, ann)
    told = [watched(watched_ms=2000 + nth, completed=nth % 2 == 0, replays=1) for nth in range(100)]
    # All at once, the last would wait for 99 others at one row; on a busy machine for longer than requests may (503).
    for first in range(0, 100, 10):
        answers = await asyncio.gather(*(ben.post(f"/videos/{video_id}/views", json=body) for body in told[first : first + 10]))
        assert {answer.status for answer in answers} == {202}
    assert await views(video_id) == 1
    kept = await pool.fetchrow("SELECT * FROM play WHERE video_id = $1 AND account_id = $2", video_id, ben.id)
    assert kept is not None
    sums = sum(2000 + nth for nth in range(100))
    assert (kept["reports"], kept["watched_ms"], kept["completions"], kept["replays"]) == (100, sums, 50, 100)
    assert kept["first_seen_at"] <= kept["last_seen_at"]


async def test_a_report_that_comes_again_with_its_key_is_one(client: Client, ann: Person, ben: Person, pool: Pool) -> None:
    video_id, headers = await published(client, ann), {HEADER: "swipe-1"}
    for _ in range(3):
        answer = await ben.post(f"/videos/{video_id}/views", json=watched(), headers=headers)
        assert (answer.status, answer.body) == (202, b"")
    assert await pool.fetchval("SELECT reports FROM play WHERE video_id = $1 AND account_id = $2", video_id, ben.id) == 1
    other = await ben.post(f"/videos/{video_id}/views", json=watched(replays=7), headers=headers)
    assert other.code == "key_reused"


async def test_an_hour_later_it_counts_again(client: Client, ann: Person, ben: Person, views: Views, pool: Pool) -> None:
    video_id = await published(client, ann)
    for minutes, so_far in ((0, 1), (59, 1), (1, 2), (59, 2)):
        await pool.execute("UPDATE play SET counted_at = counted_at - make_interval(mins => $1)", minutes)
        await ben.post(f"/videos/{video_id}/views", json=watched())
        assert await views(video_id) == so_far


async def test_each_account_counts_for_itself(client: Client, ann: Person, ben: Person, views: Views) -> None:
    video_id, cat = await published(client, ann), await sign_up(client, "cat")
    for one in (ben, cat):
        await one.post(f"/videos/{video_id}/views", json=watched())
    assert await views(video_id) == 2


async def test_authors_do_not_count_at_their_own_videos(client: Client, ann: Person, views: Views, pool: Pool) -> None:
    video_id = await published(client, ann)
    assert (await ann.post(f"/videos/{video_id}/views", json=watched(source="profile"))).status == 202
    assert await views(video_id) == 0
    assert await pool.fetchval("SELECT source FROM play WHERE video_id = $1", video_id) == "profile"


@pytest.mark.parametrize(
    ("duration_ms", "watched_ms", "counted"),
    [(5000, 1999, 0), (5000, 2000, 1), (1001, 500, 0), (1001, 501, 1), (1000, 500, 1), (1000, 0, 0)],
)
async def test_two_seconds_or_half_of_it_are_a_view(
    client: Client, ann: Person, ben: Person, views: Views, pool: Pool, duration_ms: int, watched_ms: int, counted: int
) -> None:
    video_id = await published(client, ann)
    await pool.execute("UPDATE video SET duration_ms = $2 WHERE id = $1", video_id, duration_ms)
    await ben.post(f"/videos/{video_id}/views", json=watched(watched_ms=watched_ms))
    assert await views(video_id) == counted


async def test_a_glance_takes_no_view_away_from_who_stays(client: Client, ann: Person, ben: Person, views: Views) -> None:
    video_id = await published(client, ann)
    for watched_ms, counted in ((100, 0), (4000, 1), (100, 1)):
        await ben.post(f"/videos/{video_id}/views", json=watched(watched_ms=watched_ms))
        assert await views(video_id) == counted


async def test_what_is_hidden_looks_absent(client: Client, ann: Person, ben: Person) -> None:
    hidden = await published(client, ann, Told(visibility="private"))
    for_followers = await published(client, ann, Told(visibility="followers"))
    absent = "0199d2b4-0000-7000-8000-000000000000"
    answers = [await ben.post(f"/videos/{i}/views", json=watched()) for i in (hidden, for_followers, absent, "no-id")]
    assert {(answer.status, answer.code) for answer in answers} == {(404, "not_found")}
    assert len({str(answer.body) for answer in answers}) == 1
    await ben.follow(ann)
    assert (await ben.post(f"/videos/{for_followers}/views", json=watched())).status == 202


async def test_what_does_not_play_cannot_be_watched(client: Client, ann: Person, ben: Person) -> None:
    for video_id in (await uploaded(client, ann), await failed(client, ann)):
        answer = await ann.post(f"/videos/{video_id}/views", json=watched())
        assert (answer.status, answer.code) == (409, "not_playable")
        assert (await ben.post(f"/videos/{video_id}/views", json=watched())).status == 404


async def test_without_credentials_there_is_nobody_who_watched(client: Client, ann: Person, nobody: Person) -> None:
    for video_id in (await published(client, ann), "0199d2b4-0000-7000-8000-000000000000"):
        answer = await nobody.post(f"/videos/{video_id}/views", json=watched())
        assert (answer.status, answer.code) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (watched(watched_ms=-1), {"watched_ms"}),
        (watched(watched_ms=86_400_001, replays=1001), {"watched_ms", "replays"}),
        (watched(watched_ms=1.5), {"watched_ms"}),
        (watched(watched_ms=True), {"watched_ms"}),
        (watched(replays=-1), {"replays"}),
        (watched(completed=1), {"completed"}),
        (watched(source="latest"), {"source"}),
        (watched(more=1), {"more"}),
        ({}, {"watched_ms", "completed", "replays", "source"}),
    ],
)
async def test_what_is_wrong_is_named(client: Client, ann: Person, ben: Person, body: dict[str, Any], fields: set[str]) -> None:
    answer = await ben.post(f"/videos/{await published(client, ann)}/views", json=body)
    assert (answer.status, answer.code, answer.fields) == (422, "invalid", fields)


async def test_the_largest_report_is_taken(client: Client, ann: Person, ben: Person) -> None:
    most = watched(watched_ms=86_400_000, replays=1000, completed=True, source="link")
    assert (await ben.post(f"/videos/{await published(client, ann)}/views", json=most)).status == 202


async def test_whoever_reports_without_end_is_told_when_to_go_on(
    aiohttp_client: AiohttpClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_REPORTS", 3)
    there: Any = await aiohttp_client(application(replace(settings, rate_limits=True)))
    ann, ben, cat = await sign_up(there, "ann"), await sign_up(there, "ben"), await sign_up(there, "cat")
    video_id = await published(there, ann)
    answers = await asyncio.gather(*(ben.post(f"/videos/{video_id}/views", json=watched()) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [202, 202, 202, 429, 429]
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.code == "quota_exceeded"
    assert 1 <= int(refused.headers["Retry-After"]) <= actions.QUOTA_SECONDS
    assert (await cat.post(f"/videos/{video_id}/views", json=watched())).status == 202
    await there.app[POOL].execute("UPDATE play_quota SET since = since - interval '1 hour'")
    assert (await ben.post(f"/videos/{video_id}/views", json=watched())).status == 202


async def test_authors_see_how_their_video_is_watched(client: Client, ann: Person, ben: Person, views: Views, pool: Pool) -> None:
    video_id = await published(client, ann)
    await ben.post(f"/videos/{video_id}/views", json=watched())
    assert await views(video_id) == 1
    await pool.execute(
        "INSERT INTO play_day (video_id, day, views) SELECT $1, day - ago, ago FROM play_day, unnest($2::integer[]) AS ago"
        " WHERE video_id = $1",
        video_id,
        [7, 29, 30],
    )
    answer = await ann.get(f"/videos/{video_id}/stats")
    assert answer.status == 200
    assert answer.body["views"] == 1
    days = [day["views"] for day in answer.body["days"]]
    assert (len(days), days[-1], days[-8], days[0], sum(days)) == (30, 1, 7, 29, 37)
    assert [day["day"] for day in answer.body["days"]] == sorted(day["day"] for day in answer.body["days"])
    assert set(answer.body["windows"]) == {"m5", "m30", "h1", "d7", "d30"}


async def test_authors_see_how_long_their_video_holds_people(client: Client, ann: Person, ben: Person, pool: Pool) -> None:
    video_id, nobody_saw = await published(client, ann), await published(client, ann)
    await pool.execute("UPDATE video SET duration_ms = 10000 WHERE id = $1", video_id)
    seen = (await ann.get(f"/videos/{nobody_saw}/stats")).body
    assert (seen["watching"], seen["shares"]) == ({"viewers": 0, "average_ms": None, "through": []}, 0)
    assert seen["stored"]["state"] == "warm"
    assert seen["stored"]["bytes"] == await pool.fetchval("SELECT sum(bytes) FROM rendition WHERE video_id = $1", nobody_saw)

    cat, dan = await sign_up(client, "cat"), await sign_up(client, "dan")
    # One leaves within the first part, one after half of it. One sees all of it twice, and leaves at 2.5 s the next time.
    await ben.post(f"/videos/{video_id}/views", json=watched(watched_ms=100))
    await cat.post(f"/videos/{video_id}/views", json=watched(watched_ms=5000))
    await dan.post(f"/videos/{video_id}/views", json=watched(watched_ms=20_000, completed=True, replays=1))
    await dan.post(f"/videos/{video_id}/views", json=watched(watched_ms=2500))
    await ann.post(f"/videos/{video_id}/views", json=watched(watched_ms=10_000, completed=True))  # its author does not count
    await ben.post(f"/videos/{video_id}/shares")
    seen = (await ann.get(f"/videos/{video_id}/stats")).body
    thirds = [1, *[0.6667] * 5, *[0.5] * 5, *[0.1667] * 10]
    assert seen["watching"] == {"viewers": 3, "average_ms": round((100 + 5000 + 11_250) / 3), "through": thirds}
    assert seen["shares"] == 1
    await pool.execute("INSERT INTO video_tier (video_id, tier) VALUES ($1, 'restoring')", video_id)
    assert (await ann.get(f"/videos/{video_id}/stats")).body["stored"]["state"] == "restoring"


async def test_how_a_video_is_watched_is_its_authors_alone(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    shown, hidden = await published(client, ann), await published(client, ann, Told(visibility="private"))
    assert (await nobody.get(f"/videos/{shown}/stats")).code == "not_authenticated"
    assert (await ben.get(f"/videos/{shown}/stats")).code == "not_yours"
    answers = [await ben.get(f"/videos/{i}/stats") for i in (hidden, "0199d2b4-0000-7000-8000-000000000000", "no-id")]
    assert {(answer.status, answer.code) for answer in answers} == {(404, "not_found")}
    waits = await uploaded(client, ann)
    assert (await ann.get(f"/videos/{waits}/stats")).body["views"] == 0


async def test_a_view_is_in_all_windows_soon(client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pubsub.valkey.COMMAND_SECONDS", 10.0)  # a machine that stalls is no Valkey that is away
    async with asyncio.timeout(60):
        while await client.app[WINDOWS].covered_since() > datetime.now(UTC):  # it has just begun to count
            await asyncio.sleep(0.01)
        video_id = await published(client, ann)
        await ben.post(f"/videos/{video_id}/views", json=watched())
        while True:
            found = (await ann.get(f"/videos/{video_id}/stats")).body
            if found["windows"] == {"m5": 1, "m30": 1, "h1": 1, "d7": 1, "d30": 1}:
                break
            await asyncio.sleep(0.05)
    assert (found["views"], found["days"][-1]["views"]) == (1, 1)
